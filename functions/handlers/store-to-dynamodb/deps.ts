import { createDayMarks } from "../../adapters/dynamodb/day-marks.ts";
import { createMessageStore } from "../../adapters/dynamodb/message-store.ts";
import { systemClock } from "../../core/domain/clock.ts";
import type { MessageStore } from "../../core/ports/message-store.ts";
import { createDynamoClient } from "../../runtime/clients.ts";
import { messageTables } from "../../runtime/env.ts";
import type { storeToDynamoDbEnv } from "./env.ts";

/** Wires `store-to-dynamodb` to its tables. */
export const createStoreToDynamoDbDeps = (
  env: ReturnType<typeof storeToDynamoDbEnv>,
): { store: MessageStore } => {
  const [client, clock] = [createDynamoClient(), systemClock];
  const marks = createDayMarks({ client, table: env.LAKE_DAYS_TABLE, clock });
  return { store: createMessageStore({ client, tables: messageTables(env), marks, clock }) };
};
