import { z } from "zod";
import type { StoreCounts } from "../domain/erasure.ts";
import { TAG_PATTERN } from "../domain/key-chain.ts";

/** People that one call takes. */
export const MAX_CACHED_PEOPLE = 100;

const tag = z.string().regex(TAG_PATTERN, "must be a keyed hash of a person's id");

/** A person by all keyed hashes under which something may be cached, and the one that the ledger is asked for. */
const person = z.strictObject({ tags: z.array(tag).min(1).max(50), lookup: tag });
const people = z.array(person).max(MAX_CACHED_PEOPLE);

/**
 * Input of the function `access-cache`, which alone can reach the cache in AWS: `export` for an access report, the others
 * for a restored cache before it serves. `count` and `erase` are about fenced people only, whoever is asked for: the function
 * asks the ledger itself. No ids, only keyed hashes.
 */
export const accessCacheSchema = z.discriminatedUnion("operation", [
  z.strictObject({ operation: z.literal("export"), tags: z.array(tag).min(1).max(50) }),
  z.strictObject({ operation: z.literal("scan"), cursor: z.string().regex(/^\d{1,20}$/) }),
  z.strictObject({ operation: z.literal("count"), people }),
  z.strictObject({ operation: z.literal("erase"), people }),
]);
export type AccessCacheInput = z.output<typeof accessCacheSchema>;
export type CachedPerson = z.output<typeof person>;

/** Answers by operation. */
export interface AccessCacheOutput {
  readonly export: { readonly records: readonly { readonly name: string; readonly value: unknown }[] };
  /** `cursor` of the next call; `"0"` at the end. */
  readonly scan: { readonly cursor: string; readonly tags: readonly string[] };
  /** In the order of the people. */
  readonly count: { readonly counts: readonly StoreCounts[] };
  readonly erase: { readonly counts: readonly StoreCounts[] };
}
