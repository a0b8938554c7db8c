/** The header of a conversation; its messages are rows of their own. */
export interface Conversation {
  readonly conversation_id: string;
  readonly user_id: string;
  /** First line of the person's earliest message with text, at most 80 characters; empty once that is deleted. */
  readonly title: string;
  /** Sort key of the message that gives the title. */
  readonly title_from?: string;
  /** Time of the earliest message. ISO 8601, ms, UTC. */
  readonly created_at: string;
  /** Time of the newest message. ISO 8601, ms, UTC. */
  readonly updated_at: string;
  readonly message_count: number;
  readonly channel: string;
  readonly bot_id: string;
  readonly generation: number;
  /** Grows with every write. */
  readonly version: number;
}

const MAX_TITLE_LENGTH = 80;

/** Title that a text gives: its first line that is not blank, cut to 80 characters (code points). */
export function titleOf(text: string): string {
  const line = text.split(/\r\n|[\n\r\u2028\u2029]/).find((candidate) => candidate.trim() !== "") ?? "";
  return [...line.trim()].slice(0, MAX_TITLE_LENGTH).join("");
}
