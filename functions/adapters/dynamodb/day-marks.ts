import { type DynamoDBDocumentClient, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { Clock } from "../../core/domain/clock.ts";
import { shardOf } from "../../core/domain/shard.ts";
import type { DayMarks } from "../../core/ports/day-marks.ts";
import { call } from "./call.ts";

/** Marks of the lake's days in `lake-days`. `DirtyIndex` lists a day while anything of it says `dirty`. */
export const createDayMarks = (deps: {
  readonly client: DynamoDBDocumentClient;
  /** `lake-days` */
  readonly table: string;
  readonly clock: Clock;
}): DayMarks => ({
  async bump(day, shard) {
    const command = new UpdateCommand({
      TableName: deps.table,
      Key: { day, shard: String(shard) },
      UpdateExpression: "ADD mark :one SET marked_at = :now, dirty = :dirty",
      ExpressionAttributeValues: { ":one": 1, ":now": deps.clock().toISOString(), ":dirty": "dirty" },
    });
    await call("UpdateItem", deps.table, deps.client.send(command));
  },
});

/**
 * Marks for all tries of one write: before each, give it the rows that are to be written. It bumps, at the same time, the
 * mark of each past UTC day and shard among them, once. Rows of the present day need none: a day is not clean until its
 * end lies further back than any writer lives.
 *
 * Once is enough for all tries because an exporter takes a day for clean only where its last mark was already 15 minutes
 * old when it began to read rows, while the tries end with their function, within seconds.
 * @throws TransientError | PermanentError (the function it gives): then the rows must not be written
 */
export function lateRowMarks({ marks, clock }: { readonly marks: DayMarks; readonly clock: Clock }) {
  const bumped = new Set<string>();
  return async (rows: readonly { readonly user_id: string; readonly timestamp: string }[]): Promise<void> => {
    const today = clock().toISOString().slice(0, 10);
    const late = new Map<string, readonly [day: string, shard: number]>();
    for (const { user_id, timestamp } of rows) {
      const [day, shard] = [timestamp.slice(0, 10), shardOf(user_id)];
      const name = `${day}#${shard}`;
      if (day < today && !bumped.has(name)) late.set(name, [day, shard]);
    }
    await Promise.all([...late.values()].map(([day, shard]) => marks.bump(day, shard)));
    for (const name of late.keys()) bumped.add(name);
  };
}
