import { DeleteCommand, QueryCommand, TransactWriteCommand } from "@aws-sdk/lib-dynamodb";
import { createDayRowSource, createDayRowTable } from "../../functions/adapters/dynamodb/day-rows.ts";
import { createErasureLedger } from "../../functions/adapters/dynamodb/erasure-ledger.ts";
import { fenceSequenceRaise } from "../../functions/adapters/dynamodb/fence-sequence.ts";
import { createLakeDays } from "../../functions/adapters/dynamodb/lake-days.ts";
import { createLakePeople } from "../../functions/adapters/dynamodb/lake-people.ts";
import { createLakeRowFiles } from "../../functions/adapters/parquet/lake-row-files.ts";
import { createLakeObjects } from "../../functions/adapters/s3/lake-objects.ts";
import { systemClock } from "../../functions/core/domain/clock.ts";
import { lakeObjectKey } from "../../functions/core/domain/lake-keys.ts";
import type { LakeRow } from "../../functions/core/domain/lake-row.ts";
import type { ExportDeps } from "../../functions/core/use-cases/export-day-object.ts";
import type { FinishDeps } from "../../functions/core/use-cases/finish-day.ts";
import type { VerifyDeps } from "../../functions/core/use-cases/verify-days.ts";
import type { DynamoEngine } from "../contract/dynamodb/engine.ts";
import { tagOf } from "./builders.ts";

const files = createLakeRowFiles("hyparquet");

/** The lake's adapters on a running stage. */
export class LakeStage {
  readonly #engine: DynamoEngine;
  readonly #tables: { readonly days: string; readonly ledger: string };

  constructor(engine: DynamoEngine) {
    this.#engine = engine;
    this.#tables = { days: engine.table("lake-days"), ledger: engine.table("erasure-ledger") };
  }

  exportDeps(): ExportDeps {
    const { documents: client } = this.#engine.engines;
    return {
      ...this.verifyDeps(),
      files,
      source: createDayRowSource({ client, table: this.#engine.table("conversation-contexts") }),
    };
  }

  finishDeps(): FinishDeps {
    return { ...this.verifyDeps(), files, settleMs: 0, hasSideFiles: false };
  }

  verifyDeps(): VerifyDeps {
    const { documents: client, s3 } = this.#engine.engines;
    const clock = systemClock;
    return {
      days: createLakeDays({ client, tables: this.#tables, clock }),
      rows: createDayRowTable({ client, table: this.#engine.table("conversation-contexts") }),
      objects: createLakeObjects({ client: s3, bucket: this.#engine.bucket }),
      files,
      ledger: createErasureLedger({ client, table: this.#tables.ledger }),
      people: createLakePeople({ client, table: this.#engine.table("user-objects"), clock }),
      keys: { tag: tagOf },
      clock,
    };
  }

  /** Rows of the one object of a day; none where there is no object. */
  async rows(day: string): Promise<LakeRow[]> {
    const { objects } = this.verifyDeps();
    const key = lakeObjectKey(day, 0, 1);
    const version = await objects.head(key);
    const rows: LakeRow[] = [];
    if (version) for await (const row of files.read(objects.open(key, version))) rows.push(row);
    return rows;
  }

  /** Takes a row out of the table, as its time does. */
  async expire(user_id: string, sortKey: string): Promise<void> {
    const TableName = this.#engine.table("conversation-contexts");
    const { documents } = this.#engine.engines;
    await documents.send(new DeleteCommand({ TableName, Key: { user_id, timestamp: sortKey } }));
  }

  /** A fence as an erasure sets it. */
  async fence(userId: string, generation: number): Promise<void> {
    const Item = { tag: tagOf(userId), generation, fenced_at: new Date().toISOString() };
    await this.#engine.engines.documents.send(
      new TransactWriteCommand({
        TransactItems: [
          { Put: { TableName: this.#tables.ledger, Item } },
          fenceSequenceRaise(this.#tables.ledger),
        ],
      }),
    );
  }

  /** Forgets what is recorded of a day, for whoever asks which days are dirty. */
  async forgetDay(day: string): Promise<void> {
    const { documents } = this.#engine.engines;
    const { Items: items = [] } = await documents.send(
      new QueryCommand({
        TableName: this.#tables.days,
        KeyConditionExpression: "#day = :day",
        ExpressionAttributeNames: { "#day": "day" },
        ExpressionAttributeValues: { ":day": day },
      }),
    );
    for (const { shard } of items) {
      await documents.send(new DeleteCommand({ TableName: this.#tables.days, Key: { day, shard } }));
    }
  }
}
