import { type AthenaClient, CreateWorkGroupCommand, DeleteWorkGroupCommand } from "@aws-sdk/client-athena";
import {
  CreateDatabaseCommand,
  CreateTableCommand,
  DeleteDatabaseCommand,
  GlueClient,
} from "@aws-sdk/client-glue";
import { CreateBucketCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { createQueryRunner } from "../../../functions/adapters/athena/query-runner.ts";
import { MESSAGES } from "../../../functions/core/domain/lake-schema.ts";
import type { QueryRunner } from "../../../functions/core/ports/query-runner.ts";
import { openEngines, type TestEngines } from "../../support/stage.ts";

/** Glue's names of the neutral types, written down a second time so that the stack's are checked by the queries. */
const GLUE_TYPES = {
  string: "string",
  json: "string",
  bigint: "bigint",
  double: "double",
  boolean: "boolean",
  timestamp: "timestamp",
  date: "date",
} as const;

/** A database, a bucket and a workgroup of the tests' own on the running engines. */
export interface LakeScene {
  readonly engines: TestEngines;
  readonly athena: AthenaClient;
  /** Name of database, bucket and workgroup. */
  readonly name: string;
  readonly runner: QueryRunner;
  /** A table of messages with computed partitions; its files are under `<table>/year=…/month=…/day=…/`. */
  createTable(table: string): Promise<void>;
  /** Puts a file into a table's folder of a day (`YYYY-MM-DD`). */
  put(table: string, day: string, bytes: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

export async function openLakeScene(purpose: string): Promise<LakeScene> {
  const engines = await openEngines();
  const athena = engines.athena();
  const glue = new GlueClient(engines.aws);
  // The emulator's own Athena keeps the workgroups; removing what runs nothing is its part too.
  const name = `athena-${purpose}-${process.pid}`;
  const database = name.replaceAll("-", "_");
  const Configuration = {
    ResultConfiguration: { OutputLocation: `s3://${name}/athena-results/` },
    EnforceWorkGroupConfiguration: true,
  };
  await engines.s3.send(new CreateBucketCommand({ Bucket: name }));
  await glue.send(new CreateDatabaseCommand({ DatabaseInput: { Name: database } }));
  await athena.send(new CreateWorkGroupCommand({ Name: name, Configuration }));
  return {
    engines,
    athena,
    name,
    runner: createQueryRunner({ client: athena, workGroup: name, database }),
    async createTable(table) {
      const location = `s3://${name}/${table}/`;
      await glue.send(
        new CreateTableCommand({
          DatabaseName: database,
          TableInput: {
            Name: table,
            TableType: "EXTERNAL_TABLE",
            Parameters: { EXTERNAL: "TRUE", classification: "parquet", ...projection(location) },
            PartitionKeys: ["year", "month", "day"].map((key) => ({ Name: key, Type: "int" })),
            StorageDescriptor: {
              Columns: MESSAGES.columns.map(({ name: Name, type }) => ({ Name, Type: GLUE_TYPES[type] })),
              Location: location,
              InputFormat: "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
              OutputFormat: "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
              SerdeInfo: {
                SerializationLibrary: "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
              },
            },
          },
        }),
      );
    },
    async put(table, day, bytes) {
      const [year, month, date] = day.split("-");
      const Key = `${table}/year=${year}/month=${month}/day=${date}/conversations.parquet`;
      await engines.s3.send(new PutObjectCommand({ Bucket: name, Key, Body: bytes }));
    },
    async close() {
      await glue.send(new DeleteDatabaseCommand({ Name: database }));
      await athena.send(new DeleteWorkGroupCommand({ WorkGroup: name, RecursiveDeleteOption: true }));
      glue.destroy();
      await engines.close();
    },
  };
}

function projection(location: string): Record<string, string> {
  return {
    "projection.enabled": "true",
    "projection.year.type": "integer",
    "projection.year.range": "2020,2035",
    "projection.month.type": "integer",
    "projection.month.range": "1,12",
    "projection.month.digits": "2",
    "projection.day.type": "integer",
    "projection.day.range": "1,31",
    "projection.day.digits": "2",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: Athena fills these in.
    "storage.location.template": `${location}${"year=${year}/month=${month}/day=${day}/"}`,
  };
}
