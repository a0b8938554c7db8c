import type { Client } from "@opensearch-project/opensearch";
import type { Clock } from "../../core/domain/clock.ts";
import { openSearchFailure } from "./errors.ts";

/** Deletions are kept for replicas that are behind, for half a minute at least: sooner, a merge gains nothing. */
const PAUSE_MS = 10 * 60_000;
const MONTH = /\d{4}-\d{2}$/;

/**
 * What is deleted cannot be read any more, but its text lies in Lucene's files until they are merged, which a month
 * that is over never is by itself. The function returned asks for that merge, in the domain's background, where such a
 * month holds anything deleted; the present month is merged by what is written to it, and is over within 31 days.
 * @throws TransientError | PermanentError
 */
export function deletedExpunger(client: Client, index: string[], clock: Clock): () => Promise<void> {
  let asked = Number.NEGATIVE_INFINITY;
  return async () => {
    const now = clock();
    if (now.getTime() - asked < PAUSE_MS) return;
    try {
      const { body } = await client.indices.stats({ index, metric: "docs" });
      const months = Object.entries(body.indices ?? {})
        .filter(([name, { primaries }]) => isOver(name, now) && (primaries?.docs?.deleted ?? 0) > 0)
        .map(([name]) => name);
      asked = now.getTime();
      if (months.length === 0) return;
      await client.indices.forcemerge({
        index: months,
        only_expunge_deletes: true,
        wait_for_completion: false,
      });
    } catch (error) {
      throw openSearchFailure(error);
    }
  };
}

const isOver = (index: string, now: Date): boolean => {
  const month = MONTH.exec(index)?.[0];
  return month !== undefined && month < now.toISOString().slice(0, 7);
};
