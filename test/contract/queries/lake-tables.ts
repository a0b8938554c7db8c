import { CreateTableCommand, GlueClient } from "@aws-sdk/client-glue";
import { createParquetFiles, type LakeWriter } from "../../../functions/adapters/parquet/lake-row-files.ts";
import type { LakeSchema } from "../../../functions/core/domain/lake-schema.ts";
import type { LakeScene } from "../athena/lake-scene.ts";

const STORED = {
  parquet: [
    "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
    "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
  ],
  json: ["org.apache.hadoop.mapred.TextInputFormat", "org.openx.data.jsonserde.JsonSerDe"],
} as const;

/** Creates a table of a schema over the files below a folder of the scene's bucket. */
export async function createPlainTable(
  scene: LakeScene,
  schema: LakeSchema,
  prefix: string,
  format: keyof typeof STORED,
): Promise<void> {
  const glue = new GlueClient(scene.engines.aws);
  const [InputFormat, SerializationLibrary] = STORED[format];
  try {
    await glue.send(
      new CreateTableCommand({
        DatabaseName: scene.name.replaceAll("-", "_"),
        TableInput: {
          Name: schema.table,
          TableType: "EXTERNAL_TABLE",
          Parameters: { EXTERNAL: "TRUE", classification: format },
          StorageDescriptor: {
            Columns: schema.columns.map(({ name: Name, type }) => ({
              Name,
              Type: type === "json" ? "string" : type,
            })),
            Location: `s3://${scene.name}/${prefix}`,
            InputFormat,
            OutputFormat: "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
            SerdeInfo: { SerializationLibrary },
          },
        },
      }),
    );
  } finally {
    glue.destroy();
  }
}

/** A Parquet file of rows, as bytes. */
export async function parquetOf<Row extends Record<string, string | number | bigint | boolean | null>>(
  schema: LakeSchema,
  writer: LakeWriter,
  rows: readonly Row[],
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  const source = (async function* () {
    yield* rows;
  })();
  await createParquetFiles(schema, writer).write(source, async (chunk) => {
    chunks.push(Uint8Array.from(chunk));
  });
  return Buffer.concat(chunks);
}
