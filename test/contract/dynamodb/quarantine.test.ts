import { QueryCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll } from "vitest";
import { createQuarantine } from "../../../functions/adapters/dynamodb/quarantine.ts";
import { systemClock } from "../../../functions/core/domain/clock.ts";
import { createFakeQuarantine } from "../../support/fakes/fake-quarantine.ts";
import { FakeTables } from "../../support/fakes/fake-tables.ts";
import { quarantineSuite } from "../suites/quarantine.ts";
import { openDynamo, putFence } from "./engine.ts";

const engine = await openDynamo();
afterAll(() => engine.engines.close());

quarantineSuite("in memory", async () => {
  const tables = new FakeTables(systemClock);
  const quarantine = createFakeQuarantine(tables);
  return {
    quarantine,
    held: async (userId) =>
      quarantine.entries
        .filter(({ user_id }) => user_id === userId)
        .map(({ source_id, code, field, detail, body }) => ({ source_id, code, field, detail, body })),
    async fence(tag, fence) {
      tables.fences.set(tag, fence);
    },
  };
});

quarantineSuite("DynamoDB", async () => ({
  quarantine: createQuarantine({
    client: engine.engines.documents,
    table: engine.table("quarantine"),
    ledgerTable: engine.table("erasure-ledger"),
    clock: systemClock,
  }),
  async held(userId) {
    const { Items: items = [] } = await engine.engines.documents.send(
      new QueryCommand({
        TableName: engine.table("quarantine"),
        KeyConditionExpression: "user_id = :user",
        ExpressionAttributeValues: { ":user": userId },
      }),
    );
    return items.map((item) => ({
      source_id: String(item["source_id"]),
      code: String(item["code"]),
      field: String(item["field"]),
      detail: String(item["detail"]),
      body:
        item["body_text"] === undefined
          ? { object: String(item["body_object"]), bytes: Number(item["body_bytes"]) }
          : { text: String(item["body_text"]) },
    }));
  },
  fence: (tag, fence) => putFence(engine, tag, fence),
}));
