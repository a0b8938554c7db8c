import { InvokeCommand, type LambdaClient } from "@aws-sdk/client-lambda";
import {
  type AccessCacheInput,
  type AccessCacheOutput,
  MAX_CACHED_PEOPLE,
} from "../../core/contracts/access-cache.ts";
import { inGroups } from "../../core/domain/batches.ts";
import type { ErasureTarget, StoreCounts } from "../../core/domain/erasure.ts";
import { TransientError } from "../../core/domain/errors.ts";
import type { PersonalStore } from "../../core/ports/personal-store.ts";
import type { RestoredPeople } from "../../core/ports/restored-people.ts";
import { awsError } from "../aws-errors.ts";

/** The cache, for who is outside of its network: by the function `access-cache`. */
export interface CachedPeople extends Pick<PersonalStore, "erase" | "verify" | "export">, RestoredPeople {}

export function createCachedPeople(deps: {
  readonly client: LambdaClient;
  readonly functionName: string;
}): CachedPeople {
  const { client, functionName } = deps;

  async function ask<K extends AccessCacheInput["operation"]>(
    input: AccessCacheInput & { readonly operation: K },
  ): Promise<AccessCacheOutput[K]> {
    const command = new InvokeCommand({ FunctionName: functionName, Payload: JSON.stringify(input) });
    const { FunctionError: failed, Payload: payload } = await client.send(command).catch((error: unknown) => {
      throw awsError(error, { store: "Lambda", operation: "Invoke", resource: functionName });
    });
    const answer: unknown = JSON.parse(payload?.transformToString() || "null");
    if (failed === undefined) return answer as AccessCacheOutput[K];
    const { errorType } = Object(answer) as { errorType?: unknown };
    throw new TransientError(
      `Lambda ${functionName}: failed with ${String(errorType ?? failed)}: read its log`,
    );
  }

  async function about(
    operation: "count" | "erase",
    targets: readonly ErasureTarget[],
  ): Promise<StoreCounts[]> {
    const counts: StoreCounts[] = [];
    for (const part of inGroups(targets, MAX_CACHED_PEOPLE)) {
      const people = part.map(({ tag, tags }) => ({ tags: [...tags], lookup: tag }));
      counts.push(...(await ask({ operation, people })).counts);
    }
    return counts;
  }

  return {
    async *all() {
      let cursor = "0";
      do {
        const page = await ask({ operation: "scan", cursor });
        for (const tag of page.tags) yield { tag };
        cursor = page.cursor;
      } while (cursor !== "0");
    },

    erase: async (targets) => ({ done: true, removed: await about("erase", targets) }),
    verify: (targets) => about("count", targets),

    async *export({ tags }) {
      const { records } = await ask({ operation: "export", tags: [...tags] });
      for (const record of records) yield { kind: "json", ...record };
    },
  };
}
