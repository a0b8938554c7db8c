import type { Client } from "@opensearch-project/opensearch";
import { z } from "zod";
import { inGroups } from "../../core/domain/batches.ts";
import { type Clock, systemClock } from "../../core/domain/clock.ts";
import { type ErasureTarget, isNothing, NOTHING_HELD, type StoreCounts } from "../../core/domain/erasure.ts";
import { failedAfter } from "../../core/domain/erasure-errors.ts";
import { PermanentError, TransientError } from "../../core/domain/errors.ts";
import type { ErasePace, PersonalRecord, PersonalStore } from "../../core/ports/personal-store.ts";
import { guarded } from "./errors.ts";
import { deletedExpunger } from "./expunge-deleted.ts";
import { ALIAS, INDEX_PATTERN } from "./index-template.ts";

/** Every month, also one that fell out of the alias; and what else is behind it. Without the alias: an error, not empty. */
const EVERYWHERE = [ALIAS, INDEX_PATTERN];
/** Documents one request removes: about 0.2 s, so that no time limit of client or domain cuts it off. */
const BATCH = 2_000;
/** People counted in one request. */
const PEOPLE = 100;
const PAGE = 1_000;
/** A request that deletes goes on in the domain when its client has gone: rather wait. */
const REQUEST = { requestTimeout: 30_000 };
/** Requests in a row that met nothing but documents which others were changing. */
const MAX_CONFLICTS = 5;

/**
 * The search index as a store of personal data. Documents are found by `term` on the keyword `user_id`, in all shards of
 * all months (a routed search would trust how they were written), on the primaries, after a refresh. Bytes are not
 * counted: OpenSearch has no size of a document. What was deleted leaves the files of a month that is over soon after, and
 * of the present one when it is over (ADR 0105).
 * @param indexes names and patterns to work on, such as those of a restored snapshot @default every month's
 */
export function createSearchStore(
  client: Client,
  indexes: readonly string[] = EVERYWHERE,
  clock: Clock = systemClock,
): PersonalStore {
  const index = [...indexes];
  const expungeDeleted = deletedExpunger(client, index, clock);
  const refreshed = async (): Promise<void> => {
    await assertLiteral(client, index);
    const { body } = await guarded(() => client.indices.refresh({ index }, REQUEST));
    assertWhole(body._shards);
  };

  async function count(targets: readonly ErasureTarget[]): Promise<StoreCounts[]> {
    if (targets.length === 0) return [];
    await refreshed();
    const counts: StoreCounts[] = [];
    for (const people of inGroups(targets, PEOPLE)) {
      for (const items of await documentsOf(client, index, people)) counts.push({ ...NOTHING_HELD, items });
    }
    return counts;
  }

  return {
    count,
    verify: count,

    async erase(targets, pace) {
      const held = await count(targets);
      // A later pass, or the daily look: what earlier ones deleted can leave the files.
      if (targets.length > 0 && held.every(isNothing)) await expungeDeleted();
      const removed: StoreCounts[] = targets.map(() => NOTHING_HELD);
      for (const [nth, target] of targets.entries()) {
        if (isNothing(held[nth] ?? NOTHING_HELD)) continue;
        const tell = (items: number): void => {
          removed[nth] = { ...NOTHING_HELD, items };
        };
        const done = await eraseOne(client, index, target, pace, tell).catch((error: unknown) => {
          throw failedAfter(error, removed);
        });
        if (!done) return { done, removed };
      }
      return { done: true, removed };
    },

    async *export({ user_id }): AsyncGenerator<PersonalRecord> {
      await refreshed();
      let after: SortValues | undefined;
      do {
        const hits = await pageOf(client, index, user_id, after);
        for (const { _index, _id, _source } of hits) {
          yield { kind: "json", name: `${_index} ${_id}`, value: _source };
        }
        after = hits.length === PAGE ? (hits.at(-1)?.sort as SortValues) : undefined;
      } while (after !== undefined);
    },
  };
}

type SortValues = (string | number)[];

