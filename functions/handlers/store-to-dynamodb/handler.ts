import type { StateOutput } from "../../core/contracts/pipeline.ts";
import { parseStoreInput } from "../../core/contracts/pipeline-parsers.ts";
import type { RowOutcome } from "../../core/domain/outcome.ts";
import type { MessageStore } from "../../core/ports/message-store.ts";

/** State `StoreToDynamoDB`: what it reports as stored may be acknowledged. */
export const createStoreToDynamoDbHandler =
  ({ store }: { readonly store: MessageStore }) =>
  async (input: unknown): Promise<StateOutput<RowOutcome>> => ({
    outcomes: await store.store(parseStoreInput(input).messages),
  });
