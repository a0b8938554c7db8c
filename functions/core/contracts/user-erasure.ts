import { z } from "zod";
import { ERASERS } from "../domain/personal-stores.ts";

/** A request's id: a time that sorts and something random. Nothing personal. */
export const requestId = z
  .string()
  .regex(/^er-\d{8}T\d{6}-[0-9a-f]{12}$/, "must be the id of an erasure request");

/** Input of the state machines `erasure-plan` and `user-erasure`, and of most of their states. */
export const erasureInputSchema = z.strictObject({
  request_id: requestId,
  /** The daily look after completion: no plan, no approval, no drain. */
  recheck: z.boolean().exactOptional(),
});
export type ErasureInput = z.output<typeof erasureInputSchema>;

/** Output of `plan-erasure`. */
export interface ResolvedPeople {
  readonly request_id: string;
  readonly people: number;
  /** Ids that need a decision before the plan can be approved. */
  readonly undecided: number;
}

/** Output of `fence-people`. */
export interface FencedPeople {
  readonly request_id: string;
  /** Seconds until no writer that read the ledger before the fence can write. */
  readonly drainSeconds: number;
  readonly people: number;
  readonly held: number;
}

/**
 * Input of `erase-cache`, `erase-tables`, `erase-search`, `erase-objects`. `plan` and `count` take counts (for the plan; once,
 * after the drain); `erase` removes; `verify` reads again.
 */
export const eraseStoresSchema = z.strictObject({
  request_id: requestId,
  eraser: z.enum(ERASERS),
  operation: z.enum(["plan", "count", "erase", "verify"]),
  /** Person to go on with, from 1. */
  from: z.int().min(1).default(1),
  /** How often erasing was tried before. @default 0 */
  attempt: z.int().min(0).default(0),
});
export type EraseStoresInput = z.output<typeof eraseStoresSchema>;

/** Output of the erasers' functions. The machine calls again with `next` until `done`. */
export interface EraseStoresOutput {
  readonly request_id: string;
  readonly eraser: EraseStoresInput["eraser"];
  readonly done: boolean;
  /** `from` of the next call. */
  readonly next: number;
  /** What verification still found, in all stores of this eraser: 0 is what it must be. */
  readonly remaining: number;
  readonly attempt: number;
}

/** How a branch of `EraseStores` ended, for `finish-erasure`. */
const branchSchema = z.object({
  eraser: z.enum(ERASERS),
  /** Name of the error, where it failed. */
  error: z.string().exactOptional(),
});

/** Input of `finish-erasure`. */
export const finishErasureSchema = z.strictObject({
  request_id: requestId,
  recheck: z.boolean().exactOptional(),
  branches: z.array(branchSchema),
});

export type FinishErasureInput = z.output<typeof finishErasureSchema>;

/** Output of `finish-erasure`. */
export interface FinishedErasure {
  readonly request_id: string;
  readonly status: "completed" | "waiting" | "closed";
  /** People with a receipt. */
  readonly completed: number;
  readonly held: number;
}

/** Input of `approve-erasure`. */
export const approveErasureSchema = z.strictObject({
  request_id: requestId,
  plan_hash: z.string().regex(/^[0-9a-f]{64}$/, "must be the hash that the plan shows"),
  actor: z.string().min(1).max(2048),
});
export type ApproveErasureInput = z.output<typeof approveErasureSchema>;

/** Output of `recheck-erasures`. */
export interface RecheckedErasures {
  /** Executions that were started to look again at completed requests. */
  readonly rechecks: number;
  /** Executions that go on with requests which failed, stopped, or are held no longer. */
  readonly resumed: number;
  /** Plans that nobody approved: their raw ids are gone. */
  readonly expired: number;
  /** Requests that could not be looked at, for reasons that were reported. */
  readonly failed: number;
  /** Requests that wait because all that is left of them is held. */
  readonly waiting: number;
  /** Age in whole days of the oldest request that is neither completed nor waiting; 0 where there is none. */
  readonly oldestOpenDays: number;
  /** The same of those that wait: whoever asked must be told why within a month. */
  readonly oldestWaitingDays: number;
}

/** Input of `request-erasure`: the only call of the erasure that carries raw ids. It is synchronous, so nothing keeps it. */
export const requestErasureSchema = z.strictObject({
  user_ids: z.array(z.string()).min(1),
  /** Decisions about ids that were somebody else's, too. */
  include: z.array(z.string()).default([]),
  exclude: z.array(z.string()).default([]),
  actor: z.string().min(1).max(2048),
});
