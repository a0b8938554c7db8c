import {
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  type S3Client,
  type StorageClass,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { PermanentError, TransientError } from "../../core/domain/errors.ts";
import type { Completion, LakeUpload, UploadAbout } from "../../core/ports/lake-objects.ts";
import { awsError, causeOf, isTransientCause } from "../aws-errors.ts";

/** Bytes of a part: S3 takes 10,000 of them, so objects of up to 78 GB. */
const PART_BYTES = 8 * 1024 * 1024;
/** Parts on their way at once; with the one that is filled, what an upload keeps in memory. */
const PARTS_AT_ONCE = 2;
/** Answers that say: not as things are, another attempt must begin with what is there now. */
const REFUSALS = new Set(["PreconditionFailed", "ConditionalRequestConflict", "NoSuchUpload", "NoSuchKey"]);

/** Metadata under which the id of the attempt is kept. */
export const EXPORT_ID = "export-id";

/** Begins a multipart upload to `key`. */
export async function beginUpload(
  deps: { readonly client: S3Client; readonly bucket: string },
  key: string,
  about: UploadAbout,
): Promise<LakeUpload> {
  const { client, bucket } = deps;
  const failure = (operation: string, error: unknown) =>
    awsError(error, { store: "S3", operation, resource: bucket });
  const place = { Bucket: bucket, Key: key };
  const begun = await client
    .send(
      new CreateMultipartUploadCommand({
        ...place,
        ContentType: about.contentType,
        Metadata: { [EXPORT_ID]: about.exportId },
        // The bucket says which classes there are.
        ...(about.storageClass !== undefined && { StorageClass: about.storageClass as StorageClass }),
      }),
    )
    .catch((error: unknown) => {
      throw failure("CreateMultipartUpload", error);
    });
  const uploadId = begun.UploadId;
  if (uploadId === undefined)
    throw new PermanentError(`S3 CreateMultipartUpload on ${bucket}: gave no upload id`);

  const parts: CompletedPart[] = [];
  const running = new Set<Promise<void>>();
  let error: unknown;
  let buffer = new PartBuffer();
  let total = 0;

  function sendPart(body: Uint8Array): void {
    const part: CompletedPart = { PartNumber: parts.length + 1 };
    parts.push(part);
    const command = new UploadPartCommand({
      ...place,
      UploadId: uploadId,
      PartNumber: part.PartNumber,
      Body: body,
    });
    const call: Promise<void> = client
      .send(command)
      .then(
        ({ ETag }) => {
          part.ETag = ETag;
        },
        (reason: unknown) => {
          error ??= isEnded(reason) ? endedByOthers(bucket) : failure("UploadPart", reason);
        },
      )
      .finally(() => running.delete(call));
    running.add(call);
  }

  return {
    key,
    uploadId,

    async write(chunk) {
      total += chunk.byteLength;
      for (let rest = chunk; rest.byteLength > 0; ) {
        rest = buffer.take(rest);
        if (!buffer.isFull) break;
        sendPart(buffer.bytes);
        buffer = new PartBuffer();
        while (running.size >= PARTS_AT_ONCE) await Promise.race(running);
      }
      if (error !== undefined) throw error;
    },

    async end() {
      // An upload has one part at least; only the last may be small.
      if (buffer.bytes.byteLength > 0 || parts.length === 0) sendPart(buffer.bytes);
      buffer = new PartBuffer();
      await Promise.all(running);
      if (error !== undefined) throw error;
      return total;
    },

    async complete(replaces): Promise<Completion> {
      const command = new CompleteMultipartUploadCommand({
        ...place,
        UploadId: uploadId,
        MultipartUpload: { Parts: parts },
        ...(replaces === undefined ? { IfNoneMatch: "*" } : { IfMatch: replaces }),
      });
      try {
        const { VersionId: versionId, ETag: etag } = await client.send(command);
        // Without a version id its bytes could not be pinned.
        if (versionId === undefined || etag === undefined) {
          throw new PermanentError(`S3 on ${bucket}: keeps no versions: deploy the bucket again`);
        }
        return { status: "committed", versionId, etag };
      } catch (reason) {
        if (reason instanceof Error && REFUSALS.has(reason.name)) return { status: "refused" };
        if (!(reason instanceof PermanentError) && isTransientCause(causeOf(reason)))
          return { status: "unknown" };
        throw failure("CompleteMultipartUpload", reason);
      }
    },
  };
}

const isEnded = (error: unknown): boolean => error instanceof Error && error.name === "NoSuchUpload";

/** Erasures end uploads that may hold who is erased, and others with them. */
const endedByOthers = (bucket: string): TransientError =>
  new TransientError(`S3 UploadPart on ${bucket}: the upload was ended by an erasure: it is begun again`);

/** Collects the bytes of one part; grows as it is filled, for most objects are smaller than a part. */
class PartBuffer {
  #held: Uint8Array = new Uint8Array(0);
  #length = 0;

  get isFull(): boolean {
    return this.#length === PART_BYTES;
  }

  get bytes(): Uint8Array {
    return this.#held.subarray(0, this.#length);
  }

  /** Copies what there is room for. @returns the rest */
  take(chunk: Uint8Array): Uint8Array {
    const taken = chunk.subarray(0, PART_BYTES - this.#length);
    const needed = this.#length + taken.byteLength;
    if (needed > this.#held.byteLength) {
      const grown = new Uint8Array(Math.min(PART_BYTES, Math.max(needed, this.#held.byteLength * 2, 65_536)));
      grown.set(this.bytes);
      this.#held = grown;
    }
    this.#held.set(taken, this.#length);
    this.#length = needed;
    return chunk.subarray(taken.byteLength);
  }
}
