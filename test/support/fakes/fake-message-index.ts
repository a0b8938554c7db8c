import { compareKeys } from "../../../functions/core/domain/key-order.ts";
import { type StoredMessage, sortKeyOf } from "../../../functions/core/domain/message.ts";
import { documentId, documentVersion } from "../../../functions/core/domain/search-document.ts";
import { shardOf } from "../../../functions/core/domain/shard.ts";
import type { DayIndex, RemovalResult } from "../../../functions/core/ports/day-index.ts";
import type {
  IndexResult,
  MessageIndex,
  MessageSearch,
} from "../../../functions/core/ports/message-index.ts";

/** A search index in memory: words without accents, all of which must be there. */
export function createFakeMessageIndex(): MessageIndex &
  MessageSearch & { documents(): StoredMessage[]; readonly byDay: DayIndex } {
  const documents = new Map<string, StoredMessage>();
  return {
    documents: () => [...documents.values()],

    byDay: {
      refresh: async () => undefined,
      async *documents(day, shard) {
        const found = [...documents.entries()].filter(
          ([, row]) => row.timestamp.startsWith(day) && shardOf(row.user_id) === shard,
        );
        yield* found
          .map(([id, row]) => ({
            user_id: row.user_id,
            sort_key: sortKeyOf(row),
            timestamp: row.timestamp,
            first_received_at: row.first_received_at,
            generation: row.generation,
            revision: row.revision,
            handle: JSON.stringify([id, documentVersion(row)]),
          }))
          .sort(compareKeys);
      },
      async remove(removed) {
        return removed.map(({ handle }): RemovalResult => {
          const [id, version] = JSON.parse(handle) as [string, number];
          const held = documents.get(id);
          if (held && documentVersion(held) !== version) return { status: "changed" };
          documents.delete(id);
          return { status: "removed" };
        });
      },
    },

    async index(rows) {
      return rows.map((row): IndexResult => {
        const id = documentId(row.user_id, row.message_id);
        const held = documents.get(id);
        if (held && documentVersion(held) >= documentVersion(row)) return { status: "current" };
        documents.set(id, structuredClone(row));
        return { status: "indexed" };
      });
    },

    async search({ text, user_id, limit }) {
      const wanted = wordsOf(text).map(({ folded }) => folded);
      const found = [...documents.values()].filter((row) => {
        const words = new Set(wordsOf(row.content).map(({ folded }) => folded));
        const isAsked = wanted.length > 0 && wanted.every((word) => words.has(word));
        return isAsked && !row.deleted && (user_id === undefined || row.user_id === user_id);
      });
      const hits = found
        .sort((a, b) => (a.timestamp < b.timestamp ? 1 : -1))
        .slice(0, limit)
        .map(({ message_id, user_id: user, timestamp, role, content }) => ({
          message_id,
          user_id: user,
          timestamp,
          role,
          score: 1,
          highlight: [highlighted(content, new Set(wanted))],
        }));
      return { total: found.length, hits };
    },
  };
}

const wordsOf = (text: string): { word: string; folded: string }[] =>
  (text.match(/[\p{L}\p{N}]+/gu) ?? []).map((word) => ({
    word,
    folded: word
      .toLowerCase()
      .normalize("NFD")
      .replace(/(?<!n)\p{M}/gu, ""),
  }));

const highlighted = (content: string, wanted: ReadonlySet<string>): string =>
  wordsOf(content).reduce(
    (text, { word, folded }) => (wanted.has(folded) ? text.replace(word, `<em>${word}</em>`) : text),
    content,
  );
