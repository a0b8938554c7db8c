import { GetObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { VersionGoneError } from "../../core/domain/lake-errors.ts";
import type { LakeVersion } from "../../core/ports/lake-objects.ts";
import type { RandomAccessFile } from "../../core/ports/lake-row-files.ts";
import { awsError } from "../aws-errors.ts";

/** Bytes fetched at once: readers ask for one column of one group after the other, which would be a request each. */
const BLOCK_BYTES = 4 * 1024 * 1024;
const BLOCKS_KEPT = 4;
const GONE = new Set(["NoSuchVersion", "NoSuchKey", "NotFound"]);

/** Bytes of one version of an object by range, fetched in blocks of which the last few are kept. */
export function openVersion(
  deps: { readonly client: S3Client; readonly bucket: string },
  key: string,
  { versionId, byteLength }: Pick<LakeVersion, "versionId" | "byteLength">,
): RandomAccessFile {
  const blocks = new Map<number, Promise<Uint8Array>>();

  async function fetchBlock(index: number): Promise<Uint8Array> {
    const start = index * BLOCK_BYTES;
    const end = Math.min(start + BLOCK_BYTES, byteLength) - 1;
    try {
      const object = await deps.client.send(
        new GetObjectCommand({
          Bucket: deps.bucket,
          Key: key,
          VersionId: versionId,
          Range: `bytes=${start}-${end}`,
        }),
      );
      return (await object.Body?.transformToByteArray()) ?? new Uint8Array(0);
    } catch (error) {
      if (error instanceof Error && GONE.has(error.name)) {
        throw new VersionGoneError(`S3 ${key}: the version that was read is gone: it is read again`);
      }
      throw awsError(error, { store: "S3", operation: "GetObject", resource: deps.bucket });
    }
  }

  /** A block, most recently used last. */
  function block(index: number): Promise<Uint8Array> {
    const kept = blocks.get(index) ?? fetchBlock(index);
    blocks.delete(index);
    blocks.set(index, kept);
    kept.catch(() => blocks.delete(index));
    for (const oldest of blocks.keys()) {
      if (blocks.size <= BLOCKS_KEPT) break;
      blocks.delete(oldest);
    }
    return kept;
  }

  return {
    byteLength,
    async slice(start, end = byteLength) {
      const [from, to] = [clamp(start, byteLength), clamp(end, byteLength)];
      const bytes = new Uint8Array(Math.max(0, to - from));
      for (let at = from; at < to; ) {
        const index = Math.floor(at / BLOCK_BYTES);
        const offset = at - index * BLOCK_BYTES;
        const part = (await block(index)).subarray(offset, offset + (to - at));
        bytes.set(part, at - from);
        at += part.byteLength;
        if (part.byteLength === 0)
          throw new VersionGoneError(`S3 ${key}: the version ended early: it is read again`);
      }
      return bytes.buffer;
    },
  };
}

/** As in `Blob.slice`: negative positions count from the end. */
const clamp = (position: number, length: number): number =>
  Math.max(0, Math.min(length, position < 0 ? length + position : position));
