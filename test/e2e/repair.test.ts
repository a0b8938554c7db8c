import { setTimeout as sleep } from "node:timers/promises";
import { DescribeExecutionCommand, StartExecutionCommand } from "@aws-sdk/client-sfn";
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createMessageIndex } from "../../functions/adapters/opensearch/message-index.ts";
import { createRedisClient, type RedisClient } from "../../functions/adapters/redis/client.ts";
import { createContextCache } from "../../functions/adapters/redis/context-cache.ts";
import type { ShardReport } from "../../functions/core/contracts/repair-day.ts";
import { systemClock } from "../../functions/core/domain/clock.ts";
import { DAY_MS } from "../../functions/core/domain/day.ts";
import { type StoredMessage, sortKeyOf } from "../../functions/core/domain/message.ts";
import { aStoredMessage } from "../support/builders.ts";
import { drawEmptyDays } from "../support/days.ts";
import { hilo, hiloJson } from "../support/hilo.ts";
import { ago, anEvent, Pipeline, somebody } from "../support/pipeline.ts";

let pipeline: Pipeline;
let redis: RedisClient;
beforeAll(async () => {
  pipeline = await Pipeline.open();
  redis = createRedisClient({ url: pipeline.stage.endpoints.redis });
});
afterAll(async () => {
  redis.close();
  await pipeline.close();
});

/** Messages m0, m1, … of a day, which came long enough ago that none is under way. */
const talk = (day: string, user: string, count: number) =>
  Array.from({ length: count }, (_, n) =>
    anEvent(user, `m${n}`, { timestamp: `${day}T10:00:0${n}.000Z`, first_received_at: ago(600) }),
  );

/** Fills a person's context and changes one of its messages behind the product's back. */
async function tamperContext(user: string, row: StoredMessage | undefined): Promise<void> {
  if (!row) throw new Error("no row");
  await pipeline.contextOf(user);
  const revision = row.revision + 7;
  const cache = createContextCache({ redis, clock: systemClock });
  await cache.apply([{ tag: pipeline.keys.tag(user), row: { ...row, content: "nunca dicho", revision } }]);
  expect(JSON.stringify(await pipeline.contextOf(user))).toContain("nunca dicho");
}

/** Raises a row's revision as an edit whose repair was lost does. */
async function raise(row: StoredMessage | undefined): Promise<void> {
  if (!row) throw new Error("no row");
  const items = await pipeline.itemsOf("conversation-contexts", row.user_id);
  const item = items.find((one) => one["timestamp"] === sortKeyOf(row));
  await pipeline.stage.documents.send(
    new PutCommand({
      TableName: pipeline.stage.outputs.tables["conversation-contexts"],
      Item: { ...item, content: "corregido", revision: row.revision + 1 },
    }),
  );
}

const idsAndTexts = (items: readonly { readonly message_id?: unknown; readonly content?: unknown }[]) =>
  items.map(({ message_id, content }) => [message_id, content]);

type Count = "rows" | "documents" | "missing" | "older" | "newer" | "orphaned" | "mended" | "remaining";
const sumsOf = (reports: readonly ShardReport[], ...columns: Count[]): number[] =>
  columns.map((column) => reports.reduce((sum, report) => sum + report[column], 0));

