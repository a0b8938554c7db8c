import type { LakeRow } from "../../../functions/core/domain/lake-row.ts";
import type { UserRow } from "../../../functions/core/domain/user-tables.ts";
import type { RandomAccessFile } from "../../../functions/core/ports/lake-row-files.ts";
import type {
  LakeFileContents,
  LakeRowRemoval,
  RemovedPerson,
} from "../../../functions/core/ports/lake-row-removal.ts";
import { fakeLakeRowFiles, rowsOfBytes } from "./fake-lake-row-files.ts";

/** Removes people from the files of `fakeLakeRowFiles`, each row a row group of its own. */
export function fakeRowRemoval<Row extends LakeRow | UserRow = LakeRow>(): LakeRowRemoval<Row> &
  LakeFileContents {
  const rowsOf = async (file: RandomAccessFile) => rowsOfBytes(new Uint8Array(await file.slice(0)));
  const fates = (people: readonly RemovedPerson[]) => {
    const upTo = new Map<string, number>();
    for (const { user_id, generation } of people) {
      upTo.set(user_id, Math.max(generation, upTo.get(user_id) ?? 0));
    }
    return (row: LakeRow): "goes" | "stays" | "other" => {
      const last = upTo.get(row.user_id);
      return last === undefined ? "other" : row.generation <= BigInt(last) ? "goes" : "stays";
    };
  };

  return {
    async *contents(file) {
      yield new Uint8Array(await file.slice(0));
    },

    async count(file, people) {
      const fateOf = fates(people);
      const found = new Map<string, { rows: number; staying: number }>();
      for (const row of await rowsOf(file)) {
        const fate = fateOf(row);
        if (fate === "other") continue;
        const person = found.get(row.user_id) ?? { rows: 0, staying: 0 };
        person[fate === "goes" ? "rows" : "staying"] += 1;
        found.set(row.user_id, person);
      }
      return found;
    },

    async remove(file, people, sink, onRemoved) {
      const fateOf = fates(people);
      const rows = await rowsOf(file);
      const left = rows.filter((row) => fateOf(row) !== "goes");
      const removed = new Map<string, number>();
      for (const row of rows.filter((each) => fateOf(each) === "goes")) {
        removed.set(row.user_id, (removed.get(row.user_id) ?? 0) + 1);
        onRemoved(row as unknown as Row);
      }
      await fakeLakeRowFiles.write(
        (async function* () {
          yield* left;
        })(),
        sink,
      );
      return {
        rows: left.length,
        removed,
        staying: new Set(rows.flatMap((row) => (fateOf(row) === "stays" ? [row.user_id] : []))),
        copied: left.length,
        encoded: 0,
        dropped: rows.length - left.length,
        copiedBytes: 0,
        encodedBytes: 0,
      };
    },
  };
}
