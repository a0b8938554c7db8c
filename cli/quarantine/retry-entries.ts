import { type EntryPlace, entryId } from "../../functions/core/contracts/quarantine-id.ts";
import type { QuarantineEntry } from "../../functions/core/ports/quarantine.ts";
import {
  findQuarantined,
  type QuarantineFilter,
  type Retried,
  type RetryDeps,
  retryQuarantined,
} from "../../functions/core/use-cases/quarantine-desk.ts";

/** What came back so often is not sent again by a sweep, only by its id. */
const MAX_SWEPT_RETRIES = 3;
const AT_ONCE = 10;

type Outcome = Retried | "gone" | "retried-too-often";

/** How many ended how, and which were not sent. */
export interface RetryReport {
  readonly sent: number;
  readonly left: readonly { readonly id: string; readonly why: Exclude<Outcome, "sent" | "gone"> }[];
}

/** Sends one entry, whatever its past. */
export async function retryOne(entry: QuarantineEntry, deps: RetryDeps): Promise<RetryReport> {
  return reportOf([[entry, await retryQuarantined(entry, deps)]]);
}

/**
 * Sends all entries that match, the oldest first.
 * @param onProgress told after each batch how many of how many are done
 */
export async function retryMatching(
  days: readonly string[],
  filter: QuarantineFilter,
  deps: RetryDeps,
  onProgress: (done: number, all: number) => void,
): Promise<RetryReport> {
  // All are known before the first is sent: one that fails again comes back under the same day.
  const places: EntryPlace[] = [];
  for await (const { first_received_at, source_id } of findQuarantined(days, filter, deps.quarantine)) {
    places.push({ first_received_at, source_id });
  }
  places.reverse();
  const outcomes: [EntryPlace, Outcome][] = [];
  for (let start = 0; start < places.length; start += AT_ONCE) {
    const chunk = places.slice(start, start + AT_ONCE);
    const done = chunk.map(
      async (place): Promise<[EntryPlace, Outcome]> => [place, await retryAt(place, deps)],
    );
    outcomes.push(...(await Promise.all(done)));
    onProgress(outcomes.length, places.length);
  }
  return reportOf(outcomes);
}

async function retryAt(place: EntryPlace, deps: RetryDeps): Promise<Outcome> {
  const entry = await deps.quarantine.get(place);
  if (entry === undefined) return "gone";
  if ((entry.retries ?? 0) >= MAX_SWEPT_RETRIES) return "retried-too-often";
  return retryQuarantined(entry, deps);
}

function reportOf(outcomes: readonly (readonly [EntryPlace, Outcome])[]): RetryReport {
  return {
    sent: outcomes.filter(([, outcome]) => outcome === "sent").length,
    left: outcomes.flatMap(([place, why]) =>
      why === "sent" || why === "gone" ? [] : [{ id: entryId(place), why }],
    ),
  };
}
