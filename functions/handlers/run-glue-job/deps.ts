import { randomUUID } from "node:crypto";
import { createTableExports } from "../../adapters/dynamodb/table-exports.ts";
import { createGlueJobs } from "../../adapters/glue/glue-jobs.ts";
import { systemClock } from "../../core/domain/clock.ts";
import { createDynamoClient, createGlueClient } from "../../runtime/clients.ts";
import { createLog } from "../../runtime/logger.ts";
import type { runGlueJobEnv } from "./env.ts";
import type { RunGlueJobHandlerDeps } from "./handler.ts";

/** Wires `run-glue-job` to Glue and to DynamoDB's exports. */
export const createRunGlueJobDeps = (env: ReturnType<typeof runGlueJobEnv>): RunGlueJobHandlerDeps => ({
  jobs: createGlueJobs({
    client: createGlueClient(),
    names: {
      "daily-conversation-analytics": env.GLUE_JOB_DAILY_CONVERSATION_ANALYTICS,
      "export-conversations": env.GLUE_JOB_EXPORT_CONVERSATIONS,
    },
  }),
  tableExports: createTableExports({
    client: createDynamoClient(),
    tableArn: env.CONVERSATION_CONTEXTS_TABLE_ARN,
    bucket: env.BUCKET_NAME,
    keyArn: env.BUCKET_KEY_ARN,
  }),
  bucket: env.BUCKET_NAME,
  clock: systemClock,
  newId: () => randomUUID().slice(0, 8),
  log: createLog(),
});
