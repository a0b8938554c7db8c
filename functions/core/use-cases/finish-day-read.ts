import { createHash } from "node:crypto";
import { DAY_MS } from "../domain/day.ts";
import { LakeRowsHash } from "../domain/lake-hash.ts";
import { compareLakeKeys } from "../domain/lake-order.ts";
import type { LakeRow } from "../domain/lake-row.ts";
import { shardOf } from "../domain/shard.ts";
import type { LakePeople, LakePerson } from "../ports/lake-people.ts";
import type { RandomAccessFile } from "../ports/lake-row-files.ts";
import { PEOPLE_AT_ONCE } from "./index-users.ts";

const SLICE_BYTES = 4 * 1024 * 1024;

/** What an object holds, read from beginning to end. */
export interface ObjectReading {
  readonly rows: number;
  readonly contentHash: string;
  readonly people: number;
  /** Rows that do not come after the one before them. */
  readonly unordered: number;
  /** Rows of another day, or of a shard that belongs to another object. */
  readonly misplaced: number;
  /** People without an entry in the index of objects by person. */
  readonly unindexed: number;
}

/** Reads the rows of one object of a day, looking up its people a hundred at a time. */
export async function readObjectBack(
  rows: AsyncIterable<LakeRow>,
  place: { readonly day: string; readonly key: string; readonly shards: readonly number[] },
  people: Pick<LakePeople, "missing">,
): Promise<ObjectReading> {
  const hash = new LakeRowsHash();
  const shards = new Set(place.shards);
  const utcDay = Date.parse(`${place.day}T00:00:00.000Z`) / DAY_MS;
  const counts = { people: 0, unordered: 0, misplaced: 0, unindexed: 0 };
  let waiting: LakePerson[] = [];
  let last: LakeRow | undefined;
  const lookUp = async (): Promise<void> => {
    if (waiting.length > 0) counts.unindexed += await people.missing(place.key, waiting);
    waiting = [];
  };
  for await (const row of rows) {
    hash.add(row);
    if (last && compareLakeKeys(last, row) >= 0) counts.unordered += 1;
    if (Math.floor(row.timestamp / DAY_MS) !== utcDay) counts.misplaced += 1;
    if (row.user_id !== last?.user_id) {
      if (!shards.has(shardOf(row.user_id))) counts.misplaced += 1;
      counts.people += 1;
      if (waiting.length === PEOPLE_AT_ONCE) await lookUp();
      waiting.push({ user_id: row.user_id, generation: Number(row.generation) });
    }
    last = row;
  }
  await lookUp();
  return { rows: hash.rows, contentHash: hash.digest(), ...counts };
}

/** SHA-256 of a file's bytes, hexadecimal. */
export async function hashOfBytes(file: RandomAccessFile): Promise<string> {
  const hash = createHash("sha256");
  for (let start = 0; start < file.byteLength; start += SLICE_BYTES) {
    hash.update(new Uint8Array(await file.slice(start, Math.min(start + SLICE_BYTES, file.byteLength))));
  }
  return hash.digest("hex");
}
