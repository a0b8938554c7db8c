/** What an entry's id is made of. */
export interface EntryPlace {
  /** ISO 8601, ms, UTC. */
  readonly first_received_at: string;
  readonly source_id: string;
}

const ID = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z)_([A-Za-z0-9-]{1,100})$/;

/** The name that people give an entry: when it came and the queue's id of it. Nothing personal. */
export const entryId = ({ first_received_at, source_id }: EntryPlace): string =>
  `${first_received_at}_${source_id}`;

/** Where the entry with this id lies; `undefined` for what is no such id. */
export function parseEntryId(id: string): EntryPlace | undefined {
  const [, first_received_at, source_id] = ID.exec(id) ?? [];
  return first_received_at === undefined || source_id === undefined
    ? undefined
    : { first_received_at, source_id };
}
