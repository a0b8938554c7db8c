import { addCounts, type ErasureTarget, NOTHING_HELD, type StoreCounts } from "../../domain/erasure.ts";

/** Counts by target, added to by user id. */
export class TargetCounts {
  readonly #positions: ReadonlyMap<string, number>;
  readonly #counts: StoreCounts[];

  constructor(targets: readonly Pick<ErasureTarget, "user_id">[]) {
    this.#positions = new Map(targets.map(({ user_id }, position) => [user_id, position]));
    this.#counts = targets.map(() => NOTHING_HELD);
  }

  /** What nobody in particular has is told of the first. */
  add(userId: string | undefined, counts: Partial<StoreCounts>): void {
    const position = (userId === undefined ? 0 : this.#positions.get(userId)) ?? 0;
    const before = this.#counts[position];
    if (before) this.#counts[position] = addCounts(before, { ...NOTHING_HELD, ...counts });
  }

  list(): readonly StoreCounts[] {
    return this.#counts;
  }
}
