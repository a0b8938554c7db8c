import { createErasureLedger } from "../../adapters/dynamodb/erasure-ledger.ts";
import { createMessageReader } from "../../adapters/dynamodb/message-reader.ts";
import { createRedisClient } from "../../adapters/redis/client.ts";
import { createContextCache } from "../../adapters/redis/context-cache.ts";
import { createContextInspector } from "../../adapters/redis/context-inspector.ts";
import { systemClock } from "../../core/domain/clock.ts";
import type { CompareContextsDeps } from "../../core/use-cases/compare-contexts.ts";
import { createDynamoClient } from "../../runtime/clients.ts";
import { redisConfig } from "../../runtime/env.ts";
import { createLog, type Log } from "../../runtime/logger.ts";
import type { compareContextsEnv } from "./env.ts";

/** Wires `compare-contexts` to cache, rows and ledger. */
export function createCompareContextsDeps(
  env: ReturnType<typeof compareContextsEnv>,
): CompareContextsDeps & { readonly log: Log } {
  const client = createDynamoClient();
  const redis = createRedisClient(redisConfig(env));
  const clock = systemClock;
  return {
    inspector: createContextInspector({ redis, clock }),
    cache: createContextCache({ redis, clock }),
    reader: createMessageReader({ client, table: env.CONVERSATION_CONTEXTS_TABLE, clock }),
    ledger: createErasureLedger({ client, table: env.ERASURE_LEDGER_TABLE }),
    clock,
    log: createLog(),
  };
}
