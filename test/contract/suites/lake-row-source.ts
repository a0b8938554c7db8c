import { beforeAll, describe, expect, it } from "vitest";
import { compareLakeKeys } from "../../../functions/core/domain/lake-order.ts";
import type { LakeRow } from "../../../functions/core/domain/lake-row.ts";
import { lakeRowOf } from "../../../functions/core/domain/lake-row-of.ts";
import { type StoredMessage, sortKeyOf } from "../../../functions/core/domain/message.ts";
import type { LakeRowSource, LakeRowTable } from "../../../functions/core/ports/lake-row-source.ts";
import { aStoredMessage } from "../../support/builders.ts";
import { drawPastDay } from "../../support/days.ts";
import { neighbours } from "./day-reader.ts";

/** Rows of days as the lake reads them, and a way to put one there. */
export interface OpenLakeRows {
  readonly source: LakeRowSource;
  readonly table: LakeRowTable;
  put(row: StoredMessage): Promise<void>;
}

/** What every source of the lake's rows holds to. */
export function lakeRowSourceSuite(name: string, open: () => Promise<OpenLakeRows>): void {
  describe(`LakeRowSource: ${name}`, () => {
    // A day nobody else writes to.
    const day = drawPastDay("lake-row-source");
    const { users, shard } = neighbours();
    const times = ["00:00:00.000", "12:00:00.000", "23:59:59.999"].map((time) => `${day}T${time}Z`);
    const rows = users.flatMap((user_id) =>
      times.map((timestamp, n) =>
        aStoredMessage({
          user_id,
          timestamp,
          message_id: `m${n}`,
          ...(n === 1 && { deleted: true, content: "", revision: 2 }),
          ...(n === 2 && { tool_calls: [{ tool: "t", args: { a: [1, null] } }], confidence_score: 1e-200 }),
        }),
      ),
    );
    const inOrder = rows.map(lakeRowOf).sort(compareLakeKeys);
    let held: OpenLakeRows;
    beforeAll(async () => {
      held = await open();
      for (const row of rows.toReversed()) await held.put(row);
    });

    const read = async (shards: readonly number[]): Promise<LakeRow[][]> =>
      Promise.all(
        held.source.streams(day, shards).map(async (stream) => {
          const found: LakeRow[] = [];
          for await (const page of stream) found.push(...page);
          return found;
        }),
      );

    it("gives one stream a shard, whole rows in the lake's order, deleted ones too", async () => {
      expect(await read([(shard + 1) % 16, shard])).toEqual([[], inOrder]);
      expect(await read([])).toEqual([]);
    });

    it("gives the keys of a shard in the same order", async () => {
      const keys: string[] = [];
      for await (const page of held.table.keys(day, shard)) {
        keys.push(...page.map(({ user_id, sort_key }) => JSON.stringify([user_id, sort_key])));
      }
      const wanted = inOrder.map(({ user_id, timestamp, message_id }) => {
        const sortKey = sortKeyOf({ timestamp: new Date(timestamp).toISOString(), message_id });
        return JSON.stringify([user_id, sortKey]);
      });
      expect(keys).toEqual(wanted);
    });

    it("gives the rows under keys, and leaves out what is not there", async () => {
      const keys = rows.map((row) => ({ user_id: row.user_id, sort_key: sortKeyOf(row) }));
      const found = await held.table.byKeys([...keys, { user_id: "web:nobody", sort_key: `${times[0]}#m0` }]);
      expect(found.map(lakeRowOf).sort(compareLakeKeys)).toEqual(inOrder);
    });
  });
}
