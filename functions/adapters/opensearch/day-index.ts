import type { Client } from "@opensearch-project/opensearch";
import { z } from "zod";
import { dayAfter } from "../../core/domain/day.ts";
import { sortKeyOf } from "../../core/domain/message.ts";
import type { DayIndex, IndexedDocument, RemovalResult } from "../../core/ports/day-index.ts";
import { guarded } from "./errors.ts";
import { ALIAS } from "./index-template.ts";

const PAGE = 1_000;

const source = z.object({
  user_id: z.string(),
  message_id: z.string(),
  timestamp: z.string(),
  first_received_at: z.string(),
  generation: z.number(),
  revision: z.number(),
});

const hit = z.object({
  _index: z.string(),
  _id: z.string(),
  _routing: z.string().exactOptional(),
  _seq_no: z.number(),
  _primary_term: z.number(),
  _source: source,
});

/** Where a document lies and which of its states was read. */
const place = z.object({
  _index: z.string(),
  _id: z.string(),
  routing: z.string().exactOptional(),
  if_seq_no: z.number(),
  if_primary_term: z.number(),
});

/** Documents of OpenSearch by day and shard. No point in time is held: keys never change, so a page follows the last. */
export const createDayIndex = (client: Client): DayIndex => ({
  async refresh() {
    await guarded(() => client.indices.refresh({ index: ALIAS }));
  },

  async *documents(day, shard) {
    let after: (string | number)[] | undefined;
    do {
      const { hits } = (await guarded(() => client.search({ index: ALIAS, body: pageOf(day, shard, after) })))
        .body.hits;
      for (const found of hits) yield documentOf(found);
      after = hits.length === PAGE ? (hits.at(-1)?.sort as (string | number)[] | undefined) : undefined;
    } while (after !== undefined);
  },

  async remove(documents) {
    if (documents.length === 0) return [];
    const body = documents.map(({ handle }) => ({ delete: place.parse(JSON.parse(handle)) }));
    const { items } = (await guarded(() => client.bulk({ body }))).body;
    return items.map((item) => removalOf(item.delete?.status ?? 0, item.delete?.error?.type ?? undefined));
  },
});

const pageOf = (day: string, shard: number, after: (string | number)[] | undefined) => ({
  size: PAGE,
  _source: Object.keys(source.shape),
  seq_no_primary_term: true,
  track_total_hits: false,
  query: {
    bool: {
      filter: [
        {
          range: {
            timestamp: { gte: `${day}T00:00:00.000Z`, lt: `${dayAfter(day)}T00:00:00.000Z` },
          },
        },
        { term: { shard } },
      ],
    },
  },
  sort: [
    { user_id: { order: "asc" as const } },
    { timestamp: { order: "asc" as const } },
    { message_id: { order: "asc" as const } },
  ],
  ...(after && { search_after: after }),
});

function documentOf(raw: unknown): IndexedDocument {
  const { _source, _index, _id, _routing, _seq_no, _primary_term } = hit.parse(raw);
  const { message_id, ...fields } = _source;
  return {
    ...fields,
    sort_key: sortKeyOf({ message_id, timestamp: fields.timestamp }),
    handle: JSON.stringify({
      _index,
      _id,
      ...(_routing !== undefined && { routing: _routing }),
      if_seq_no: _seq_no,
      if_primary_term: _primary_term,
    }),
  };
}

function removalOf(status: number, type: string | undefined): RemovalResult {
  if (status === 200 || status === 404) return { status: "removed" };
  if (status === 409) return { status: "changed" };
  const name = /^[a-z_]{1,80}$/.exec(type ?? "")?.[0] ?? "unknown";
  return { status: "failed", reason: `OpenSearch: document not removed (${status} ${name}): try again` };
}
