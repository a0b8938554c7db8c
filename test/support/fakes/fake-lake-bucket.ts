import { createHash } from "node:crypto";
import type { Clock } from "../../../functions/core/domain/clock.ts";
import { VersionGoneError } from "../../../functions/core/domain/lake-errors.ts";
import type {
  Completion,
  LakeObjects,
  LakeUpload,
  LakeVersions,
  ObjectVersion,
  UnfinishedUpload,
  UploadAbout,
  UploadName,
} from "../../../functions/core/ports/lake-objects.ts";

/** One version as the bucket keeps it. */
export interface FakeVersion {
  readonly versionId: string;
  readonly etag: string;
  readonly bytes: Uint8Array;
  readonly exportId: string;
  readonly contentType?: string;
  readonly storageClass?: string;
  /** A delete marker: its bytes are none. */
  readonly isMarker?: boolean;
  /** ISO 8601 */
  readonly modifiedAt: string;
}

interface PendingUpload extends UnfinishedUpload, UploadAbout {
  readonly chunks: Uint8Array[];
  /** Once its owner sent all of it: somebody could complete it. */
  isWhole: boolean;
}

/** A bucket in memory with versions, uploads that nobody sees before they are completed, and conditions on ETags. */
export class FakeLakeBucket implements LakeObjects, LakeVersions {
  readonly #versions = new Map<string, FakeVersion[]>();
  readonly #uploads = new Map<string, PendingUpload>();
  #count = 0;
  /** Whether completions honour their condition; a bucket that does not is a planted bug. */
  readonly #honoursConditions: boolean;

  readonly #clock: Clock;

  constructor(options: { readonly honoursConditions?: boolean; readonly clock?: Clock } = {}) {
    this.#honoursConditions = options.honoursConditions ?? true;
    this.#clock = options.clock ?? (() => new Date(0));
  }

  /** Versions of exactly this key, the current one last. */
  versions(key: string): readonly FakeVersion[] {
    return this.#versions.get(key) ?? [];
  }

  /** Uploads that were begun and neither completed nor aborted. */
  pending(): readonly UnfinishedUpload[] {
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
  put(
    key: string,
    bytes: Uint8Array,
    exportId = "by-hand",
    about: Partial<Pick<UploadAbout, "contentType" | "storageClass">> = {},
  ): FakeVersion {
    const etag = `"${createHash("sha256").update(bytes).digest("hex").slice(0, 32)}"`;
    return this.#add(key, { etag, bytes, exportId, ...about });
  }

  /** Deletes an object as readers see it: a delete marker becomes its current version. */
  putMarker(key: string): FakeVersion {
    return this.#add(key, { etag: "", bytes: new Uint8Array(0), exportId: "", isMarker: true });
  }

  /** Every key that has a version or a marker, in order. */
  keys(): string[] {
    return [...this.#versions.keys()].sort();
  }

  #add(key: string, about: Omit<FakeVersion, "versionId" | "modifiedAt">): FakeVersion {
    this.#count += 1;
    const version = { versionId: `v${this.#count}`, modifiedAt: this.#clock().toISOString(), ...about };
    this.#versions.set(key, [...this.versions(key), version]);
    return version;
  }

  async *list(key: string) {
    for await (const { versionId } of this.entries(key)) yield versionId;
  }

  async *entries(key: string): AsyncGenerator<ObjectVersion> {
    const versions = this.versions(key);
    const listed = versions.map(({ versionId, modifiedAt, isMarker = false, bytes }, position) => ({
      key,
      versionId,
      isLatest: position === versions.length - 1,
      isMarker,
      byteLength: bytes.byteLength,
      modifiedAt,
    }));
    yield* listed.reverse();
  }

  async *below(prefix: string) {
    for (const key of this.keys().filter((name) => name.startsWith(prefix))) yield* this.entries(key);
  }

  async remove(versions: readonly Pick<ObjectVersion, "key" | "versionId">[]) {
    for (const { key, versionId } of versions) this.removeVersion(key, versionId);
  }

  async *uploads(prefix: string): AsyncGenerator<UnfinishedUpload> {
    for (const { key, uploadId, begunAt } of this.pending()) {
      if (key.startsWith(prefix)) yield { key, uploadId, begunAt };
    }
  }

  async head(key: string) {
    const current = this.versions(key).at(-1);
    if (current === undefined || current.isMarker) return undefined;
    const { versionId, etag, bytes, exportId, contentType, storageClass } = current;
    return {
      versionId,
      etag,
      byteLength: bytes.byteLength,
      exportId,
      ...(contentType !== undefined && { contentType }),
      ...(storageClass !== undefined && { storageClass }),
    };
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

  async begin(key: string, about: UploadAbout): Promise<LakeUpload> {
    this.#count += 1;
    const upload: PendingUpload = {
      key,
      uploadId: `u${this.#count}`,
      begunAt: this.#clock().toISOString(),
      ...about,
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
    const currentEtag = current?.isMarker ? undefined : current?.etag;
    if (this.#honoursConditions && currentEtag !== replaces) return { status: "refused" };
    this.#uploads.delete(uploadId);
    const { exportId, contentType, storageClass } = upload;
    const { versionId, etag } = this.put(upload.key, Buffer.concat(upload.chunks), exportId, {
      contentType,
      ...(storageClass !== undefined && { storageClass }),
    });
    return { status: "committed", versionId, etag };
  }

  async abort({ uploadId }: UploadName) {
    this.#uploads.delete(uploadId);
  }
}
