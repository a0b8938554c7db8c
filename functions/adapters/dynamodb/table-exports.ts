import { DescribeExportCommand, ExportTableToPointInTimeCommand } from "@aws-sdk/client-dynamodb";
import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { TransientError } from "../../core/domain/errors.ts";
import type { GlueTableExports, TableExport } from "../../core/ports/glue-table-exports.ts";
import { call } from "./call.ts";

/** Where exports go: what is there expires in two days. */
const PREFIX = "raw-exports";

/** DynamoDB's own exports of one table into the stage's bucket. */
export function createTableExports(deps: {
  readonly client: DynamoDBDocumentClient;
  readonly tableArn: string;
  readonly bucket: string;
  /** Key that the exports are encrypted with. */
  readonly keyArn: string;
}): GlueTableExports {
  const { client, tableArn, bucket, keyArn } = deps;
  const table = tableArn.split("/").at(-1) ?? tableArn;
  return {
    async start(token) {
      const started = await call(
        "ExportTableToPointInTime",
        table,
        client.send(
          new ExportTableToPointInTimeCommand({
            TableArn: tableArn,
            S3Bucket: bucket,
            S3Prefix: PREFIX,
            S3SseAlgorithm: "KMS",
            S3SseKmsKeyId: keyArn,
            ExportFormat: "DYNAMODB_JSON",
            ClientToken: token,
          }),
        ),
      );
      const id = started.ExportDescription?.ExportArn;
      if (id === undefined)
        throw new TransientError("DynamoDB: an export was started without a name: it is retried");
      return id;
    },

    async state(id): Promise<TableExport> {
      const { ExportDescription: found } = await call(
        "DescribeExport",
        table,
        client.send(new DescribeExportCommand({ ExportArn: id })),
      );
      if (found?.ExportStatus === "IN_PROGRESS") return { state: "RUNNING" };
      if (found?.ExportStatus !== "COMPLETED") return { state: "FAILED" };
      const exportedAt = found.ExportTime ?? found.StartTime;
      if (exportedAt === undefined) return { state: "FAILED" };
      // The last part of its ARN names its folder; the manifest's name comes with the prefix or without.
      const folder = `${PREFIX}/AWSDynamoDB/${id.split("/").at(-1)}/`;
      return { state: "SUCCEEDED", folder, exportedAt: exportedAt.toISOString() };
    },
  };
}
