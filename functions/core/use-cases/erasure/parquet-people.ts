import { createHash } from "node:crypto";
import { DAY_MS } from "../../domain/day.ts";
import { LakeRowsHash } from "../../domain/lake-hash.ts";
import type { LakeValue } from "../../domain/lake-row.ts";
import type { LakeSchema } from "../../domain/lake-schema.ts";
import type { LakeFileContents, LakeRowRemoval } from "../../ports/lake-row-removal.ts";
import { IdSearch } from "./id-search.ts";
import type { PeopleFiles } from "./people-files.ts";

/** Any table's row. */
type Row = Readonly<Record<string, LakeValue>>;

/** Files of messages: what is recorded of them is the hash of their rows. */
export const messageFiles = (
  schema: LakeSchema,
  removal: LakeRowRemoval & LakeFileContents,
): PeopleFiles => ({
  ...readable(schema, removal),
  async remove(file, people, sink, recorded) {
    const hash = recorded && LakeRowsHash.of(recorded.contentHash, recorded.rows);
    const result = await removal.remove(file, people, sink, (row) => hash?.remove(row));
    return { ...result, contentHash: hash?.rows === result.rows ? hash.digest() : undefined };
  },
});

/** Files of a table of people: what is recorded of them is the hash of their bytes. */
export const userFiles = <R extends Row>(
  schema: LakeSchema,
  removal: LakeRowRemoval<R> & LakeFileContents,
): PeopleFiles => ({
  ...readable(schema, removal),
  async remove(file, people, sink) {
    const hash = createHash("sha256");
    const result = await removal.remove(
      file,
      people,
      (chunk) => {
        hash.update(chunk);
        return sink(chunk);
      },
      () => undefined,
    );
    return { ...result, contentHash: hash.digest("hex") };
  },
});

const readable = <R extends Row>(
  schema: LakeSchema,
  removal: LakeRowRemoval<R> & LakeFileContents,
): Omit<PeopleFiles, "remove"> => ({
  count: (file, people, parts) => removal.count(file, people, parts),

  async rowsOf(file, userId) {
    const rows: unknown[] = [];
    const everything = [{ user_id: userId, generation: Number.MAX_SAFE_INTEGER }];
    // Decodes the groups that hold the person, and no others.
    await removal.remove(
      file,
      everything,
      async () => undefined,
      (row) => rows.push(jsonOf(schema, row)),
    );
    return rows;
  },

  async idsIn(file, ids) {
    const search = new IdSearch(ids);
    // Without what is in other columns: somebody else may well have written this id to the bot.
    for await (const block of removal.contents(file, ["user_id"])) search.add(block);
    return search.found;
  },
});

/** A row as a person reads it: times in ISO 8601; integers beyond 2^53 as texts. */
function jsonOf({ columns }: LakeSchema, row: Row): Readonly<Record<string, unknown>> {
  const entries = columns.flatMap(({ name, type }): [string, unknown][] => {
    const value = row[name] ?? null;
    if (value === null) return [];
    if (type === "timestamp") return [[name, new Date(Number(value)).toISOString()]];
    if (type === "date") return [[name, new Date(Number(value) * DAY_MS).toISOString().slice(0, 10)]];
    if (typeof value !== "bigint") return [[name, value]];
    return [[name, Number.isSafeInteger(Number(value)) ? Number(value) : String(value)]];
  });
  return Object.fromEntries(entries);
}
