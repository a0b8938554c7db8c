import { createObjectIndex } from "../../functions/adapters/dynamodb/object-index.ts";
import { createQuarantineReader } from "../../functions/adapters/dynamodb/quarantine-reader.ts";
import { createObjectStore } from "../../functions/adapters/s3/object-store.ts";
import {
  createEventPublisher,
  HISTORY_BYTES,
  MAX_BODY_BYTES,
} from "../../functions/adapters/sqs/event-publisher.ts";
import { parseEntryId } from "../../functions/core/contracts/quarantine-id.ts";
import { systemClock } from "../../functions/core/domain/clock.ts";
import { dayBefore, daysFrom } from "../../functions/core/domain/day.ts";
import type { QuarantineEntry } from "../../functions/core/ports/quarantine.ts";
import type { QuarantineDesk, RetryDeps } from "../../functions/core/use-cases/quarantine-desk.ts";
import { CommandFailure } from "../failure.ts";
import type { StageSession } from "../stage-session.ts";

/** Days that entries are kept. */
const KEPT_DAYS = 90;
/** Days that commands look back unless they are told. */
const RECENT_DAYS = 7;

/** The days that options ask for: one, all that are kept, or the last week. */
export function wantedDays({ day, all }: { readonly day?: string; readonly all?: boolean }): string[] {
  if (day !== undefined) return [day];
  const now = systemClock();
  // A producer may say that its event came earlier than today.
  return daysFrom(dayBefore(now, all ? KEPT_DAYS : RECENT_DAYS - 1), dayBefore(now, 0));
}

/** The quarantine of a stage, with what belongs to its entries. */
export function openDesk(session: StageSession): QuarantineDesk {
  const client = session.dynamo();
  return {
    quarantine: createQuarantineReader({ client, table: session.table("quarantine"), clock: systemClock }),
    objectIndex: createObjectIndex({ client, table: session.table("user-objects"), clock: systemClock }),
    objectStore: createObjectStore({ client: session.s3(), bucket: session.outputs.bucket }),
  };
}

/** The desk with the queue that retries go to. */
export async function openRetries(session: StageSession): Promise<RetryDeps> {
  return {
    ...openDesk(session),
    publisher: createEventPublisher({ client: session.sqs(), queueUrl: session.outputs.queueUrl }),
    keys: await session.keys(),
    clock: systemClock,
    maxBodyBytes: MAX_BODY_BYTES - HISTORY_BYTES,
  };
}

/** The entry with an id. @throws CommandFailure where there is none */
export async function entryWithId(id: string, { quarantine }: QuarantineDesk): Promise<QuarantineEntry> {
  const place = parseEntryId(id);
  const entry = place && (await quarantine.get(place));
  if (entry) return entry;
  throw new CommandFailure(
    place
      ? `No entry ${id}: it was retried, discarded, erased or has expired`
      : `${id} is no id: hilo quarantine list shows them`,
  );
}
