import { createHash } from "node:crypto";
import { VersionGoneError } from "../../../functions/core/domain/lake-errors.ts";
import type {
  Completion,
  LakeObjects,
  LakeUpload,
  UploadName,
} from "../../../functions/core/ports/lake-objects.ts";

/** One version as the bucket keeps it. */
export interface FakeVersion {
  readonly versionId: string;
  readonly etag: string;
  readonly bytes: Uint8Array;
  readonly exportId: string;
}

interface PendingUpload extends UploadName {
  readonly exportId: string;
  readonly chunks: Uint8Array[];
  /** Once its owner sent all of it: somebody could complete it. */
  isWhole: boolean;
}

/** A bucket in memory with versions, uploads that nobody sees before they are completed, and conditions on ETags. */
export class FakeLakeBucket implements LakeObjects {
  readonly #versions = new Map<string, FakeVersion[]>();
  readonly #uploads = new Map<string, PendingUpload>();
  #count = 0;
  /** Whether completions honour their condition; a bucket that does not is a planted bug. */
  readonly #honoursConditions: boolean;

  constructor(options: { readonly honoursConditions?: boolean } = {}) {
    this.#honoursConditions = options.honoursConditions ?? true;
  }

  /** Versions of exactly this key, the current one last. */
  versions(key: string): readonly FakeVersion[] {
    return this.#versions.get(key) ?? [];
  }

  /** Uploads that were begun and neither completed nor aborted. */
  pending(): readonly UploadName[] {
    return [...this.#uploads.values()];
  }

  removeVersion(key: string, versionId: string): void {
    const left = this.versions(key).filter((version) => version.versionId !== versionId);
    if (left.length === 0) this.#versions.delete(key);
    else this.#versions.set(key, left);
  }

  /** Damages a version, as no store should. */
  replaceBytes(key: string, versionId: string, bytes: Uint8Array): void {
    const damaged = this.versions(key).map((version) =>
      version.versionId === versionId ? { ...version, bytes } : version,
    );
    this.#versions.set(key, damaged);
  }

  /** Writes a version past the committer, as a person with the console would. */
  put(key: string, bytes: Uint8Array, exportId = "by-hand"): FakeVersion {
    this.#count += 1;
    const etag = `"${createHash("sha256").update(bytes).digest("hex").slice(0, 32)}"`;
    const version = { versionId: `v${this.#count}`, etag, bytes, exportId };
    this.#versions.set(key, [...this.versions(key), version]);
    return version;
  }

  async head(key: string) {
    const current = this.versions(key).at(-1);
    if (current === undefined) return undefined;
    const { versionId, etag, bytes, exportId } = current;
    return { versionId, etag, byteLength: bytes.byteLength, exportId };
  }

  open(key: string, { versionId, byteLength }: { versionId: string; byteLength: number }) {
    return {
      byteLength,
      slice: async (start: number, end?: number) => {
        const version = this.versions(key).find((held) => held.versionId === versionId);
        if (version === undefined) throw new VersionGoneError(`${key}: the version that was read is gone`);
        return new Uint8Array(version.bytes.slice(start, end)).buffer;
      },
    };
  }

  async begin(key: string, about: { readonly exportId: string }): Promise<LakeUpload> {
    this.#count += 1;
    const upload: PendingUpload = {
      key,
      uploadId: `u${this.#count}`,
      exportId: about.exportId,
      chunks: [],
      isWhole: false,
    };
    this.#uploads.set(upload.uploadId, upload);
    return {
      key,
      uploadId: upload.uploadId,
      write: async (chunk) => {
        upload.chunks.push(chunk.slice());
      },
      end: async () => {
        upload.isWhole = true;
        return upload.chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0);
      },
      complete: async (replaces) => this.complete(upload.uploadId, replaces),
    };
  }

  /** What the store does with a completion, whoever sent it and whenever it arrives. */
  complete(uploadId: string, replaces: string | undefined): Completion {
    const upload = this.#uploads.get(uploadId);
    if (upload === undefined || !upload.isWhole) return { status: "refused" };
    const current = this.versions(upload.key).at(-1);
    if (this.#honoursConditions && current?.etag !== replaces) return { status: "refused" };
    this.#uploads.delete(uploadId);
    const { versionId, etag } = this.put(upload.key, Buffer.concat(upload.chunks), upload.exportId);
    return { status: "committed", versionId, etag };
  }

  async abort({ uploadId }: UploadName) {
    this.#uploads.delete(uploadId);
  }
}
