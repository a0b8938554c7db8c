import type { RequestNotes } from "../../ports/request-notes.ts";

/** Notes what is not noted yet: a request that is resumed touches the same again. */
export async function noteNew(wanted: readonly string[], notes: RequestNotes): Promise<void> {
  if (wanted.length === 0) return;
  const known = new Set(await notes.all());
  const unknown = wanted.filter((note) => !known.has(note));
  if (unknown.length > 0) await notes.add(unknown);
}

/** Notes for work that ends with the process. */
export function memoryNotes(): RequestNotes {
  const notes = new Set<string>();
  return {
    add: async (more) => {
      for (const note of more) notes.add(note);
    },
    all: async () => [...notes].sort(),
  };
}
