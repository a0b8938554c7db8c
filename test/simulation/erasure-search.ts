import { compareKeys } from "../../functions/core/domain/key-order.ts";
import { type StoredMessage, sortKeyOf } from "../../functions/core/domain/message.ts";
import { documentId, documentVersion } from "../../functions/core/domain/search-document.ts";
import { shardOf } from "../../functions/core/domain/shard.ts";
import type { DayIndex, RemovalResult } from "../../functions/core/ports/day-index.ts";
import type { IndexResult, MessageIndex } from "../../functions/core/ports/message-index.ts";

interface Document {
  readonly row: StoredMessage;
  readonly version: number;
  /** Grows with every change of the index: what was read is gone when it moved. */
  readonly sequence: number;
}

/**
 * A search index as OpenSearch keeps one: what is written is found only after a refresh, what is found may have moved
 * on, and the version of what was removed is remembered for a minute (until `forget`).
 */
export class SimulatedSearch implements MessageIndex {
  readonly #documents = new Map<string, Document>();
  readonly #removed = new Map<string, number>();
  #visible: ReadonlyMap<string, Document> = new Map();
  #sequence = 0;
  readonly #versionOf: typeof documentVersion;

  constructor(versionOf: typeof documentVersion = documentVersion) {
    this.#versionOf = versionOf;
  }

  async index(rows: readonly StoredMessage[]): Promise<IndexResult[]> {
    return rows.map((row): IndexResult => {
      const id = documentId(row.user_id, row.message_id);
      const version = this.#versionOf(row);
      const held = this.#documents.get(id)?.version ?? this.#removed.get(id) ?? 0;
      if (held >= version) return { status: "current" };
      this.#documents.set(id, { row: structuredClone(row), version, sequence: ++this.#sequence });
      this.#removed.delete(id);
      return { status: "indexed" };
    });
  }

  async refresh(): Promise<void> {
    this.#visible = new Map(this.#documents);
  }

  /** Removes what a query finds, as far as it is still as it was found. @returns how many were removed */
  async removeFound(isWanted: (row: StoredMessage) => boolean): Promise<number> {
    let removed = 0;
    for (const [id, found] of this.#visible) {
      if (isWanted(found.row) && this.#remove(id, found.sequence)) removed += 1;
    }
    return removed;
  }

  async countFound(isWanted: (row: StoredMessage) => boolean): Promise<number> {
    return [...this.#visible.values()].filter(({ row }) => isWanted(row)).length;
  }

  /** A minute passes: versions of what was removed are forgotten. */
  forget(): void {
    this.#removed.clear();
  }

  /** Every document that a query may find now or after the next refresh. */
  *pieces(): Generator<StoredMessage> {
    for (const { row } of this.#documents.values()) yield row;
  }

  readonly byDay: DayIndex = {
    refresh: () => this.refresh(),
    documents: (day, shard) => this.#ofDay(day, shard),
    remove: async (documents) =>
      documents.map(({ handle }): RemovalResult => {
        const [id, sequence] = JSON.parse(handle) as [string, number];
        if (!this.#documents.has(id)) return { status: "removed" };
        return { status: this.#remove(id, sequence) ? "removed" : "changed" };
      }),
  };

  async *#ofDay(day: string, shard: number) {
    const found = [...this.#visible].filter(
      ([, { row }]) => row.timestamp.startsWith(day) && shardOf(row.user_id) === shard,
    );
    yield* found
      .map(([id, { row, sequence }]) => ({
        user_id: row.user_id,
        sort_key: sortKeyOf(row),
        timestamp: row.timestamp,
        first_received_at: row.first_received_at,
        generation: row.generation,
        revision: row.revision,
        handle: JSON.stringify([id, sequence]),
      }))
      .sort(compareKeys);
  }

  #remove(id: string, sequence: number): boolean {
    const held = this.#documents.get(id);
    if (held?.sequence !== sequence) return false;
    this.#documents.delete(id);
    this.#removed.set(id, held.version + 1);
    this.#sequence += 1;
    return true;
  }
}
