import { createMessageReader } from "../../adapters/dynamodb/message-reader.ts";
import { createMessageStore } from "../../adapters/dynamodb/message-store.ts";
import { createLexiconAnalyzer } from "../../adapters/lexicon/lexicon-analyzer.ts";
import { systemClock } from "../../core/domain/clock.ts";
import type { AnalyzeStoredDeps } from "../../core/use-cases/analyze-stored.ts";
import { createDynamoClient } from "../../runtime/clients.ts";
import { messageTables } from "../../runtime/env.ts";
import type { performAnalyticsEnv } from "./env.ts";

/** Wires `perform-analytics` to the rows and the analyzer. */
export function createPerformAnalyticsDeps(env: ReturnType<typeof performAnalyticsEnv>): AnalyzeStoredDeps {
  const client = createDynamoClient();
  return {
    reader: createMessageReader({ client, table: env.CONVERSATION_CONTEXTS_TABLE, clock: systemClock }),
    store: createMessageStore({ client, tables: messageTables(env), clock: systemClock }),
    analyzer: createLexiconAnalyzer(),
  };
}
