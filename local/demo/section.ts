/** A part of what the demonstration shows: the command that shows it again, and its output. */
export const section = (title: string, text: string): string => `${title}\n${text.replace(/^/gm, "  ")}\n`;
