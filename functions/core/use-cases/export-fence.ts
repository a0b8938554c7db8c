import { type Fence, liveGeneration } from "../domain/fence.ts";
import type { KeyChain } from "../domain/key-chain.ts";
import type { ErasureLedger } from "../ports/erasure-ledger.ts";

export interface FenceDeps {
  readonly ledger: ErasureLedger;
  readonly keys: Pick<KeyChain, "tag">;
}

/** What the fence needs to know of a row. */
interface FencedRow {
  readonly user_id: string;
  readonly generation: bigint;
}

/**
 * Tells which rows belong to an erased past, asking the ledger once for the people of a page. Rows come ordered by
 * person, so only the last one is remembered.
 */
export class FenceFilter {
  readonly #deps: FenceDeps;
  #last: { readonly userId: string; readonly live: bigint } | undefined;

  constructor(deps: FenceDeps) {
    this.#deps = deps;
  }

  /** For each row of the page: whether it may be in the lake. @throws TransientError | PermanentError without the ledger */
  async isLive(rows: readonly FencedRow[]): Promise<boolean[]> {
    const live = await this.#generations(rows);
    const last = rows.at(-1);
    if (last) this.#last = { userId: last.user_id, live: live.get(last.user_id) ?? 1n };
    return rows.map((row) => row.generation >= (live.get(row.user_id) ?? 1n));
  }

  /** Live generations of the page's people. */
  async #generations(rows: readonly FencedRow[]): Promise<ReadonlyMap<string, bigint>> {
    const live = new Map<string, bigint>();
    const tags = new Map<string, string>();
    for (const { user_id } of rows) {
      if (tags.has(user_id) || live.has(user_id)) continue;
      if (this.#last?.userId === user_id) live.set(user_id, this.#last.live);
      else tags.set(user_id, this.#deps.keys.tag(user_id));
    }
    if (tags.size === 0) return live;
    const fences: ReadonlyMap<string, Fence> = await this.#deps.ledger.fences([...tags.values()]);
    for (const [userId, tag] of tags) live.set(userId, BigInt(liveGeneration(fences.get(tag))));
    return live;
  }
}