/** A person's documents after those with these values, in the order of their messages. */
async function pageOf(client: Client, index: string[], userId: string, after: SortValues | undefined) {
  const { body } = await guarded(() =>
    client.search(
      {
        index,
        preference: "_primary",
        allow_partial_search_results: false,
        body: {
          size: PAGE,
          track_total_hits: false,
          query: { term: { user_id: { value: userId } } },
          sort: [{ timestamp: { order: "asc" } }, { message_id: { order: "asc" } }],
          ...(after && { search_after: after }),
        },
      },
      REQUEST,
    ),
  );
  assertWhole(body._shards);
  return body.hits.hits;
}

/** Removes a person's documents, batch by batch. @param tell told how many so far @returns whether none is left or the person is held */
async function eraseOne(
  client: Client,
  index: string[],
  target: ErasureTarget,
  pace: ErasePace,
  tell: (items: number) => void,
): Promise<boolean> {
  let items = 0;
  for (let conflicts = 0; conflicts < MAX_CONFLICTS; ) {
    if (!pace.hasTime()) return false;
    if ((await pace.unheld([target])).length === 0) return true;
    const { total, deleted, version_conflicts } = await removeBatch(client, index, target);
    items += deleted;
    tell(items);
    if (total < BATCH && version_conflicts === 0) return true;
    conflicts = deleted > 0 ? 0 : conflicts + 1;
  }
  throw busy("documents keep changing while they are deleted");
}

/** The target's documents: the id as it is, of every generation that is not a later one. */
const belongsTo = ({ user_id, generation }: ErasureTarget) => ({
  bool: {
    filter: [{ term: { user_id: { value: user_id } } }],
    must_not: [{ range: { generation: { gt: generation } } }],
  },
});

const countsAnswer = z.object({
  people: z.object({ buckets: z.array(z.object({ doc_count: z.int() })) }),
});

/** How many documents each has, in one request. */
async function documentsOf(
  client: Client,
  index: string[],
  targets: readonly ErasureTarget[],
): Promise<number[]> {
  const { body } = await guarded(() =>
    client.search(
      {
        index,
        preference: "_primary",
        allow_partial_search_results: false,
        body: {
          size: 0,
          track_total_hits: false,
          query: { terms: { user_id: targets.map(({ user_id }) => user_id) } },
          aggs: { people: { filters: { filters: targets.map(belongsTo) } } },
        },
      },
      REQUEST,
    ),
  );
  assertWhole(body._shards);
  return countsAnswer.parse(body.aggregations).people.buckets.map(({ doc_count }) => doc_count);
}

const batchAnswer = z.object({
  total: z.int(),
  deleted: z.int(),
  version_conflicts: z.int(),
  failures: z.array(z.unknown()),
});

/** Removes some; a document that changes meanwhile is left for the next batch. */
async function removeBatch(
  client: Client,
  index: string[],
  target: ErasureTarget,
): Promise<z.output<typeof batchAnswer>> {
  const { body } = await guarded(() =>
    client.deleteByQuery(
      {
        index,
        preference: "_primary",
        conflicts: "proceed",
        refresh: true,
        max_docs: BATCH,
        scroll_size: BATCH,
        body: { query: belongsTo(target) },
      },
      REQUEST,
    ),
  );
  const batch = batchAnswer.parse(body);
  if (batch.failures.length > 0) throw busy("documents could not be deleted");
  return batch;
}

/** In an index where `user_id` is anything but a keyword, a term finds nobody, which must not look like nobody is there. */
async function assertLiteral(client: Client, indexes: string[]): Promise<void> {
  const { body } = await guarded(() =>
    client.indices.getFieldMapping({ index: indexes, fields: "user_id" }, REQUEST),
  );
  if (Object.keys(body).length === 0) {
    throw new PermanentError(
      `OpenSearch: there is no index ${indexes.join(", ")}: check the name, and the domain`,
    );
  }
  for (const [index, { mappings }] of Object.entries(body)) {
    const type = mappings["user_id"]?.mapping["user_id"]?.type;
    if (type === "keyword") continue;
    throw new PermanentError(
      `OpenSearch: user_id is ${type ? `of type ${type}` : "not indexed"} in ${index}: apply the search templates and reindex it`,
    );
  }
}

/** A shard that did not answer may hold anything. */
function assertWhole({ failed }: { readonly failed: number }): void {
  if (failed > 0) throw busy(`${failed} shards did not answer`);
}

const busy = (cause: string): TransientError =>
  new TransientError(`OpenSearch: ${cause}: it is tried again; if it lasts, look at the domain's health`);
