import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { ComprehendClient } from "@aws-sdk/client-comprehend";
import { createComprehendAnalyzer } from "../../adapters/comprehend/comprehend-analyzer.ts";
import { createDayMarks } from "../../adapters/dynamodb/day-marks.ts";
import { createMessageReader } from "../../adapters/dynamodb/message-reader.ts";
import { createMessageStore } from "../../adapters/dynamodb/message-store.ts";
import { type IntentConfig, parseIntents } from "../../adapters/local-analyzer/intent-config.ts";
import { createLocalAnalyzer } from "../../adapters/local-analyzer/local-analyzer.ts";
import { systemClock } from "../../core/domain/clock.ts";
import { PermanentError } from "../../core/domain/errors.ts";
import type { MessageAnalyzer } from "../../core/ports/message-analyzer.ts";
import type { AnalyzeStoredDeps } from "../../core/use-cases/analyze-stored.ts";
import { createDynamoClient } from "../../runtime/clients.ts";
import { messageTables } from "../../runtime/env.ts";
import type { performAnalyticsEnv } from "./env.ts";

type Env = ReturnType<typeof performAnalyticsEnv>;

/** Wires `perform-analytics` to the rows and the analyzer. @throws PermanentError when the intents are wrong */
export function createPerformAnalyticsDeps(env: Env): AnalyzeStoredDeps {
  const [client, clock] = [createDynamoClient(), systemClock];
  const marks = createDayMarks({ client, table: env.LAKE_DAYS_TABLE, clock });
  return {
    reader: createMessageReader({ client, table: env.CONVERSATION_CONTEXTS_TABLE, clock }),
    store: createMessageStore({ client, tables: messageTables(env), marks, clock }),
    analyzer: createAnalyzer(env),
  };
}

function createAnalyzer({ ANALYZER, INTENTS_FILE }: Env): MessageAnalyzer {
  const intents = INTENTS_FILE === "" ? undefined : readIntents(INTENTS_FILE);
  const local = createLocalAnalyzer(intents);
  if (ANALYZER === "local") return local;
  // Languages, then sentiments: two calls in a row, each tried once more, fit into the state's five seconds.
  const requestHandler = { connectionTimeout: 500, requestTimeout: 1_000 };
  const client = new ComprehendClient({ requestHandler, maxAttempts: 2 });
  return createComprehendAnalyzer({ client, intents: local });
}

function readIntents(file: string): IntentConfig {
  let json: string;
  try {
    json = readFileSync(resolve(file), "utf8");
  } catch {
    throw new PermanentError(
      "intents: the file that INTENTS_FILE names cannot be read: deploy it with the function",
    );
  }
  return parseIntents(json);
}
