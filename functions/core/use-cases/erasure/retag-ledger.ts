import { mapBounded } from "../../domain/batches.ts";
import type { Clock } from "../../domain/clock.ts";
import { PermanentError, TransientError } from "../../domain/errors.ts";
import { type KeyChain, keyNumberOf } from "../../domain/key-chain.ts";
import type { LedgerTags, TaggedEntry, TagRotation } from "../../ports/ledger-tags.ts";

export interface RetagDeps {
  readonly ledger: LedgerTags;
  readonly keys: Pick<KeyChain, "nextTag" | "length" | "lookups">;
  readonly clock: Clock;
  /** Told after each page. */
  readonly report?: (progress: RetagProgress) => void;
}

export interface RetagOptions {
  /**
   * Ends the rotation: whoever still knows the old keys only is told so and writes nothing. Otherwise fences are only
   * copied, which disturbs nobody.
   */
  readonly finish: boolean;
}

/** What was done so far. */
export interface RetagProgress {
  readonly step: "copy" | "remove";
  /** Fences and holds looked at. */
  readonly seen: number;
  /** Of those the ones that were copied, or removed under their old tag. */
  readonly changed: number;
}

/**
 * - `unneeded`: there is no key that the ledger does not know.
 * - `wait`: it goes on after `until`, when every lookup has ended that began before what was just done.
 * - `switch-lookups`: all is there under the newest key; now the secret's `lookups` are to name it.
 * - `finish`: lookups do; now the old tags can go.
 * - `done`: nothing is kept under an old tag.
 */
export type Retagged = {
  readonly keys: number;
  readonly copied: number;
  readonly removed: number;
} & (
  | { readonly state: "unneeded" | "switch-lookups" | "finish" | "done" }
  | { readonly state: "wait"; readonly until: string }
);

/** Entries that are changed at once. */
const AT_ONCE = 8;
/** Longest life of whoever began to ask before the range moved: a function's 15 minutes. ms */
export const LOOKUPS_END_MS = 15 * 60_000;

/**
 * Does what a rotation of the hash keys needs next (docs/adr/0101): fences are written under the new key too; those that
 * were there are copied; only then lookups may ask by it. After the switch the old tags go. Each step is safe whatever
 * the functions know: who could miss a fence is refused by the ledger. A lookup reads range and fence one after the
 * other in any order, so the range moves only when those have ended that began before the fences were moved. Repeated,
 * it goes on.
 * @throws PermanentError when the secret has lost a key that the ledger is kept under; TransientError | PermanentError
 */
export async function retagLedger(
  { finish }: RetagOptions,
  { ledger, keys, clock, report }: RetagDeps,
): Promise<Retagged> {
  let rotation = await ledger.rotation();
  if (keys.length < rotation.to) {
    throw new PermanentError(
      `Hash keys: the ledger is kept under key k${rotation.to}, which the secret lacks: restore its last version`,
    );
  }
  const counts = { keys: keys.length, copied: 0, removed: 0 };
  const walk = async (
    step: RetagProgress["step"],
    key: number,
    change: (entry: TaggedEntry) => Promise<boolean>,
  ): Promise<number> => {
    const name = `${step} k${key}`;
    let [seen, changed] = [0, 0];
    let next = await ledger.stoppedAt(name);
    do {
      const page = await ledger.page(next);
      const results = await mapBounded(page.entries, AT_ONCE, change);
      seen += results.length;
      changed += results.filter(Boolean).length;
      next = page.next;
      report?.({ step, seen, changed });
      await ledger.stopAt(name, next);
    } while (next !== undefined);
    return changed;
  };
  const move = async (to: Partial<TagRotation>): Promise<void> => {
    const { moved_at: _, ...before } = rotation;
    if (!(await ledger.move(rotation, { ...before, ...to })))
      throw new TransientError("erasure-ledger: somebody else re-tags it: run it again");
    rotation = await ledger.rotation();
  };

  /** When every lookup has ended that began before the last move; `undefined` when it is so. */
  const wait = (): string | undefined => {
    const end = new Date(Date.parse(rotation.moved_at ?? "") + LOOKUPS_END_MS).toISOString();
    return clock().toISOString() < end ? end : undefined;
  };

  while (rotation.complete < keys.length) {
    const next = rotation.complete + 1;
    // From here on no fence is written under the old key only, so one walk finds all that lack the new one.
    if (rotation.to < next) await move({ to: next });
    if (rotation.copied < next) {
      counts.copied += await walk("copy", next, async ({ kind, tag }) => {
        if (kind !== "fence" || keyNumberOf(tag) !== next - 1) return false;
        await ledger.copyFence(tag, keys.nextTag(tag));
        return true;
      });
      await move({ copied: next });
    }
    const until = wait();
    if (until !== undefined) return { ...counts, state: "wait", until };
    await move({ complete: next });
  }
  if (keys.length === 1) return { ...counts, state: "unneeded" };
  if (keys.lookups < keys.length) return { ...counts, state: "switch-lookups" };
  if (rotation.removed === keys.length) return { ...counts, state: "done" };
  if (!finish) return { ...counts, state: "finish" };

  if (rotation.from < keys.length) await move({ from: keys.length });
  const until = wait();
  if (until !== undefined) return { ...counts, state: "wait", until };
  counts.removed += await walk("remove", rotation.from, async ({ kind, tag }) => {
    if (keyNumberOf(tag) >= rotation.from) return false;
    if (kind === "hold") await ledger.moveHold(tag, newest(tag, keys));
    else await ledger.replaceFence(tag, newest(tag, keys));
    return true;
  });
  await move({ removed: keys.length });
  return { ...counts, state: "done" };
}

/** The same person's tag under the newest key. */
function newest(tag: string, keys: RetagDeps["keys"]): string {
  let last = tag;
  while (keyNumberOf(last) < keys.length) last = keys.nextTag(last);
  return last;
}