describe("hilo repair", () => {
  it("mends what is missing, older, orphaned or stale in the cache; a second look finds nothing", async () => {
    const [day = ""] = await drawEmptyDays(pipeline, 1);
    const user = somebody();
    const [lost, ...others] = talk(day, user, 4);
    await pipeline.deliver(others);
    await pipeline.storeOnly([lost]);
    const rows = await pipeline.messagesOf(user);
    const orphan = aStoredMessage({ user_id: somebody(), timestamp: `${day}T11:00:00.000Z` });
    await createMessageIndex(pipeline.stage.openSearch).index([{ ...orphan, first_received_at: ago(600) }]);
    await tamperContext(user, rows[3]);
    await raise(rows[2]);

    const reports = await hiloJson<ShardReport[]>("repair", "--day", day);
    expect(reports.map(({ shard }) => shard)).toEqual(Array.from({ length: 16 }, (_, shard) => shard));
    expect(sumsOf(reports, "rows", "documents")).toEqual([4, 4]);
    expect(sumsOf(reports, "missing", "older", "orphaned")).toEqual([1, 1, 1]);
    expect(sumsOf(reports, "mended", "remaining")).toEqual([3, 0]);
    expect(reports.flatMap(({ cache }) => (cache?.contexts ? [cache] : []))).toEqual([
      { contexts: 1, stale: 1 },
    ]);

    await pipeline.stage.openSearch.indices.refresh({ index: "conversations" });
    const said = idsAndTexts(await pipeline.messagesOf(user));
    expect(said[2]).toEqual(["m2", "corregido"]);
    expect(idsAndTexts(await pipeline.documentsOf(user))).toEqual(said);
    expect(await pipeline.documentsOf(orphan.user_id)).toEqual([]);
    expect(idsAndTexts((await pipeline.contextOf(user)).messages.toReversed())).toEqual(said);

    const again = await hilo("repair", "--day", day);
    expect([again.code, again.output]).toEqual([
      0,
      expect.stringMatching(/all +4 +4 +0 +0 +0 +0 +0 +0 +0\n.*: 1 cached contexts compared, 0 stale/),
    ]);
  });

  it("ends with 1 where a difference remains, and names no person", async () => {
    const [day = ""] = await drawEmptyDays(pipeline, 1);
    const user = somebody();
    await pipeline.deliver(talk(day, user, 1));
    const [row] = await pipeline.messagesOf(user);
    if (!row) throw new Error("no row");
    await createMessageIndex(pipeline.stage.openSearch).index([{ ...row, revision: 50 }]);
    const run = await hilo("repair", "--day", day);
    expect([run.code, run.errors]).toEqual([1, ""]);
    expect(run.output).not.toContain(user);
  });

  it("takes days of the calendar only", async () => {
    const run = await hilo("repair", "--day", "2026-02-30");
    expect(run.code).toBe(2);
    expect(run.errors).toContain("calendar");
  });
});

it("every night the machine compares all shards of its days and mends them", async () => {
  const [day = ""] = await drawEmptyDays(pipeline, 1);
  const user = somebody();
  await pipeline.storeOnly(talk(day, user, 2));
  const { stepFunctions, outputs } = pipeline.stage;
  const { executionArn } = await stepFunctions.send(
    new StartExecutionCommand({
      stateMachineArn: outputs.stateMachines["repair-days"],
      input: JSON.stringify({ daysAgo: [Math.floor((Date.now() - Date.parse(day)) / DAY_MS)] }),
    }),
  );
  let run = await stepFunctions.send(new DescribeExecutionCommand({ executionArn }));
  for (; run.status === "RUNNING"; await sleep(300)) {
    run = await stepFunctions.send(new DescribeExecutionCommand({ executionArn }));
  }
  expect(run.status).toBe("SUCCEEDED");
  const [reports = []] = JSON.parse(run.output ?? "[]") as ShardReport[][];
  expect(reports.map(({ shard }) => shard)).toEqual(Array.from({ length: 16 }, (_, shard) => shard));
  expect(reports.every((report) => report.day === day)).toBe(true);
  expect(sumsOf(reports, "missing", "mended", "remaining")).toEqual([2, 2, 0]);
  expect(run.output).not.toContain(user);
  await pipeline.stage.openSearch.indices.refresh({ index: "conversations" });
  expect(await pipeline.documentsOf(user)).toHaveLength(2);
});

it("hilo replay makes one person's documents and context anew, and again changes nothing", async () => {
  const [day = ""] = await drawEmptyDays(pipeline, 1);
  const [user, other] = [somebody(), somebody()];
  await pipeline.storeOnly([...talk(day, user, 3), ...talk(day, other, 1)]);
  await tamperContext(user, (await pipeline.messagesOf(user))[1]);
  const replay = () => hiloJson<unknown>("replay", "--from", day, "--to", day, "--user", user);
  expect(await replay()).toEqual([{ day, rows: 3, people: 1 }]);
  await pipeline.drained();
  const documents = await pipeline.documentsOf(user);
  expect(idsAndTexts(documents)).toEqual(idsAndTexts(await pipeline.messagesOf(user)));
  expect(await pipeline.documentsOf(other)).toEqual([]);
  expect(JSON.stringify(await pipeline.contextOf(user))).not.toContain("nunca dicho");
  await replay();
  await pipeline.drained();
  expect(await pipeline.documentsOf(user)).toEqual(documents);
});
