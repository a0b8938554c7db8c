import { z } from "zod";
import { isDay } from "../domain/day.ts";
import { TAG_PATTERN } from "../domain/key-chain.ts";
import { SHARDS } from "../domain/shard.ts";

/** People that one comparison of contexts takes. */
export const MAX_PEOPLE = 100;

const tag = z.string().regex(TAG_PATTERN, "must be the person's tag");

/** Input of the function `compare-contexts`. */
export const compareContextsSchema = z.object({
  people: z.array(z.object({ user_id: z.string().min(1).max(256), tag })).max(MAX_PEOPLE),
});

/** A person and the tag that names them in cache and ledger. */
export type Person = z.output<typeof compareContextsSchema>["people"][number];

/** Output of `compare-contexts`: contexts that the cache would have served, and those that differed from the rows and are dropped. */
export interface ContextComparison {
  readonly contexts: number;
  readonly stale: number;
}

const shard = z
  .int()
  .min(0)
  .max(SHARDS - 1);

/** Input of the function `repair-day`: one shard of a UTC day, named or so many days ago. */
export const repairDaySchema = z.union(
  [z.object({ day: z.string().refine(isDay), shard }), z.object({ daysAgo: z.int().min(0).max(400), shard })],
  { error: "must be {day: YYYY-MM-DD, shard: 0 to 15} or {daysAgo, shard}" },
);

/** What a repair found in one shard of a day, and what became of it. Counts only. */
export interface ShardReport {
  readonly day: string;
  readonly shard: number;
  /** Live rows compared. */
  readonly rows: number;
  /** Documents compared. */
  readonly documents: number;
  /** Rows without a document. */
  readonly missing: number;
  /** Documents at a lower revision than their row. */
  readonly older: number;
  /** Documents at a higher revision than their row, as after a restore of the table: left as they are. */
  readonly newer: number;
  /** Documents whose row was erased, or is not there though its time is not over: removed. */
  readonly orphaned: number;
  /** Documents whose row's time was over: kept, search has its own retention. */
  readonly outlived: number;
  /** Differences of the index that are mended. */
  readonly mended: number;
  /** Differences of the index that remain. */
  readonly remaining: number;
  /** Cached contexts that were compared, and those that differed and are dropped; `null` where the cache was not to be had. */
  readonly cache: ContextComparison | null;
  /** False where time ran out before the end of the shard. */
  readonly isComplete: boolean;
}

/** True where everything was compared and nothing remains. */
export const isMended = ({ remaining, cache, isComplete }: ShardReport): boolean =>
  remaining === 0 && cache !== null && isComplete;
