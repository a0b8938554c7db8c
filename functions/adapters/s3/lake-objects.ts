import { setTimeout as sleep } from "node:timers/promises";
import {
  AbortMultipartUploadCommand,
  HeadObjectCommand,
  ListPartsCommand,
  NoSuchUpload,
  type S3Client,
} from "@aws-sdk/client-s3";
import { PermanentError, TransientError } from "../../core/domain/errors.ts";
import type { LakeObjects, LakeVersion, UploadName } from "../../core/ports/lake-objects.ts";
import { awsError } from "../aws-errors.ts";
import { beginUpload, EXPORT_ID } from "./lake-upload.ts";
import { openVersion } from "./lake-version-file.ts";

/** Parts that arrive while an upload is aborted may outlive the first call. */
const MAX_ABORTS = 5;
const ABORT_PAUSE_MS = 200;

/** Objects of the lake in the stage's bucket, which keeps versions. */
export function createLakeObjects(deps: {
  readonly client: S3Client;
  readonly bucket: string;
  /** Jitter, 0 to 1. @default Math.random */
  readonly random?: () => number;
}): LakeObjects {
  const { client, bucket, random = Math.random } = deps;
  const failure = (operation: string, error: unknown) =>
    awsError(error, { store: "S3", operation, resource: bucket });

  /** True when the upload was there a moment ago. */
  async function isPending({ key, uploadId }: UploadName): Promise<boolean> {
    try {
      await client.send(new ListPartsCommand({ Bucket: bucket, Key: key, UploadId: uploadId, MaxParts: 1 }));
      return true;
    } catch (error) {
      if (error instanceof NoSuchUpload) return false;
      throw failure("ListParts", error);
    }
  }

  return {
    async head(key): Promise<LakeVersion | undefined> {
      try {
        const found = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
        const { VersionId: versionId, ETag: etag, ContentLength: byteLength, Metadata: metadata } = found;
        const { ContentType: contentType, StorageClass: storageClass } = found;
        if (versionId === undefined || etag === undefined || byteLength === undefined) {
          throw new PermanentError(`S3 on ${bucket}: keeps no versions: deploy the bucket again`);
        }
        const exportId = metadata?.[EXPORT_ID];
        return {
          versionId,
          etag,
          byteLength,
          ...(exportId !== undefined && { exportId }),
          ...(contentType !== undefined && { contentType }),
          ...(storageClass !== undefined && { storageClass }),
        };
      } catch (error) {
        if (error instanceof Error && error.name === "NotFound") return undefined;
        throw failure("HeadObject", error);
      }
    },

    open: (key, version) => openVersion(deps, key, version),

    begin: (key, about) => beginUpload(deps, key, about),

    async abort(upload) {
      for (let attempt = 0; attempt < MAX_ABORTS; attempt++) {
        const { key, uploadId } = upload;
        await client
          .send(new AbortMultipartUploadCommand({ Bucket: bucket, Key: key, UploadId: uploadId }))
          .catch((error: unknown) => {
            if (!(error instanceof NoSuchUpload)) throw failure("AbortMultipartUpload", error);
          });
        if (!(await isPending(upload))) return;
        await sleep(random() * ABORT_PAUSE_MS * 2 ** attempt);
      }
      throw new TransientError(
        `S3 AbortMultipartUpload on ${bucket}: an upload is still there after ${MAX_ABORTS} times: it is retried`,
      );
    },
  };
}
