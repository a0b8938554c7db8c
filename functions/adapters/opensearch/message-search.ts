import type { Client } from "@opensearch-project/opensearch";
import { PermanentError } from "../../core/domain/errors.ts";
import type { MessageSearch, SearchHit, SearchQuery } from "../../core/ports/message-index.ts";
import { openSearchFailure } from "./errors.ts";
import { ALIAS } from "./index-template.ts";

/** A query's first characters; each makes a clause at most, and OpenSearch refuses more than 1,024. */
const MAX_QUERY_CHARACTERS = 512;

type Source = Pick<SearchHit, "message_id" | "user_id" | "timestamp" | "role">;

/** Full-text search in OpenSearch. */
export const createMessageSearch = (client: Client): MessageSearch => ({
  async search(query: SearchQuery) {
    try {
      const { body } = await client.search({ index: ALIAS, body: bodyOf(query) });
      const { total } = body.hits;
      return {
        total: typeof total === "number" ? total : (total?.value ?? 0),
        hits: body.hits.hits.map((hit): SearchHit => {
          if (!hit._source)
            throw new PermanentError("OpenSearch: a document has no source: reindex its month");
          const { message_id, user_id, timestamp, role } = hit._source as unknown as Source;
          return {
            message_id,
            user_id,
            timestamp,
            role,
            score: Number(hit._score),
            highlight: hit.highlight?.["content"] ?? [],
          };
        }),
      };
    } catch (error) {
      throw openSearchFailure(error);
    }
  },
});

/** All words must be there, "quotes" hold a phrase, and nothing else has a meaning (a lone `*` would be everything). */
const bodyOf = ({ text, user_id, limit }: SearchQuery) => ({
  size: Math.min(Math.max(limit, 1), 100),
  track_total_hits: true,
  _source: ["message_id", "user_id", "timestamp", "role"],
  query: {
    bool: {
      must: [
        {
          simple_query_string: {
            query: text.slice(0, MAX_QUERY_CHARACTERS).replaceAll("*", " "),
            fields: ["content"],
            default_operator: "and" as const,
            flags: "PHRASE|WHITESPACE",
          },
        },
      ],
      filter: [
        { term: { deleted: false } },
        ...(user_id === undefined ? [] : [{ term: { user_id: { value: user_id } } }]),
      ],
    },
  },
  sort: [{ _score: { order: "desc" as const } }, { timestamp: { order: "desc" as const } }],
  highlight: {
    pre_tags: ["<em>"],
    post_tags: ["</em>"],
    fields: { content: { number_of_fragments: 3, fragment_size: 150 } },
  },
});
