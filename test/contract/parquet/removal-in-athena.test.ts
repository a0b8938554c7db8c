import { afterAll, beforeAll, expect, it } from "vitest";
import { createMessageRowRemoval } from "../../../functions/adapters/parquet/row-removal.ts";
import type { TypedParameter } from "../../../functions/core/domain/athena-literal.ts";
import { MESSAGES } from "../../../functions/core/domain/lake-schema.ts";
import { type LakeScene, openLakeScene } from "../athena/lake-scene.ts";
import { indexedFile } from "./indexed-file.ts";
import { expectedOf, inSmallGroups, removalScene, remove } from "./removal-scenes.ts";

/** Columns whose values tell rows apart, and of each kind of encoding. */
const COLUMNS = ["message_id", "content", "session_id", "generation", "intent", "tokens_used"];
const DAY: TypedParameter[] = [2026, 11, 20].map((value) => ({ type: "bigint", value }));

let scene: LakeScene;
beforeAll(async () => {
  scene = await openLakeScene("removal");
});
afterAll(() => scene.close());

it.each([
  ["copied_groups", 6, inSmallGroups],
  ["page_indexes", 25, (rows, each) => indexedFile(MESSAGES, rows, each)],
  ["no_rows", 5, inSmallGroups],
] as [string, number, typeof inSmallGroups][])(
  "Athena finds who is left, by person: %s",
  async (table, seed, write) => {
    const { rows, people, groupRows } = removalScene(seed);
    const { left, gone } = expectedOf({ rows, people });
    const { file } = await remove(createMessageRowRemoval(), await write(rows, groupRows), people);
    await scene.createTable(table);
    await scene.put(table, "2026-11-20", file.bytes);
    const from = `SELECT ${COLUMNS.join(", ")} FROM ${table} WHERE year = ? AND month = ? AND day = ?`;
    const found = async (sql: string, ...more: TypedParameter[]) =>
      (await scene.runner.run(`${sql} ORDER BY message_id`, [...DAY, ...more])).rows;
    const expected = (of: typeof left) =>
      of
        .map((row) => Object.fromEntries(COLUMNS.map((name) => [name, row[name] ?? null])))
        .sort((a, b) => (String(a["message_id"]) < String(b["message_id"]) ? -1 : 1));
    expect(await found(from)).toEqual(expected(left));
    // Each alone, so that bounds, page indexes and Bloom filters decide what is read.
    const users = [...new Set([...gone, ...rows].map(({ user_id }) => user_id))].slice(0, 8);
    const byPerson = await Promise.all(
      users.map((value) => found(`${from} AND user_id = ?`, { type: "string", value })),
    );
    expect(byPerson).toEqual(users.map((user) => expected(left.filter(({ user_id }) => user_id === user))));
  },
);
