import {
  DeleteObjectsCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  type S3Client,
} from "@aws-sdk/client-s3";
import { inGroups } from "../../core/domain/batches.ts";
import type { LakeVersions, ObjectVersion } from "../../core/ports/lake-objects.ts";
import { awsError } from "../aws-errors.ts";

/** Versions that one call of DeleteObjects takes. */
const MAX_DELETED = 1000;

interface LakeVersionsDeps {
  readonly client: S3Client;
  readonly bucket: string;
  /** Entries of a page. @default S3's own, 1,000 */
  readonly pageSize?: number;
}

/** Versions in the stage's bucket. S3 lists by prefix, so what only begins with a key is left out here. */
export function createLakeVersions(deps: LakeVersionsDeps): LakeVersions {
  const { client, bucket, pageSize } = deps;
  const failure = (operation: string, error: unknown) =>
    awsError(error, { store: "S3", operation, resource: bucket });

  async function* entries(key: string): AsyncGenerator<ObjectVersion> {
    for await (const page of pagesOf(key)) {
      yield* entriesOf(page).filter((entry) => entry.key === key);
      // Keys come in order: once another one begins, there is no more of this.
      if (page.NextKeyMarker !== key) return;
    }
  }

  async function* pagesOf(prefix: string): AsyncGenerator<ListObjectVersionsCommandOutput> {
    let place = {};
    for (;;) {
      const command = new ListObjectVersionsCommand({
        Bucket: bucket,
        Prefix: prefix,
        ...(pageSize !== undefined && { MaxKeys: pageSize }),
        ...place,
      });
      const page = await client.send(command).catch((error: unknown) => {
        throw failure("ListObjectVersions", error);
      });
      yield page;
      if (!page.IsTruncated) return;
      place = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker };
    }
  }

  return {
    entries,

    async *list(key) {
      for await (const { versionId } of entries(key)) yield versionId;
    },

    async *below(prefix) {
      for await (const page of pagesOf(prefix)) yield* entriesOf(page);
    },

    async remove(versions) {
      let failed: { readonly Code?: string | undefined; readonly Key?: string | undefined } | undefined;
      for (const some of inGroups(versions, MAX_DELETED)) {
        const objects = some.map(({ key, versionId }) => ({ Key: key, VersionId: versionId }));
        const command = new DeleteObjectsCommand({
          Bucket: bucket,
          Delete: { Objects: objects, Quiet: true },
        });
        const { Errors: errors = [] } = await client.send(command).catch((error: unknown) => {
          throw failure("DeleteObjects", error);
        });
        failed ??= errors.find(({ Code: code }) => code !== "NoSuchVersion" && code !== "NoSuchKey");
      }
      if (failed) {
        const { Code: name = "InternalError", Key: key = "" } = failed;
        throw awsError({ name }, { store: "S3", operation: "DeleteObjects", resource: `${bucket}/${key}` });
      }
    },

    async *uploads(prefix) {
      let place = {};
      for (;;) {
        const command = new ListMultipartUploadsCommand({
          Bucket: bucket,
          Prefix: prefix,
          ...(pageSize !== undefined && { MaxUploads: pageSize }),
          ...place,
        });
        const page = await client.send(command).catch((error: unknown) => {
          throw failure("ListMultipartUploads", error);
        });
        for (const { Key: key, UploadId: uploadId, Initiated: begunAt } of page.Uploads ?? []) {
          if (key === undefined || uploadId === undefined) continue;
          yield { key, uploadId, begunAt: momentOf(begunAt) };
        }
        if (!page.IsTruncated) return;
        place = { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker };
      }
    },
  };
}

/** Entries of a page: versions and delete markers, which S3 lists apart. */
const entriesOf = (page: ListObjectVersionsCommandOutput): ObjectVersion[] =>
  [
    ...(page.Versions ?? []).map((version) => ({ ...version, isMarker: false })),
    ...(page.DeleteMarkers ?? []).map((marker) => ({ ...marker, isMarker: true, Size: 0 })),
  ].flatMap((entry) => {
    const { Key: key, VersionId: versionId, Size: byteLength = 0, isMarker } = entry;
    if (key === undefined || versionId === undefined) return [];
    const modifiedAt = momentOf(entry.LastModified);
    return [{ key, versionId, isLatest: entry.IsLatest === true, isMarker, byteLength, modifiedAt }];
  });

/** What the bucket does not date counts as old. */
const momentOf = (date: Date | undefined): string => (date ?? new Date(0)).toISOString();
