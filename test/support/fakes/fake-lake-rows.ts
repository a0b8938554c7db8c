import { compareKeys } from "../../../functions/core/domain/key-order.ts";
import { lakeRowOf } from "../../../functions/core/domain/lake-row-of.ts";
import { type RowKey, type StoredMessage, sortKeyOf } from "../../../functions/core/domain/message.ts";
import { shardOf } from "../../../functions/core/domain/shard.ts";
import type { LakeRowSource, LakeRowTable } from "../../../functions/core/ports/lake-row-source.ts";

const nameOf = ({ user_id, sort_key }: RowKey): string => JSON.stringify([user_id, sort_key]);

/** Rows in memory, by key; pages are small so that streams have several. */
export class FakeLakeRows implements LakeRowSource, LakeRowTable {
  readonly #rows = new Map<string, StoredMessage>();
  readonly #pageRows: number;

  constructor(rows: readonly StoredMessage[] = [], pageRows = 2) {
    this.#pageRows = pageRows;
    for (const row of rows) this.put(row);
  }

  put(row: StoredMessage): void {
    this.#rows.set(nameOf({ user_id: row.user_id, sort_key: sortKeyOf(row) }), row);
  }

  /** What time or an eraser does to a row. */
  remove(row: StoredMessage): void {
    this.#rows.delete(nameOf({ user_id: row.user_id, sort_key: sortKeyOf(row) }));
  }

  all(): StoredMessage[] {
    return [...this.#rows.values()];
  }

  streams(day: string, shards: readonly number[]) {
    return shards.map((shard) => this.#pages(day, shard));
  }

  async *#pages(day: string, shard: number) {
    const rows = this.#shard(day, shard).map(({ row }) => lakeRowOf(row));
    for (let start = 0; start < rows.length; start += this.#pageRows) {
      yield rows.slice(start, start + this.#pageRows);
    }
  }

  async *keys(day: string, shard: number) {
    const keys = this.#shard(day, shard).map(({ user_id, sort_key }) => ({ user_id, sort_key }));
    for (let start = 0; start < keys.length; start += this.#pageRows) {
      yield keys.slice(start, start + this.#pageRows);
    }
  }

  async byKeys(keys: readonly RowKey[]) {
    return keys.flatMap((key) => this.#rows.get(nameOf(key)) ?? []);
  }

  #shard(day: string, shard: number) {
    return this.all()
      .filter((row) => row.timestamp.startsWith(day) && shardOf(row.user_id) === shard)
      .map((row) => ({ row, user_id: row.user_id, sort_key: sortKeyOf(row) }))
      .sort(compareKeys);
  }
}
