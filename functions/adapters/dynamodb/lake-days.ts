import { type DynamoDBDocumentClient, UpdateCommand, type UpdateCommandInput } from "@aws-sdk/lib-dynamodb";
import type { Clock } from "../../core/domain/clock.ts";
import { isDay } from "../../core/domain/day.ts";
import { PermanentError, TransientError } from "../../core/domain/errors.ts";
import { SHARDS } from "../../core/domain/shard.ts";
import type { LakeDay, LakeDays } from "../../core/ports/lake-days.ts";
import type { UploadName } from "../../core/ports/lake-objects.ts";
import { batchGet } from "./batch-get.ts";
import { type Item, isMet } from "./call.ts";
import { fenceSequenceCheck, readFenceSequence } from "./fence-sequence.ts";
import { DAY_ITEM, DIRTY, dayOf, manifestItem, UPLOADING, uploadOf } from "./lake-day-items.ts";
import { queryPages } from "./query-pages.ts";
import { backOff } from "./retry.ts";
import { setAttributes } from "./set-attributes.ts";
import { type TransactItem, type TransactResult, transact } from "./transact.ts";

const MAX_TRIES = 6;

interface LakeDaysDeps {
  readonly client: DynamoDBDocumentClient;
  readonly tables: {
    /** `lake-days` */
    readonly days: string;
    /** `erasure-ledger` */
    readonly ledger: string;
  };
  readonly clock: Clock;
  readonly random?: () => number;
}

