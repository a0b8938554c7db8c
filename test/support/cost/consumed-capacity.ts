import { z } from "zod";

const units = z.looseObject({
  CapacityUnits: z.number().default(0),
  ReadCapacityUnits: z.number().optional(),
  WriteCapacityUnits: z.number().optional(),
});
const capacity = units.extend({
  TableName: z.string(),
  Table: units.optional(),
  GlobalSecondaryIndexes: z.record(z.string(), units).default({}),
});
const response = z.looseObject({
  ConsumedCapacity: z.union([z.array(capacity), capacity.transform((one) => [one])]).default([]),
});

/** Units that one request took of a table, or of `<table>/<index>`. */
export interface TakenUnits {
  readonly of: string;
  readonly write: number;
  readonly read: number;
}

/** Actions of DynamoDB that write; all others read. */
const WRITES = new Set(["PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"]);

/** Has a request to DynamoDB say what it takes, by index. */
export function withConsumedCapacity(body: string): string {
  return JSON.stringify({ ...(JSON.parse(body) as object), ReturnConsumedCapacity: "INDEXES" });
}

/**
 * Reads from an answer of DynamoDB what its request took. The table's own units are what the answer says of the table,
 * else the whole without the indexes.
 */
export function takenUnits(action: string, body: string): TakenUnits[] {
  const isWrite = WRITES.has(action);
  const taken = (of: string, amount: number): TakenUnits =>
    isWrite ? { of, write: amount, read: 0 } : { of, write: 0, read: amount };
  return response.parse(JSON.parse(body)).ConsumedCapacity.flatMap((entry) => {
    const indexes = Object.entries(entry.GlobalSecondaryIndexes).map(([index, { CapacityUnits: amount }]) =>
      taken(`${entry.TableName}/${index}`, amount),
    );
    const ofIndexes = indexes.reduce((sum, { write, read }) => sum + write + read, 0);
    const own = entry.Table?.CapacityUnits ?? entry.CapacityUnits - ofIndexes;
    return [taken(entry.TableName, own), ...indexes];
  });
}
