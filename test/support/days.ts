import { createDayRowTable } from "../../functions/adapters/dynamodb/day-rows.ts";
import { dayAfter, dayBefore } from "../../functions/core/domain/day.ts";
import { SHARDS } from "../../functions/core/domain/shard.ts";
import { Lake } from "./lake.ts";
import type { Pipeline } from "./pipeline.ts";

/** Days ago of the newest and the oldest that may be drawn: none is as old as what is out of time (400 days). */
const [NEWEST, OLDEST] = [40, 399];
/** Years long past of which each contract that counts may write; those of Glue's jobs begin with 2000. */
const YEARS = {
  "lake-export": [1980, 1989],
  "erase-objects": [1990, 1995],
  "lake-row-source": [1996, 1999],
} as const;

/**
 * Consecutive days of which no store of the stage holds anything, oldest first, at random. They are looked for and not
 * agreed on, because whatever ran before may have written on any day, and what a day holds is counted.
 */
export async function drawEmptyDays(pipeline: Pipeline, count: number): Promise<string[]> {
  for (let draw = 0; draw < 100; draw++) {
    const last = NEWEST + Math.floor(Math.random() * (OLDEST - NEWEST - count + 2));
    const days = Array.from({ length: count }, (_, index) => dayBefore(new Date(), last + count - 1 - index));
    const empty = await Promise.all(days.map((day) => isEmpty(pipeline, day)));
    if (empty.every(Boolean)) return days;
  }
  throw new Error(`no ${count} empty days in a row found in 100 draws: wipe the stage`);
}

/** No row in the table, no document in the index, no object in the lake. */
async function isEmpty(pipeline: Pipeline, day: string): Promise<boolean> {
  const lake = new Lake(pipeline);
  const { documents, openSearch } = pipeline.stage;
  const rows = createDayRowTable({ client: documents, table: lake.table("conversation-contexts") });
  for (let shard = 0; shard < SHARDS; shard++)
    for await (const keys of rows.keys(day, shard)) if (keys.length > 0) return false;
  const range = { timestamp: { gte: `${day}T00:00:00.000Z`, lt: `${dayAfter(day)}T00:00:00.000Z` } };
  const { body } = await openSearch.count({ index: "conversations", body: { query: { range } } });
  return body.count === 0 && (await lake.days.read(day)).items.size === 0;
}

/** One day more of a contract's own. @param drawn days that it has already */
export function drawPastDay(file: keyof typeof YEARS, drawn: readonly string[] = []): string {
  const [first, last] = YEARS[file];
  const [begin, end] = [Date.UTC(first), Date.UTC(last + 1)];
  for (;;) {
    const day = new Date(begin + Math.floor(Math.random() * (end - begin))).toISOString().slice(0, 10);
    if (!drawn.includes(day)) return day;
  }
}
