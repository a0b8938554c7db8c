import type { KeyChain } from "../../domain/key-chain.ts";
import type { UserRow, UserTable } from "../../domain/user-tables.ts";
import type { LakeDays } from "../../ports/lake-days.ts";
import type { LakeObjects, LakeVersions } from "../../ports/lake-objects.ts";
import type { LakePeople } from "../../ports/lake-people.ts";
import type { LakeFileContents, LakeRowRemoval } from "../../ports/lake-row-removal.ts";
import type { PersonObjects } from "../../ports/person-objects.ts";
import type { RequestNotes } from "../../ports/request-notes.ts";

/** What the stores of objects are wired to, for one request. */
export interface ObjectStoresDeps {
  /** `user-objects`: what it says, and entering again what a verification finds that it did not. */
  readonly people: PersonObjects;
  readonly index: Pick<LakePeople, "add">;
  readonly objects: LakeObjects;
  readonly versions: LakeVersions;
  readonly days: Pick<LakeDays, "fenceSequence" | "read" | "recordUpload" | "forgetUpload" | "record">;
  /** Removes people from files of the table `messages`. */
  readonly rows: LakeRowRemoval & LakeFileContents;
  /** The same for files of a table of people. */
  readonly userRows: (table: UserTable) => LakeRowRemoval<UserRow> & LakeFileContents;
  /** Training logs hold keyed hashes of ids. */
  readonly keys: Pick<KeyChain, "identity">;
  /** Object keys that the request has touched, whatever the index says later. */
  readonly notes: RequestNotes;
  /**
   * Longest life of a writer that may have read the ledger before a fence, ms: the drain. What was begun later than that
   * after the fence holds nothing of the person.
   */
  readonly writerLifeMs: number;
  /** @default a random UUID */
  readonly newId?: () => string;
  /** Waits before an object is tried again, ms. @default a timer */
  readonly sleep?: (milliseconds: number) => Promise<unknown>;
  /** Jitter, 0 to 1. @default Math.random */
  readonly random?: () => number;
}
