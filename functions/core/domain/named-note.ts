/** How a request notes something that an object's key alone does not name: its kind, then two ids. */
export const namedNote = (kind: string) => {
  const prefix = `${kind}:`;
  return {
    write: (first: string, second: string): string => `${prefix}${JSON.stringify([first, second])}`,
    /** Those of this kind. */
    read: (notes: readonly string[]): [first: string, second: string][] =>
      notes.flatMap((note) => (note.startsWith(prefix) ? [JSON.parse(note.slice(prefix.length))] : [])),
  };
};
