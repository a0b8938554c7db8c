import { compareKeys } from "../../../functions/core/domain/key-order.ts";
import { type StoredMessage, sortKeyOf } from "../../../functions/core/domain/message.ts";
import { shardOf } from "../../../functions/core/domain/shard.ts";
import type { DayReader } from "../../../functions/core/ports/day-reader.ts";
import type { FakeTables } from "./fake-tables.ts";

/** Reads the days of `tables`. */
export function createFakeDayReader(tables: Pick<FakeTables, "everyRow">): DayReader {
  const read = (day: string, isWanted: (row: StoredMessage) => boolean) =>
    tables
      .everyRow()
      .filter((row) => row.timestamp.startsWith(day) && isWanted(row))
      .map((row) => ({
        user_id: row.user_id,
        sort_key: sortKeyOf(row),
        generation: row.generation,
        revision: row.revision,
      }))
      .sort(compareKeys);
  return {
    async *rows(day, shard) {
      yield* read(day, (row) => shardOf(row.user_id) === shard);
    },
    async *rowsOf(day, userId) {
      yield* read(day, (row) => row.user_id === userId);
    },
  };
}
