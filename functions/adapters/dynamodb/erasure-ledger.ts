import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { Fence } from "../../core/domain/fence.ts";
import { assertComplete } from "../../core/domain/tag-range.ts";
import type { ErasureLedger } from "../../core/ports/erasure-ledger.ts";
import { batchGet } from "./batch-get.ts";
import { fenceOf } from "./fence-item.ts";
import { FENCE_SEQUENCE, tagRangeOf } from "./fence-sequence.ts";

/** Reads the table `erasure-ledger`. */
export function createErasureLedger(deps: {
  readonly client: DynamoDBDocumentClient;
  readonly table: string;
}): ErasureLedger {
  const { client, table } = deps;
  return {
    async fences(tags) {
      const asked = new Set(tags);
      if (asked.size === 0) return new Map();
      const keys = [FENCE_SEQUENCE, ...[...asked].map((tag) => ({ tag }))].map((key) => ({ table, key }));
      const found = await batchGet(client, keys, { consistent: true });
      const isRange = ({ tag }: Readonly<Record<string, unknown>>): boolean => tag === FENCE_SEQUENCE.tag;
      assertComplete(asked, tagRangeOf(found.find(({ item }) => isRange(item))?.item));
      return new Map(
        found
          .filter(({ item }) => !isRange(item))
          .map(({ item }): [string, Fence] => [String(item["tag"]), fenceOf(item, table)]),
      );
    },
  };
}
