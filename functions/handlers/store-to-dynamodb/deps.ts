import { createMessageStore } from "../../adapters/dynamodb/message-store.ts";
import { systemClock } from "../../core/domain/clock.ts";
import type { MessageStore } from "../../core/ports/message-store.ts";
import { createDynamoClient } from "../../runtime/clients.ts";
import { messageTables } from "../../runtime/env.ts";
import type { storeToDynamoDbEnv } from "./env.ts";

/** Wires `store-to-dynamodb` to its tables. */
export const createStoreToDynamoDbDeps = (
  env: ReturnType<typeof storeToDynamoDbEnv>,
): { store: MessageStore } => ({
  store: createMessageStore({ client: createDynamoClient(), tables: messageTables(env), clock: systemClock }),
});
