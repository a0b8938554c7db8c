import { createDayRowSource } from "../../adapters/dynamodb/day-rows.ts";
import { createErasureLedger } from "../../adapters/dynamodb/erasure-ledger.ts";
import { createLakeDays } from "../../adapters/dynamodb/lake-days.ts";
import { createLakePeople } from "../../adapters/dynamodb/lake-people.ts";
import { createTrainingPreferences } from "../../adapters/dynamodb/training-preferences.ts";
import { createLakeRowFiles } from "../../adapters/parquet/lake-row-files.ts";
import { createTextRedactor } from "../../adapters/redaction/text-redactor.ts";
import { createLakeObjects } from "../../adapters/s3/lake-objects.ts";
import { createStagedFiles } from "../../adapters/s3/staged-files.ts";
import { loadKeyChain } from "../../adapters/secrets/load-key-chain.ts";
import { systemClock } from "../../core/domain/clock.ts";
import { createStagedRowSource } from "../../core/use-cases/publish-staged-rows.ts";
import { createTrainingLogs } from "../../core/use-cases/training-log.ts";
import { createDynamoClient, createLakeS3Client, createSecretsClient } from "../../runtime/clients.ts";
import { createLog } from "../../runtime/logger.ts";
import type { exportDayEnv } from "./env.ts";
import type { ExportDayHandlerDeps } from "./handler.ts";

/** Wires `export-day` to rows, lake, ledger and the index of objects by person. */
export async function createExportDayDeps(
  env: ReturnType<typeof exportDayEnv>,
): Promise<ExportDayHandlerDeps> {
  const client = createDynamoClient();
  const bucket = { client: createLakeS3Client(), bucket: env.BUCKET_NAME };
  const objects = createLakeObjects(bucket);
  const files = createLakeRowFiles(env.LAKE_WRITER);
  const keys = await loadKeyChain(createSecretsClient(), env.KEY_SECRET_ID);
  const log = createLog();
  const trainingLogs = createTrainingLogs({
    preferences: createTrainingPreferences({ client, table: env.USER_PROFILES_TABLE }),
    ...(env.TRAINING_LOGS_PSEUDONYMISE && { pseudonyms: keys }),
    ...(env.TRAINING_LOGS_REDACT && { redactor: createTextRedactor() }),
    report: ({ interactions, unanswered, unasked, optedOut }) =>
      log.info("training log written", { interactions, unanswered, unasked, opted_out: optedOut }),
  });
  return {
    sources: {
      index: createDayRowSource({ client, table: env.CONVERSATION_CONTEXTS_TABLE }),
      staged: createStagedRowSource({ staged: createStagedFiles(bucket), objects, files }),
    },
    days: createLakeDays({
      client,
      tables: { days: env.LAKE_DAYS_TABLE, ledger: env.ERASURE_LEDGER_TABLE },
      clock: systemClock,
    }),
    objects,
    files,
    people: createLakePeople({ client, table: env.USER_OBJECTS_TABLE, clock: systemClock }),
    ledger: createErasureLedger({ client, table: env.ERASURE_LEDGER_TABLE }),
    ...(env.TRAINING_LOGS === "on" && { sideFiles: trainingLogs }),
    keys,
    clock: systemClock,
    log,
  };
}
