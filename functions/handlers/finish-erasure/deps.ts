import { createErasureRequests } from "../../adapters/dynamodb/erasure-requests.ts";
import { createReceiptSigner } from "../../adapters/kms/receipt-signer.ts";
import { systemClock } from "../../core/domain/clock.ts";
import { createDynamoClient, createKmsClient } from "../../runtime/clients.ts";
import { erasureTables } from "../../runtime/env.ts";
import { createCounters, createLog } from "../../runtime/logger.ts";
import type { finishErasureEnv } from "./env.ts";
import type { FinishErasureHandlerDeps } from "./handler.ts";

/** Wires `finish-erasure` to requests and to the key that signs receipts. */
export function createFinishErasureDeps(env: ReturnType<typeof finishErasureEnv>): FinishErasureHandlerDeps {
  return {
    requests: createErasureRequests({
      client: createDynamoClient(),
      tables: erasureTables(env),
      clock: systemClock,
    }),
    signer: createReceiptSigner({ client: createKmsClient(), keyId: env.RECEIPT_KEY_ID }),
    software: env.SOFTWARE,
    clock: systemClock,
    log: createLog(),
    counters: createCounters(),
  };
}
