import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { Fence } from "../../core/domain/fence.ts";
import type { ErasureLedger } from "../../core/ports/erasure-ledger.ts";
import { batchGet } from "./batch-get.ts";
import { fenceOf } from "./fence-item.ts";

/** Reads the table `erasure-ledger`. */
export function createErasureLedger(deps: {
  readonly client: DynamoDBDocumentClient;
  readonly table: string;
}): ErasureLedger {
  return {
    async fences(tags) {
      const keys = [...new Set(tags)].map((tag) => ({ table: deps.table, key: { tag } }));
      const found = await batchGet(deps.client, keys, { consistent: true });
      return new Map(
        found.map(({ item }): [string, Fence] => [String(item["tag"]), fenceOf(item, deps.table)]),
      );
    },
  };
}
