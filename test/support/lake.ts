import { gunzipSync } from "node:zlib";
import { GetObjectCommand, ListMultipartUploadsCommand } from "@aws-sdk/client-s3";
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { createLakeDays } from "../../functions/adapters/dynamodb/lake-days.ts";
import { createLakeRowFiles } from "../../functions/adapters/parquet/lake-row-files.ts";
import { createLakeObjects } from "../../functions/adapters/s3/lake-objects.ts";
import { systemClock } from "../../functions/core/domain/clock.ts";
import { partitionPath } from "../../functions/core/domain/lake-keys.ts";
import type { LakeRow } from "../../functions/core/domain/lake-row.ts";
import { lakeRowOf } from "../../functions/core/domain/lake-row-of.ts";
import { sortKeyOf } from "../../functions/core/domain/message.ts";
import type { LakeDays } from "../../functions/core/ports/lake-days.ts";
import type { LakeObjects } from "../../functions/core/ports/lake-objects.ts";
import { collect } from "./parquet/rows.ts";
import type { Pipeline, Row } from "./pipeline.ts";

/** The deployed lake, seen from outside: files are read as any reader would, the table's rows directly. */
export class Lake {
  readonly #pipeline: Pipeline;
  readonly objects: LakeObjects;
  readonly days: LakeDays;

  constructor(pipeline: Pipeline) {
    const { s3, documents, outputs } = pipeline.stage;
    this.#pipeline = pipeline;
    this.objects = createLakeObjects({ client: s3, bucket: outputs.bucket });
    this.days = createLakeDays({
      client: documents,
      tables: { days: this.table("lake-days"), ledger: this.table("erasure-ledger") },
      clock: systemClock,
    });
  }

  /** Physical name of a table. */
  table(name: string): string {
    return this.#pipeline.stage.outputs.tables[name] ?? name;
  }

  keyOf(day: string): string {
    return `conversations/${partitionPath(day)}/conversations.parquet`;
  }

  /** Rows of a day's file, in its order. */
  async rowsOf(day: string): Promise<LakeRow[]> {
    const version = await this.objects.head(this.keyOf(day));
    if (version === undefined) throw new Error(`no object of ${day}`);
    return collect(createLakeRowFiles("hyparquet").read(this.objects.open(this.keyOf(day), version)));
  }

  /** What the file of a day must hold of these people: their rows in the table. */
  async expectedRows(day: string, people: readonly string[]): Promise<LakeRow[]> {
    const rows = (await Promise.all(people.map((user) => this.#pipeline.messagesOf(user)))).flat();
    return rows
      .filter(({ timestamp }) => timestamp.startsWith(day))
      .sort(
        (a, b) =>
          Buffer.compare(Buffer.from(a.user_id), Buffer.from(b.user_id)) ||
          (sortKeyOf(a) < sortKeyOf(b) ? -1 : 1),
      )
      .map(lakeRowOf);
  }

  /** Records of a day's training log. */
  async trainingLog(day: string): Promise<Record<string, unknown>[]> {
    const bytes = await this.read(`logs/${partitionPath(day)}/interactions.jsonl.gz`);
    const lines = gunzipSync(bytes).toString().split("\n").filter(Boolean);
    return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  /** Bytes of an object's current version. */
  async read(key: string): Promise<Uint8Array> {
    const { s3, outputs } = this.#pipeline.stage;
    const { Body: body } = await s3.send(new GetObjectCommand({ Bucket: outputs.bucket, Key: key }));
    return (await body?.transformToByteArray()) ?? new Uint8Array(0);
  }

  /** Unfinished uploads of a day. */
  async pendingUploads(day: string): Promise<string[]> {
    const { s3, outputs } = this.#pipeline.stage;
    const { Uploads: uploads = [] } = await s3.send(
      new ListMultipartUploadsCommand({ Bucket: outputs.bucket }),
    );
    return uploads.flatMap(({ Key: key = "" }) => (key.includes(partitionPath(day)) ? [key] : []));
  }

  /** A row as the table's item. */
  async itemOf(userId: string, messageId: string): Promise<Row> {
    const items = await this.#pipeline.itemsOf("conversation-contexts", userId);
    const item = items.find(({ message_id }) => message_id === messageId);
    if (item === undefined) throw new Error("no such row");
    return item;
  }

  /** Writes an item behind the product's back. */
  async put(table: string, item: Row): Promise<void> {
    await this.#pipeline.stage.documents.send(
      new PutCommand({ TableName: this.table(table), Item: { ...item } }),
    );
  }
}