/** The days of the lake in `lake-days`, and the number of fences in `erasure-ledger`. */
export function createLakeDays(deps: LakeDaysDeps): LakeDays {
  const { client, tables, clock, random = Math.random } = deps;
  const table = tables.days;

  /** Conditions make each of these writes harmless to repeat, so an unknown outcome is tried again. */
  async function insist(
    items: readonly TransactItem[],
  ): Promise<Extract<TransactResult, { status: "committed" | "unmet" }>> {
    let cause = "";
    for (let attempt = 0; attempt < MAX_TRIES; attempt++) {
      const result = await transact(client, table, items);
      if (result.status === "committed" || result.status === "unmet") return result;
      if (result.status === "rejected") throw new PermanentError(`DynamoDB ${table}: ${result.cause}`);
      cause = result.cause;
      await backOff(attempt, random);
    }
    throw new TransientError(`DynamoDB TransactWriteItems on ${table}: ${cause}: it is retried`);
  }

  /** @returns false when the condition does not hold */
  async function update(
    day: string,
    shard: string,
    change: Omit<UpdateCommandInput, "TableName" | "Key">,
  ): Promise<boolean> {
    const command = new UpdateCommand({ TableName: table, Key: { day, shard }, ...change });
    return isMet("UpdateItem", table, client.send(command));
  }

  return {
    fenceSequence: () => readFenceSequence(client, tables.ledger),

    async read(day) {
      const items: Item[] = [];
      for await (const item of queryPages(client, {
        TableName: table,
        KeyConditionExpression: "#day = :day",
        ExpressionAttributeNames: { "#day": "day" },
        ExpressionAttributeValues: { ":day": day },
        ConsistentRead: true,
      })) {
        items.push(item);
      }
      return dayOf(day, items);
    },

    async open(day, objects) {
      const isOpen = await update(day, DAY_ITEM, {
        UpdateExpression:
          "SET objects = :objects, #state = :dirty, dirty = :dirty, opened_at = :now REMOVE paused_for",
        ConditionExpression: "attribute_not_exists(objects) OR objects = :objects",
        ExpressionAttributeNames: { "#state": "state" },
        ExpressionAttributeValues: { ":objects": objects, ":dirty": DIRTY, ":now": clock().toISOString() },
      });
      if (!isOpen) {
        throw new PermanentError(
          `lake: ${day} was exported with another number of objects than ${objects}: a day keeps the number it has`,
        );
      }
    },

    async recordUpload({ day, item, upload, gone, fenceSequence, removal = false }) {
      const entry = [
        fenceSequenceCheck(tables.ledger, fenceSequence),
        recordedUpload(table, { day, item, upload, ...(gone && { gone }) }),
      ];
      // What was clean was another version. People's files are of no day that could be clean.
      let result = await insist([
        ...entry,
        ...(isDay(day) ? [removal ? pausedDay(table, day, upload) : dirtyDay(table, day)] : []),
      ]);
      // A day that was not clean stays dirty.
      if (result.status === "unmet" && removal && onlyThird(result.positions)) {
        result = await insist([...entry, dirtyDay(table, day)]);
      }
      if (result.status === "committed") return "recorded";
      return result.positions.has(0) ? "overtaken" : "foreign";
    },

    async forgetUpload(day, item, upload) {
      await update(day, item, {
        UpdateExpression: "REMOVE #upload, dirty",
        ConditionExpression: "#upload.upload_id = :upload",
        ExpressionAttributeNames: { "#upload": "upload" },
        ExpressionAttributeValues: { ":upload": upload.uploadId },
      });
    },

    async record({ day, item, upload, manifest, removal = false }) {
      const { sets, names, values } = setAttributes(manifestItem(manifest));
      const change = {
        UpdateExpression: `SET ${sets} REMOVE #upload, dirty`,
        ConditionExpression: upload
          ? // Its own repetition, after an answer that was lost, finds the upload gone.
            "#upload.upload_id = :upload OR (attribute_not_exists(#upload) AND export_id = :export)"
          : "attribute_not_exists(#upload) AND attribute_not_exists(version_id)",
        ExpressionAttributeNames: { ...names, "#upload": "upload" },
        ExpressionAttributeValues: {
          ...values,
          ...(upload && { ":upload": upload.uploadId, ":export": manifest.exportId }),
        },
      };
      if (removal && upload && isDay(day)) {
        const place = { TableName: table, Key: { day, shard: item } };
        const result = await insist([{ Update: { ...place, ...change } }, resumedDay(table, day, upload)]);
        if (result.status === "committed") return true;
        if (result.positions.has(0)) return false;
      }
      return update(day, item, change);
    },

    async recordedUploads() {
      const found: { readonly day: string; readonly item: string }[] = [];
      for await (const item of queryPages(client, {
        TableName: table,
        IndexName: "DirtyIndex",
        KeyConditionExpression: "dirty = :uploading",
        ExpressionAttributeValues: { ":uploading": UPLOADING },
      })) {
        found.push({ day: String(item["day"]), item: String(item["shard"]) });
      }
      const keys = found.map(({ day, item }) => ({ table, key: { day, shard: item } }));
      return (await batchGet(client, keys, { consistent: true, random })).flatMap(({ item }) => {
        const upload = uploadOf(item);
        return upload ? [{ day: String(item["day"]), item: String(item["shard"]), upload }] : [];
      });
    },

    async markClean(seen) {
      const result = await insist(cleanDay(table, seen, clock().toISOString()));
      return result.status === "committed";
    },

    async dirtyDays() {
      const days = new Set<string>();
      for await (const item of queryPages(client, {
        TableName: table,
        IndexName: "DirtyIndex",
        KeyConditionExpression: "dirty = :dirty",
        ExpressionAttributeValues: { ":dirty": DIRTY },
      })) {
        days.add(String(item["day"]));
      }
      return [...days].sort();
    },

    async recordedDays(days) {
      const keys = days.map((day) => ({ table, key: { day, shard: DAY_ITEM } }));
      const found = await batchGet(client, keys, { consistent: true, random });
      return new Set(found.map(({ item }) => String(item["day"])));
    },
  };
}

