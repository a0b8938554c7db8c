import { utf8Bytes } from "../domain/json.ts";
import type { Quarantine, QuarantineEntry } from "../ports/quarantine.ts";
import { datePath, type PersonalObjects, putPersonalObject } from "./personal-object.ts";

/** A DynamoDB item holds 400 KB; larger bodies go to the bucket. */
const MAX_INLINE_BYTES = 200_000;

/** Stands for the person where a body does not say whose it is. */
export const UNKNOWN_USER = "unknown";

/** What is to be kept, with the body as it came. */
export type QuarantineRecord = Omit<QuarantineEntry, "body"> & { readonly body: string };

/** Keeps a body that can never be stored, whatever its size, with the reason. */
export async function quarantineRecord(
  record: QuarantineRecord,
  deps: PersonalObjects & { readonly quarantine: Quarantine },
): Promise<"kept" | "stale-generation"> {
  const bytes = utf8Bytes(record.body);
  if (bytes <= MAX_INLINE_BYTES) return deps.quarantine.put({ ...record, body: { text: record.body } });
  const key = `quarantine/${datePath(record.first_received_at)}/${record.source_id}.json`;
  await putPersonalObject(
    deps,
    { user_id: record.user_id, generation: record.generation ?? 1 },
    key,
    record.body,
  );
  return deps.quarantine.put({ ...record, body: { object: key, bytes } });
}
