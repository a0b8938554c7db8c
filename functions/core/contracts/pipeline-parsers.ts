import { z } from "zod";
import { InvalidMessageError } from "../domain/errors.ts";
import { TAG_PATTERN } from "../domain/key-chain.ts";
import { firstFault, messageFields } from "./message-schema.ts";
import type { StoredInput, StoreInput } from "./pipeline.ts";

const routedMessage = z.object({
  ...messageFields,
  tag: z.string().regex(TAG_PATTERN, "must be the router's keyed hash: send messages through the queue"),
  generation: z.int().min(1),
  body_hash: z.string().regex(/^[0-9a-f]{64}$/, "must be the router's keyed hash"),
});

const rowOutcome = z.looseObject({
  item: z.int().min(0),
  status: z.enum(["stored", "duplicate", "superseded", "pending", "conflict", "stale-generation", "failed"]),
  sort_key: z.string().exactOptional(),
  revision: z.int().min(1).exactOptional(),
});

const storeInput = z.object({ messages: z.array(routedMessage) });
const storedInput = storeInput.extend({ stored: z.array(rowOutcome) });

/** Input of `StoreInCache` and `StoreToDynamoDB`. @throws InvalidMessageError naming the field, no values */
export const parseStoreInput = (input: unknown): StoreInput => parse(storeInput, input) as StoreInput;

/** Input of `IndexToOpenSearch` and `PerformAnalytics`. @throws InvalidMessageError naming the field, no values */
export const parseStoredInput = (input: unknown): StoredInput => parse(storedInput, input) as StoredInput;

/** Parses with a schema. @throws InvalidMessageError naming the field, no values */
export function parse<S extends z.ZodType>(schema: S, input: unknown): z.output<S> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const { field, detail } = firstFault(result.error);
  throw new InvalidMessageError(field, `${field}: ${detail}`);
}
