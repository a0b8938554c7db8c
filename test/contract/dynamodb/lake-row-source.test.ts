import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll } from "vitest";
import { createDayRowSource, createDayRowTable } from "../../../functions/adapters/dynamodb/day-rows.ts";
import { rowItem } from "../../../functions/adapters/dynamodb/row-item.ts";
import { FakeLakeRows } from "../../support/fakes/fake-lake-rows.ts";
import { lakeRowSourceSuite } from "../suites/lake-row-source.ts";
import { openDynamo } from "./engine.ts";

const engine = await openDynamo();
afterAll(() => engine.engines.close());

lakeRowSourceSuite("in memory", async () => {
  const rows = new FakeLakeRows();
  return { source: rows, table: rows, put: async (row) => rows.put(row) };
});

lakeRowSourceSuite("DynamoDB", async () => {
  const client = engine.engines.documents;
  const table = engine.table("conversation-contexts");
  return {
    source: createDayRowSource({ client, table }),
    table: createDayRowTable({ client, table }),
    async put(row) {
      await client.send(new PutCommand({ TableName: table, Item: rowItem(row, new Date()) }));
    },
  };
});
