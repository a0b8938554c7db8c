import type { EntryPlace } from "../contracts/quarantine-id.ts";
import { entryId } from "../contracts/quarantine-id.ts";
import type { Clock } from "../domain/clock.ts";
import { utf8Bytes } from "../domain/json.ts";
import type { KeyChain } from "../domain/key-chain.ts";
import type { EventPublisher } from "../ports/event-publisher.ts";
import type { QuarantineEntry } from "../ports/quarantine.ts";
import type { QuarantineReader } from "../ports/quarantine-reader.ts";
import { envelopeEvent } from "./envelope-event.ts";
import type { PersonalObjects } from "./personal-object.ts";

export interface QuarantineDesk extends PersonalObjects {
  readonly quarantine: QuarantineReader;
}

export interface RetryDeps extends QuarantineDesk {
  readonly publisher: EventPublisher;
  readonly keys: KeyChain;
  readonly clock: Clock;
  /** What the queue takes in one message, in bytes. */
  readonly maxBodyBytes: number;
}

/** `sent`: on the queue, the entry is gone. `too-large`: no queue takes it. `body-gone`: its object is no more. */
export type Retried = "sent" | "too-large" | "body-gone";

/** The body as it came; `undefined` where it lay in the bucket and is gone. */
export const bodyOf = async (
  { body }: QuarantineEntry,
  { objectStore }: Pick<PersonalObjects, "objectStore">,
): Promise<string | undefined> => ("text" in body ? body.text : objectStore.get(body.object));

/**
 * Puts an entry's body back on the queue as it is; only then the entry goes. Arrival and number of retries travel
 * beside it, so that the fence judges it by its first arrival, and what fails again comes back with its count.
 * The same entry sent twice is one message to the queue, later a duplicate to the store.
 */
export async function retryQuarantined(entry: QuarantineEntry, deps: RetryDeps): Promise<Retried> {
  const body = await bodyOf(entry, deps);
  if (body === undefined) return "body-gone";
  if (utf8Bytes(body) > deps.maxBodyBytes) return "too-large";
  const { envelope } = envelopeEvent(body, deps.clock(), deps.keys);
  await deps.publisher.publish([
    {
      ...envelope,
      // Not the message's own: within five minutes the queue would drop it.
      deduplicationId: deps.keys.identity("retry", entryId(entry)),
      history: { firstReceivedAt: entry.first_received_at, retries: (entry.retries ?? 0) + 1 },
    },
  ]);
  await discardQuarantined(entry, deps);
  return "sent";
}

/**
 * Removes an entry and the object that holds its body. The index goes on naming the object: the bucket keeps its old
 * version for a while, where an erasure must find it.
 */
export async function discardQuarantined(entry: QuarantineEntry, desk: QuarantineDesk): Promise<void> {
  if ("object" in entry.body) await desk.objectStore.remove(entry.body.object);
  await desk.quarantine.remove(entry);
}

/** What to choose entries by. */
export interface QuarantineFilter {
  readonly user?: string;
  readonly code?: string;
}

/** Places of the entries of some UTC days, or of one person on them, newest first. */
export async function* findQuarantined(
  days: readonly string[],
  { user, code }: QuarantineFilter,
  quarantine: QuarantineReader,
): AsyncGenerator<EntryPlace & { readonly code: string; readonly field: string }> {
  const wanted = new Set(days);
  if (user !== undefined) {
    for await (const entry of quarantine.ofUser(user)) {
      const isOfDay = wanted.has(entry.first_received_at.slice(0, 10));
      if (isOfDay && (code === undefined || entry.code === code)) yield entry;
    }
    return;
  }
  for (const day of [...wanted].sort().reverse()) {
    for await (const entry of quarantine.ofDay(day)) {
      if (code === undefined || entry.code === code) yield entry;
    }
  }
}
