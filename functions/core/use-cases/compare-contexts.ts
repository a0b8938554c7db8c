import type { ContextComparison, Person } from "../contracts/repair-day.ts";
import type { Clock } from "../domain/clock.ts";
import { liveGeneration } from "../domain/fence.ts";
import { compareShown, type StoredMessage } from "../domain/message.ts";
import {
  CONTEXT_CAPACITY,
  type ContextCache,
  type ContextMessage,
  IN_FLIGHT_MS,
} from "../ports/context-cache.ts";
import type { ContextInspector, HeldContext } from "../ports/context-inspector.ts";
import type { ErasureLedger } from "../ports/erasure-ledger.ts";
import type { MessageReader } from "../ports/message-store.ts";

export interface CompareContextsDeps {
  readonly inspector: ContextInspector;
  readonly cache: Pick<ContextCache, "invalidate">;
  readonly reader: MessageReader;
  readonly ledger: ErasureLedger;
  readonly clock: Clock;
}

/** Rows read beyond what a context holds: the newest may be under way and do not count. */
const OVERREAD = CONTEXT_CAPACITY;

/**
 * Compares what the cache would serve with the rows and drops what differs: a miss is never wrong. Messages still
 * between cache and row are left out of it.
 * @throws TransientError | PermanentError
 */
export async function compareContexts(
  people: readonly Person[],
  deps: CompareContextsDeps,
): Promise<ContextComparison> {
  const held = await deps.inspector.held(people.map(({ tag }) => tag));
  const present = people.flatMap((person, index) => {
    const context = held[index];
    return context ? [{ person, context }] : [];
  });
  if (present.length === 0) return { contexts: 0, stale: 0 };
  const fences = await deps.ledger.fences(present.map(({ person }) => person.tag));
  const settled = new Date(deps.clock().getTime() - IN_FLIGHT_MS).toISOString();
  const stale: string[] = [];
  for (const { person, context } of present) {
    const generation = liveGeneration(fences.get(person.tag));
    const rows = await deps.reader.recent(person.user_id, generation, context.messages.length + OVERREAD);
    if (differs(context, rows, settled)) stale.push(person.tag);
  }
  await deps.cache.invalidate(stale);
  return { contexts: present.length, stale: stale.length };
}

/** True when a message is served that is no row, or as another revision, or a row is missing among them. */
function differs(
  { messages, isWhole }: HeldContext,
  rows: readonly StoredMessage[],
  settled: string,
): boolean {
  const isSettled = ({ first_received_at }: ContextMessage | StoredMessage) => first_received_at < settled;
  const revisions = new Map(rows.map((row) => [row.message_id, row.revision]));
  const served = new Set(messages.map(({ message_id }) => message_id));
  const oldest = messages.at(-1);
  return (
    messages.some(
      (message) => isSettled(message) && revisions.get(message.message_id) !== message.revision,
    ) ||
    rows.some(
      (row) =>
        isSettled(row) &&
        !served.has(row.message_id) &&
        (isWhole || (oldest !== undefined && compareShown(row, oldest) > 0)),
    )
  );
}