/** Records an upload where none is recorded but one that is gone, or itself. */
const recordedUpload = (
  table: string,
  entry: { day: string; item: string; upload: UploadName; gone?: UploadName },
): TransactItem => ({
  Update: {
    TableName: table,
    Key: { day: entry.day, shard: entry.item },
    UpdateExpression: "SET #upload = :entry, dirty = :uploading",
    ConditionExpression: "attribute_not_exists(#upload) OR #upload.upload_id IN (:upload, :gone)",
    ExpressionAttributeNames: { "#upload": "upload" },
    ExpressionAttributeValues: {
      ":uploading": UPLOADING,
      ":entry": { upload_id: entry.upload.uploadId, key: entry.upload.key },
      ":upload": entry.upload.uploadId,
      ":gone": entry.gone?.uploadId ?? entry.upload.uploadId,
    },
  },
});

const dirtyDay = (table: string, day: string): TransactItem => ({
  Update: {
    TableName: table,
    Key: { day, shard: DAY_ITEM },
    UpdateExpression: "SET #state = :dirty, dirty = :dirty REMOVE paused_for",
    ExpressionAttributeNames: { "#state": "state" },
    ExpressionAttributeValues: { ":dirty": DIRTY },
  },
});

/** A clean day is dirty for the time of a removal: killed in it, the next export mends it. */
const pausedDay = (table: string, day: string, upload: UploadName): TransactItem => ({
  Update: {
    TableName: table,
    Key: { day, shard: DAY_ITEM },
    UpdateExpression: "SET #state = :dirty, dirty = :dirty, paused_for = :upload",
    ConditionExpression: "#state = :clean OR paused_for = :upload",
    ExpressionAttributeNames: { "#state": "state" },
    ExpressionAttributeValues: { ":dirty": DIRTY, ":clean": "clean", ":upload": upload.uploadId },
  },
});

/** What made the day dirty is done, and nobody else did since. */
const resumedDay = (table: string, day: string, upload: UploadName): TransactItem => ({
  Update: {
    TableName: table,
    Key: { day, shard: DAY_ITEM },
    UpdateExpression: "SET #state = :clean REMOVE dirty, paused_for",
    ConditionExpression: "paused_for = :upload",
    ExpressionAttributeNames: { "#state": "state" },
    ExpressionAttributeValues: { ":clean": "clean", ":upload": upload.uploadId },
  },
});

/** Of a transaction of three, that only the last one's condition did not hold. */
const onlyThird = (positions: ReadonlySet<number>): boolean => positions.size === 1 && positions.has(2);

/** Everything as it was seen: 16 marks, the day, and up to 32 objects. */
function cleanDay(table: string, seen: LakeDay, now: string): TransactItem[] {
  const { day } = seen;
  const marks = new Map(seen.marks.map(({ shard, mark }) => [shard, mark]));
  return [
    {
      Update: {
        TableName: table,
        Key: { day, shard: DAY_ITEM },
        UpdateExpression: "SET #state = :clean, clean_at = :now REMOVE dirty, paused_for",
        ConditionExpression: "objects = :objects",
        ExpressionAttributeNames: { "#state": "state" },
        ExpressionAttributeValues: { ":clean": "clean", ":now": now, ":objects": seen.objects ?? 0 },
      },
    },
    ...Array.from({ length: SHARDS }, (_, shard) => cleanMark(table, day, shard, marks.get(shard))),
    ...[...seen.items].map(
      ([name, item]): TransactItem => ({
        ConditionCheck: {
          TableName: table,
          Key: { day, shard: name },
          ConditionExpression: "export_id = :export AND attribute_not_exists(#upload)",
          ExpressionAttributeNames: { "#upload": "upload" },
          ExpressionAttributeValues: { ":export": item.manifest?.exportId ?? "" },
        },
      }),
    ),
  ];
}

const cleanMark = (table: string, day: string, shard: number, mark: number | undefined): TransactItem => {
  const place = { TableName: table, Key: { day, shard: String(shard) } };
  if (mark === undefined) {
    return { ConditionCheck: { ...place, ConditionExpression: "attribute_not_exists(mark)" } };
  }
  return {
    Update: {
      ...place,
      UpdateExpression: "REMOVE dirty",
      ConditionExpression: "mark = :mark",
      ExpressionAttributeValues: { ":mark": mark },
    },
  };
};
