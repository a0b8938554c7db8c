import { DescribeTableCommand, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { z } from "zod";
import type { TakenUnits } from "./consumed-capacity.ts";
import { itemBytes } from "./item-size.ts";

const WRITE_UNIT_BYTES = 1_024;

const request = z.looseObject({ Statements: z.array(z.looseObject({ Statement: z.string() })) });
const response = z.looseObject({
  Responses: z.array(
    z.looseObject({ TableName: z.string().optional(), Item: z.record(z.string(), z.unknown()).optional() }),
  ),
});

/** Indexes that hold all attributes, by table: these change whenever an item does. */
export async function fullIndexes(
  client: DynamoDBClient,
  tables: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const described = tables.map(async (TableName): Promise<[string, string[]]> => {
    const { Table: table } = await client.send(new DescribeTableCommand({ TableName }));
    const full = (table?.GlobalSecondaryIndexes ?? []).filter(
      ({ Projection: projection }) => projection?.ProjectionType === "ALL",
    );
    return [TableName, full.flatMap(({ IndexName: name }) => name ?? [])];
  });
  return new Map(await Promise.all(described));
}

/** Has every UPDATE of a BatchExecuteStatement answer with the item as it then is. */
export function withUpdatedItems(body: string): string {
  const parsed = request.parse(JSON.parse(body));
  return JSON.stringify({
    ...parsed,
    Statements: parsed.Statements.map((one) =>
      one.Statement.startsWith("UPDATE ")
        ? { ...one, Statement: `${one.Statement} RETURNING ALL NEW *` }
        : one,
    ),
  });
}

/**
 * Write units of a BatchExecuteStatement of updates, each of which the emulator counts as one: the item's size in parts of
 * 1 KB, for the table and for each index that holds it whole. Keys do not change.
 */
export function statementUnits(
  answer: string,
  indexes: ReadonlyMap<string, readonly string[]>,
): TakenUnits[] {
  return response.parse(JSON.parse(answer)).Responses.flatMap(({ TableName: table, Item: item }) => {
    if (table === undefined || item === undefined) return [];
    const write = Math.ceil(itemBytes(item) / WRITE_UNIT_BYTES);
    const places = [table, ...(indexes.get(table) ?? []).map((index) => `${table}/${index}`)];
    return places.map((of) => ({ of, write, read: 0 }));
  });
}
