import type { Client } from "@opensearch-project/opensearch";
import { z } from "zod";
import { TransientError } from "../../core/domain/errors.ts";
import type { RestoredPeople } from "../../core/ports/restored-people.ts";
import { guarded } from "./errors.ts";

/** People of one page. */
const PAGE = 1_000;

const answer = z.object({
  people: z.object({
    after_key: z.object({ user_id: z.string() }).optional(),
    buckets: z.array(
      z.object({
        key: z.object({ user_id: z.string() }),
        generation: z.object({ value: z.number().nullable() }),
      }),
    ),
  }),
});

/** Everybody in restored indexes, exactly: a composite aggregation, page after page. */
export const createRestoredIndexes = ({
  client,
  indexes,
}: {
  readonly client: Client;
  /** Names or patterns; each must match. */
  readonly indexes: readonly string[];
}): RestoredPeople => ({
  async *all() {
    const index = [...indexes];
    const options = { allow_no_indices: false, ignore_unavailable: false } as const;
    await guarded(() => client.indices.refresh({ index, ...options }));
    let after: { readonly user_id: string } | undefined;
    do {
      const { body } = await guarded(() =>
        client.search({
          index,
          ...options,
          allow_partial_search_results: false,
          body: pageAfter(after),
        }),
      );
      if (body._shards.failed > 0)
        throw new TransientError(`OpenSearch: ${body._shards.failed} shards did not answer: try again`);
      const { people } = answer.parse(body.aggregations);
      for (const { key, generation } of people.buckets)
        yield { user_id: key.user_id, ...(generation.value !== null && { generation: generation.value }) };
      after = people.after_key;
    } while (after !== undefined);
  },
});

/** The client's types know no field of `max`. */
const pageAfter = (after: { readonly user_id: string } | undefined): object => ({
  size: 0,
  track_total_hits: false,
  aggs: {
    people: {
      composite: {
        size: PAGE,
        sources: [{ user_id: { terms: { field: "user_id" } } }],
        ...(after && { after }),
      },
      aggs: { generation: { max: { field: "generation" } } },
    },
  },
});
