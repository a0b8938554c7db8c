import { randomUUID } from "node:crypto";
import { DeleteObjectCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { PermanentError } from "../../core/domain/errors.ts";
import { DAILY_FOLDERS, LAKE_YEARS, splitByYear } from "../../core/domain/lake-folders.ts";
import { bindQuery, type QueryFile } from "../../core/domain/query-file.ts";
import type { LakeAudit } from "../../core/ports/lake-audit.ts";
import type { LakeVersions } from "../../core/ports/lake-objects.ts";
import type { QueryResult, QueryRunner } from "../../core/ports/query-runner.ts";
import type { StagedFiles } from "../../core/ports/staged-files.ts";
import { awsError } from "../aws-errors.ts";

/** Folder of the table `erasure_audit`. What a killed audit leaves there expires with everything that is staged. */
const IDS_FOLDER = "staging/erasure-audit/";
/** Milliseconds that one scan may take. */
const TIMEOUT_MS = 600_000;

export interface LakeAuditDeps {
  readonly runner: QueryRunner;
  /** `queries/erasure-audit.sql` */
  readonly query: QueryFile;
  readonly client: S3Client;
  readonly bucket: string;
  readonly files: StagedFiles;
  readonly versions: Pick<LakeVersions, "list">;
}

/**
 * Scans the lake with Athena. The ids go into a file that a table reads, since Athena keeps a query's parameters for
 * 45 days; the file goes with all its versions when the scan ends, however it does.
 */
export function createLakeAudit(deps: LakeAuditDeps): LakeAudit {
  const { client, bucket } = deps;
  const failure = (operation: string) => (error: unknown) => {
    throw awsError(error, { store: "S3", operation, resource: bucket });
  };

  async function putIds(key: string, auditId: string, ids: readonly string[]): Promise<void> {
    const lines = ids.map((user_id, number) => `${JSON.stringify({ audit_id: auditId, number, user_id })}\n`);
    const command = new PutObjectCommand({
      Bucket: bucket,
      Key: key,
      Body: lines.join(""),
      ContentType: "application/x-ndjson",
    });
    await client.send(command).catch(failure("PutObject"));
  }

  /** A put that was repeated because its answer was lost leaves two versions. */
  async function removeIds(key: string): Promise<void> {
    for await (const VersionId of deps.versions.list(key))
      await client
        .send(new DeleteObjectCommand({ Bucket: bucket, Key: key, VersionId }))
        .catch(failure("DeleteObject"));
  }

  async function ask(auditId: string, years: readonly number[]): Promise<QueryResult> {
    const values = {
      audit_id: auditId,
      first_year: years[0] ?? LAKE_YEARS.first,
      last_year: years.at(-1) ?? LAKE_YEARS.first,
    };
    return deps.runner.run(deps.query.sql, bindQuery(deps.query, values), { timeoutMs: TIMEOUT_MS });
  }

  return {
    async scan(ids) {
      const listed = await Promise.all(
        DAILY_FOLDERS.map(async (folder) => {
          const keys = await deps.files.keys(folder);
          return { ...splitByYear(folder, keys), count: keys.length };
        }),
      );
      const years = listed.flatMap((folder) => folder.years).sort((a, b) => a - b);
      const auditId = randomUUID();
      const key = `${IDS_FOLDER}${auditId}.json`;
      let result: QueryResult;
      try {
        await putIds(key, auditId, ids);
        result = await ask(auditId, years);
      } finally {
        await removeIds(key);
      }
      const unread = listed.flatMap((folder) => folder.unread);
      return {
        rows: result.rows.map(({ number, object, generation, row_count }) => ({
          id: Number(number),
          object: keyOf(String(object), bucket),
          generation: Number(generation),
          rows: Number(row_count),
        })),
        objects: listed.reduce((sum, { count }) => sum + count, 0) - unread.length,
        unread,
        bytesScanned: result.bytesScanned,
      };
    },
  };
}

/** The key in a URI of Athena's, `s3://<bucket>/<key>`. */
function keyOf(uri: string, bucket: string): string {
  const root = new RegExp(`^s3[an]?://${bucket.replaceAll(".", "\\.")}/`).exec(uri)?.[0];
  if (root === undefined)
    throw new PermanentError(
      `Athena: a table of the catalog lies outside of the bucket ${bucket}: deploy again`,
    );
  return uri.slice(root.length);
}
