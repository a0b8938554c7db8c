import type { TransactItem } from "./transact.ts";

/** Part of a transaction: the person's live generation still is `generation`. */
export const ledgerCheck = (table: string, tag: string, generation: number): TransactItem => ({
  ConditionCheck: {
    TableName: table,
    Key: { tag },
    ...(generation === 1
      ? { ConditionExpression: "attribute_not_exists(tag)" }
      : {
          ConditionExpression: "generation = :erased",
          ExpressionAttributeValues: { ":erased": generation - 1 },
        }),
  },
});
