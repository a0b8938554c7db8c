import { type DynamoDBDocumentClient, GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import { z } from "zod";
import { createConversationReader } from "../../../functions/adapters/dynamodb/conversation-reader.ts";
import { createDayMarks } from "../../../functions/adapters/dynamodb/day-marks.ts";
import { createErasureLedger } from "../../../functions/adapters/dynamodb/erasure-ledger.ts";
import { createMessageReader } from "../../../functions/adapters/dynamodb/message-reader.ts";
import { createMessageStore } from "../../../functions/adapters/dynamodb/message-store.ts";
import { createProfileReader } from "../../../functions/adapters/dynamodb/profile-reader.ts";
import { type Clock, systemClock } from "../../../functions/core/domain/clock.ts";
import type { Fence } from "../../../functions/core/domain/fence.ts";
import { messageTables } from "../../support/message-tables.ts";
import { openEngines, openStage, type TestEngines } from "../../support/stage.ts";
import type { Stores } from "../suites/scene.ts";

const givenNames = z.object({
  names: z.object({ tables: z.record(z.string(), z.string()), bucket: z.string().min(1) }),
});

/** The stage's DynamoDB and S3 with the names of its tables. */
export interface DynamoEngine {
  readonly engines: TestEngines;
  readonly bucket: string;
  /** Physical name of a table. */
  table(logicalName: string): string;
}

/** Connects to the running stage; names come from `HILO_STATUS_JSON` or from its stacks. */
export async function openDynamo(): Promise<DynamoEngine> {
  const given = givenNames.safeParse(JSON.parse(process.env["HILO_STATUS_JSON"] ?? "{}"));
  if (given.success) return engineOf(await openEngines(), given.data.names);
  const stage = await openStage();
  return engineOf(stage, stage.outputs);
}

function engineOf(
  engines: TestEngines,
  names: { readonly tables: Readonly<Record<string, string>>; readonly bucket: string },
): DynamoEngine {
  return {
    engines,
    bucket: names.bucket,
    table(logicalName) {
      const name = names.tables[logicalName];
      if (name === undefined) throw new Error(`The stage has no table ${logicalName}: deploy it again`);
      return name;
    },
  };
}

/** The adapters on the engine, through `client` where one is given. */
export function storesOf(
  engine: DynamoEngine,
  client: DynamoDBDocumentClient = engine.engines.documents,
): Stores {
  const tables = messageTables(engine.table);
  const clock = systemClock;
  const storeAt = (at: Clock) => {
    const marks = createDayMarks({ client, table: engine.table("lake-days"), clock: at });
    return createMessageStore({ client, tables, marks, clock: at });
  };
  return {
    store: storeAt(clock),
    storeAt,
    markOf: (day, shard) => markOf(engine, day, shard),
    reader: createMessageReader({ client, table: tables.contexts, clock }),
    readerAt: (later) => createMessageReader({ client, table: tables.contexts, clock: later }),
    profiles: createProfileReader({ client, table: tables.profiles, clock }),
    conversations: createConversationReader({ client, tables, clock }),
    ledger: createErasureLedger({ client, table: tables.ledger }),
    fence: (tag, fence) => putFence(engine, tag, fence),
  };
}

/** Writes a fence past the ports. */
export async function putFence(engine: DynamoEngine, tag: string, fence: Fence): Promise<void> {
  const command = new PutCommand({ TableName: engine.table("erasure-ledger"), Item: { tag, ...fence } });
  await engine.engines.documents.send(command);
}

/** How often a day's mark was bumped; fails where it is there and not dirty. */
async function markOf(engine: DynamoEngine, day: string, shard: number): Promise<number> {
  const command = new GetCommand({
    TableName: engine.table("lake-days"),
    Key: { day, shard: String(shard) },
    ConsistentRead: true,
  });
  const { Item: item } = await engine.engines.documents.send(command);
  if (item && item["dirty"] !== "dirty") throw new Error("a mark that does not make its day dirty");
  return Number(item?.["mark"] ?? 0);
}
