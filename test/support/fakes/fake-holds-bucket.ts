import type { LakeObjects, LakeVersions } from "../../../functions/core/ports/lake-objects.ts";
import type { ObjectStore } from "../../../functions/core/ports/object-store.ts";
import { NOW } from "../builders.ts";
import { FakeLakeBucket } from "./fake-lake-bucket.ts";

type Uploads = Pick<LakeObjects, "begin" | "abort">;
type Versions = Pick<LakeVersions, "below" | "remove" | "uploads">;
type Texts = Pick<ObjectStore, "put" | "get">;

/** A versioned bucket in memory, as far as copies of held people's data are concerned. */
export class FakeHoldsBucket implements Uploads, Versions, Texts {
  readonly #bucket = new FakeLakeBucket();
  readonly #keys = new Set<string>();

  /** Keys of all versions, one entry each. */
  keys(): string[] {
    return [...this.#keys].sort().flatMap((key) => this.#bucket.versions(key).map(() => key));
  }

  /** Bytes of a key's current version. */
  bytes(key: string): Uint8Array {
    return this.#bucket.versions(key).at(-1)?.bytes ?? new Uint8Array(0);
  }

  pending(): number {
    return this.#bucket.pending().length;
  }

  async begin(key: string, about: Parameters<LakeObjects["begin"]>[1]) {
    this.#keys.add(key);
    return this.#bucket.begin(key, about);
  }

  abort(upload: Parameters<LakeObjects["abort"]>[0]) {
    return this.#bucket.abort(upload);
  }

  async put(key: string, body: string) {
    this.#keys.add(key);
    this.#bucket.put(key, Buffer.from(body));
  }

  async get(key: string) {
    const current = this.#bucket.versions(key).at(-1);
    return current && Buffer.from(current.bytes).toString();
  }

  async *below(prefix: string) {
    for (const key of [...this.#keys].sort().filter((known) => known.startsWith(prefix))) {
      const versions = this.#bucket.versions(key);
      for (const [nth, { versionId, bytes }] of versions.entries())
        yield {
          key,
          versionId,
          isLatest: nth === versions.length - 1,
          isMarker: false,
          byteLength: bytes.length,
          modifiedAt: NOW,
        };
    }
  }

  async remove(versions: Parameters<Versions["remove"]>[0]) {
    for (const { key, versionId } of versions) this.#bucket.removeVersion(key, versionId);
  }

  async *uploads(prefix: string) {
    for (const upload of this.#bucket.pending().filter(({ key }) => key.startsWith(prefix)))
      yield { ...upload, begunAt: NOW };
  }
}
