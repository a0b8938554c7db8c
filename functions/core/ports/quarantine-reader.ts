import type { EntryPlace } from "../contracts/quarantine-id.ts";
import type { QuarantineEntry } from "./quarantine.ts";

/** What a list shows of an entry. */
export type QuarantineSummary = EntryPlace & Pick<QuarantineEntry, "user_id" | "code" | "field">;

/** Looks into quarantine. Entries just kept may lack in `ofDay` for a moment. */
export interface QuarantineReader {
  /** Entries that first came on a UTC day (`YYYY-MM-DD`), newest first, read as far as they are asked for. */
  ofDay(day: string): AsyncIterable<QuarantineSummary>;

  /** Entries of one person, newest first, read as far as they are asked for. */
  ofUser(userId: string): AsyncIterable<QuarantineSummary>;

  /** The whole entry; `undefined` where there is none, or it expired. */
  get(place: EntryPlace): Promise<QuarantineEntry | undefined>;

  /** Takes an entry away; one that is gone already is no error. */
  remove(entry: Pick<QuarantineEntry, "user_id" | keyof EntryPlace>): Promise<void>;
}
