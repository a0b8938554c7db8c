import { z } from "zod";
import { isDay } from "../domain/day.ts";
import { SHARDS } from "../domain/shard.ts";

/** A UTC day of the calendar. */
export const day = z.string().refine(isDay, "must be a day of the calendar (UTC), such as 2026-11-20");

/** What the state machine `conversation-export` is started with: which days, and what besides their export. */
export const exportRequestSchema = z.strictObject({
  /** Yesterday, every dirty day and every day that was left out. */
  nightly: z.boolean().exactOptional(),
  /** Every dirty day. */
  dirty: z.boolean().exactOptional(),
  from: day.exactOptional(),
  /** @default `from` */
  to: day.exactOptional(),
  /** Whether people's patterns are computed anew (Glue). */
  patterns: z.boolean().default(false),
  /** What reads the rows: a function from the table's index, or Spark from DynamoDB's own export. */
  engine: z.enum(["function", "glue"]).default("function"),
});

export type ExportRequest = z.input<typeof exportRequestSchema>;

/** Output of `plan-export`. */
export interface PlannedExport {
  readonly days: readonly PlannedDay[];
  readonly patterns: boolean;
  /** Days older than two that are dirty or were never exported. */
  readonly unexportedDays: number;
}

/** A day on its way through the machine. */
export interface PlannedDay {
  readonly day: string;
  readonly objects: number;
  /** Every object's number, 0 to `objects` - 1. */
  readonly parts: readonly number[];
  readonly engine: "function" | "glue";
}

/** Input of `export-day`: one object of a day, and where its rows come from. */
export const exportDaySchema = z.object({
  day,
  object: z
    .int()
    .min(0)
    .max(SHARDS - 1),
  objects: z.int().min(1).max(SHARDS),
  source: z.enum(["index", "staged"]),
});

/** Input of `finish-day`, `write-daily-metrics` and `publish-staged`. */
export const oneDaySchema = z.object({ day });
