import { isDeepStrictEqual } from "node:util";
import type { Clock } from "../../../functions/core/domain/clock.ts";
import type { Fence } from "../../../functions/core/domain/fence.ts";
import { FIRST_RANGE } from "../../../functions/core/domain/tag-range.ts";
import type { LedgerTags, TaggedEntry, TagRotation } from "../../../functions/core/ports/ledger-tags.ts";
import type { FakeFenceTables } from "./fake-fences.ts";
import { FakeLegalHolds } from "./fake-legal-holds.ts";

/** Entries of a page: few, so that a walk takes more than one. */
const PAGE = 2;

/** The tags of a ledger in memory. `step` is awaited before each thing that DynamoDB does in one piece. */
export class FakeLedgerTags implements LedgerTags {
  readonly #tables: FakeFenceTables;
  readonly #holds: FakeLegalHolds;
  readonly #clock: Clock;
  readonly #step: (name: string) => Promise<void>;
  #walk: { readonly name: string; readonly page: string | undefined } | undefined;
  #moved: Pick<TagRotation, "copied" | "removed" | "moved_at"> = {
    copied: 1,
    removed: 1,
  };

  constructor(
    tables: FakeFenceTables,
    clock: Clock,
    {
      holds = new FakeLegalHolds(tables),
      step = async () => undefined,
    }: { readonly holds?: FakeLegalHolds; readonly step?: (name: string) => Promise<void> } = {},
  ) {
    this.#tables = tables;
    this.#holds = holds;
    this.#clock = clock;
    this.#step = step;
  }

  async rotation() {
    return this.#rotation();
  }

  async move(before: TagRotation, { from, to, copied, complete, removed }: TagRotation) {
    await this.#step("move");
    if (!isDeepStrictEqual(this.#rotation(), before)) return false;
    this.#tables.tagRange = { from, to, complete };
    this.#moved = { copied, removed, moved_at: this.#clock().toISOString() };
    return true;
  }

  async stoppedAt(walk: string) {
    return this.#walk?.name === walk ? this.#walk.page : undefined;
  }

  async stopAt(name: string, page: string | undefined) {
    this.#walk = { name, page };
  }

  async page(start = "") {
    await this.#step("page");
    const entries: TaggedEntry[] = [
      ...[...this.#tables.fences.keys()].map((tag) => ({ kind: "fence", tag }) as const),
      ...[...this.#holds.holds.keys()].map((tag) => ({ kind: "hold", tag }) as const),
    ];
    const after = entries
      .filter((entry) => nameOf(entry) > start)
      .toSorted((a, b) => compare(nameOf(a), nameOf(b)));
    const last = after[PAGE - 1];
    return {
      entries: after.slice(0, PAGE),
      ...(last && after.length > PAGE && { next: nameOf(last) }),
    };
  }

  async copyFence(tag: string, to: string) {
    await this.#step("read");
    const fence = this.#tables.fences.get(tag);
    if (fence) await this.#copy(fence, to);
  }

  async replaceFence(tag: string, by: string) {
    await this.#step("read");
    const fence = this.#tables.fences.get(tag);
    if (fence === undefined) return;
    await this.#copy(fence, by);
    await this.#step("remove");
    if ((this.#tables.fences.get(by)?.generation ?? 0) >= fence.generation) this.#tables.fences.delete(tag);
  }

  async moveHold(tag: string, to: string) {
    await this.#step("hold");
    const hold = this.#holds.holds.get(tag);
    if (hold === undefined) return;
    if (!this.#holds.holds.has(to)) this.#holds.holds.set(to, { ...hold, tag: to });
    this.#holds.holds.delete(tag);
  }

  #rotation(): TagRotation {
    return { ...(this.#tables.tagRange ?? FIRST_RANGE), ...this.#moved };
  }

  async #copy(fence: Fence, to: string): Promise<void> {
    await this.#step("copy");
    if ((this.#tables.fences.get(to)?.generation ?? 0) < fence.generation) this.#tables.fences.set(to, fence);
  }
}

const nameOf = ({ kind, tag }: TaggedEntry): string => `${kind} ${tag}`;
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
