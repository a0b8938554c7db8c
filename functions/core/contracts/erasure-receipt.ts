import { z } from "zod";
import { TAG_PATTERN } from "../domain/key-chain.ts";
import { requestId } from "./user-erasure.ts";

const moment = z.iso.datetime({ precision: 3 });
const tag = z.string().regex(TAG_PATTERN, "must be a keyed hash");
const amount = z.int().min(0);
const counts = z.strictObject({
  items: amount,
  objects: amount,
  versions: amount,
  rows: amount,
  bytes: amount,
});

/** What is signed. */
const statementSchema = z.strictObject({
  format: z.literal("hilo-erasure-receipt-1"),
  /** `hilo` and its version. */
  software: z.string().min(1),
  request_id: requestId,
  /** The person's number in the request, from 1. */
  person: z.int().min(1),
  /** What stands for the person: a keyed hash of each id, with the generation up to which its data is gone. */
  ids: z.array(z.strictObject({ tag, generation: z.int().min(1), fenced_at: moment })).min(1),
  /** Why the hashes are kept, and until when: they are personal data themselves. */
  tag_purpose: z.string(),
  tag_expiry: z.string(),
  /** Ids that turned out, after the approval, to be linked to others as well: they were left alone. */
  undecided_ids: amount,
  /** Ids that the plan said to leave alone, for all people of the request. */
  excluded_ids: amount,
  planned_by: z.string(),
  approved_by: z.string(),
  requested_at: moment,
  approved_at: moment,
  /** Nothing of before is written after this. */
  fenced_at: moment,
  drained_at: moment,
  /** When all stores had been read again and held nothing. */
  verified_at: moment,
  /** Old versions and unfinished uploads of objects that were removed; also in `stores`. */
  versions_removed: amount,
  /** `before`: counted once, after the drain. `removed`: all that was, ids linked later included. */
  stores: z.record(
    z.string(),
    z.strictObject({ place: z.string(), before: counts, removed: counts, after: counts }),
  ),
  /** Copies that cannot be edited, and when the last one of them is gone. */
  remains: z.array(
    z.strictObject({ store: z.string(), place: z.string(), kept: z.string(), gone_at: moment }),
  ),
  /** Names the key that signed. */
  key_id: z.string().min(1),
  algorithm: z.literal("ECDSA_SHA_256"),
});

/** A person's receipt. `signature`: base64 of the DER signature over the canonical JSON of everything else. */
export const erasureReceiptSchema = statementSchema.extend({ signature: z.base64() });

export type ReceiptStatement = z.output<typeof statementSchema>;
export type ErasureReceipt = z.output<typeof erasureReceiptSchema>;
