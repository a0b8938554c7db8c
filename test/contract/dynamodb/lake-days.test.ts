import { DeleteCommand, GetCommand, QueryCommand, TransactWriteCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, describe, expect, it } from "vitest";
import { createDayMarks } from "../../../functions/adapters/dynamodb/day-marks.ts";
import { fenceSequenceRaise } from "../../../functions/adapters/dynamodb/fence-sequence.ts";
import { createLakeDays } from "../../../functions/adapters/dynamodb/lake-days.ts";
import { createLakePeople } from "../../../functions/adapters/dynamodb/lake-people.ts";
import { systemClock } from "../../../functions/core/domain/clock.ts";
import { FakeLakeDays } from "../../support/fakes/fake-lake-days.ts";
import { FakeLakePeople } from "../../support/fakes/fake-lake-people.ts";
import { lakeDaysSuite } from "../suites/lake-days.ts";
import { lakePeopleSuite } from "../suites/lake-people.ts";
import { openDynamo } from "./engine.ts";
import { cancelled, faultyClient, namedError } from "./faults.ts";

const engine = await openDynamo();
const client = engine.engines.documents;
const tables = { days: engine.table("lake-days"), ledger: engine.table("erasure-ledger") };
const objects = engine.table("user-objects");
const clock = systemClock;

/** Days of a year that no other test writes to; other tests ask for dirty days, so nothing of them may stay. */
const used: string[] = [];
function newDay(): string {
  const start = Date.parse("2021-01-01T00:00:00.000Z");
  const day = new Date(start + used.length * 86_400_000).toISOString().slice(0, 10);
  used.push(day);
  return day;
}

async function removeDay(day: string): Promise<void> {
  const { Items: items = [] } = await client.send(
    new QueryCommand({
      TableName: tables.days,
      KeyConditionExpression: "#day = :day",
      ExpressionAttributeNames: { "#day": "day" },
      ExpressionAttributeValues: { ":day": day },
    }),
  );
  for (const { shard } of items) {
    await client.send(new DeleteCommand({ TableName: tables.days, Key: { day, shard } }));
  }
}

afterAll(async () => {
  for (const day of used) await removeDay(day);
  await engine.engines.close();
});

lakeDaysSuite("in memory", async () => {
  const days = new FakeLakeDays(clock);
  let count = 0;
  return {
    days,
    marks: days,
    raiseFence: async () => days.raiseFence(),
    newDay: () => `2026-11-${++count}`,
  };
});

lakeDaysSuite("DynamoDB", async () => ({
  days: createLakeDays({ client, tables, clock }),
  marks: createDayMarks({ client, table: tables.days, clock }),
  async raiseFence() {
    await client.send(new TransactWriteCommand({ TransactItems: [fenceSequenceRaise(tables.ledger)] }));
  },
  newDay,
}));

lakePeopleSuite("in memory", async () => {
  const people = new FakeLakePeople();
  return { people, generationOf: async (key, userId) => people.generationOf(key, userId) };
});

lakePeopleSuite("DynamoDB", async () => ({
  people: createLakePeople({ client, table: objects, clock }),
  async generationOf(key, user_id) {
    const { Item: item } = await client.send(
      new GetCommand({ TableName: objects, Key: { user_id, object: key }, ConsistentRead: true }),
    );
    return item && Number(item["generation"]);
  },
}));

describe("LakeDays on DynamoDB when calls fail", () => {
  const upload = { uploadId: "u", key: "k" };

  it("records an upload once, though the answer was lost or the transaction was in conflict", async () => {
    for (const fault of [
      { command: "TransactWriteItemsCommand", moment: "after", error: namedError("TimeoutError") },
      { command: "TransactWriteItemsCommand", moment: "before", error: cancelled("TransactionConflict") },
    ] as const) {
      const faulty = faultyClient(engine.engines, [fault]);
      const days = createLakeDays({ client: faulty.client, tables, clock, random: () => 0 });
      const day = newDay();
      const fenceSequence = await days.fenceSequence();
      expect(await days.recordUpload({ day, item: "object-0", upload, fenceSequence })).toBe("recorded");
      expect((await days.read(day)).items.get("object-0")?.upload).toEqual(upload);
    }
  });

  it("says that throttling lasted, and of which table", async () => {
    const error = cancelled("ThrottlingError");
    const faults = Array.from({ length: 6 }, () => ({
      command: "TransactWriteItemsCommand",
      moment: "before" as const,
      error,
    }));
    const { client: throttled } = faultyClient(engine.engines, faults);
    const days = createLakeDays({ client: throttled, tables, clock, random: () => 0 });
    await expect(
      days.recordUpload({ day: newDay(), item: "object-0", upload, fenceSequence: 0 }),
    ).rejects.toMatchObject({ name: "TransientError", message: expect.stringContaining(tables.days) });
  });

  it("enters each person once when a transaction's answer is lost", async () => {
    const { client: faulty } = faultyClient(engine.engines, [
      { command: "TransactWriteItemsCommand", moment: "after", error: namedError("TimeoutError") },
    ]);
    const people = createLakePeople({ client: faulty, table: objects, clock, random: () => 0 });
    const key = `conversations/test/${newDay()}`;
    const entries = [{ user_id: `web:lost-answer-${Date.now()}`, generation: 1 }];
    await people.add(key, entries);
    expect(await people.missing(key, entries)).toBe(0);
  });
});
