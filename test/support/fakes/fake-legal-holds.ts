import { PermanentError } from "../../../functions/core/domain/errors.ts";
import { keyNumberOf } from "../../../functions/core/domain/key-chain.ts";
import { assertWhole, FIRST_RANGE } from "../../../functions/core/domain/tag-range.ts";
import type { LegalHold, LegalHolds } from "../../../functions/core/ports/legal-holds.ts";
import type { FakeFenceTables } from "./fake-fences.ts";

/** Legal holds in memory. */
export class FakeLegalHolds implements LegalHolds {
  readonly holds = new Map<string, LegalHold>();
  readonly #tables: Pick<FakeFenceTables, "tagRange">;

  /** @param tables whose ledger says under which keys' tags holds are kept */
  constructor(tables: Pick<FakeFenceTables, "tagRange"> = {}) {
    this.#tables = tables;
  }

  async held(tags: readonly string[]) {
    assertWhole(new Set(tags), this.#tables.tagRange ?? FIRST_RANGE);
    return new Set(tags.filter((tag) => this.holds.has(tag)));
  }

  async set(hold: LegalHold) {
    if (keyNumberOf(hold.tag) < (this.#tables.tagRange ?? FIRST_RANGE).from) {
      throw new PermanentError("holds are no longer kept under this key");
    }
    this.holds.set(hold.tag, structuredClone(hold));
  }

  async lift(tag: string) {
    return this.holds.delete(tag);
  }

  async list() {
    return [...this.holds.values()].toSorted((a, b) => (a.set_at < b.set_at ? -1 : 1));
  }
}
