import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";

/** An item as DynamoDB's low-level API has it. */
export type RawItem = Record<string, AttributeValue>;

/**
 * Writes a full export of items as DynamoDB writes it: manifests in `<prefix>/AWSDynamoDB/<id>/`, gzipped lines in `data/`.
 * Two data files, and an empty one, which a partition without items gives.
 */
export async function writeTableExport(
  s3: S3Client,
  { bucket, prefix, id, items }: { bucket: string; prefix: string; id: string; items: readonly RawItem[] },
): Promise<void> {
  const folder = `${prefix}/AWSDynamoDB/${id}`;
  const half = Math.ceil(items.length / 2);
  const parts = [items.slice(0, half), items.slice(half), []];
  const put = (key: string, body: string | Uint8Array): Promise<unknown> =>
    s3.send(new PutObjectCommand({ Bucket: bucket, Key: `${folder}/${key}`, Body: body }));
  const files: object[] = [];
  for (const [index, part] of parts.entries()) {
    const lines = part.map((item) => `${JSON.stringify({ Item: item })}\n`).join("");
    const bytes = gzipSync(lines);
    const md5 = createHash("md5").update(bytes);
    await put(`data/part${index}.json.gz`, bytes);
    files.push({
      itemCount: part.length,
      md5Checksum: md5.copy().digest("base64"),
      etag: `${md5.digest("hex")}-1`,
      dataFileS3Key: `${folder}/data/part${index}.json.gz`,
    });
  }
  const time = new Date().toISOString();
  await put("_started", new Uint8Array());
  await put("manifest-files.json", files.map((file) => `${JSON.stringify(file)}\n`).join(""));
  await put(
    "manifest-summary.json",
    JSON.stringify({
      version: "2020-06-30",
      startTime: time,
      endTime: time,
      exportTime: time,
      s3Bucket: bucket,
      s3Prefix: prefix,
      s3SseAlgorithm: "KMS",
      manifestFilesS3Key: `${folder}/manifest-files.json`,
      billedSizeBytes: 0,
      itemCount: items.length,
      outputFormat: "DYNAMODB_JSON",
    }),
  );
}
