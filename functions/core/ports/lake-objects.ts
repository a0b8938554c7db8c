import type { ByteSink, RandomAccessFile } from "./lake-row-files.ts";

/** One version of an object. */
export interface LakeVersion {
  readonly versionId: string;
  readonly etag: string;
  readonly byteLength: number;
  /** Id of the attempt that wrote it, from its metadata; absent on what Hilo's committer did not write. */
  readonly exportId?: string;
  readonly contentType?: string;
  /** Storage class where it is not the standard one. */
  readonly storageClass?: string;
}

/** A version or delete marker of any object, as the bucket lists it. */
export interface ObjectVersion {
  readonly key: string;
  readonly versionId: string;
  /** True for what reading the key shows: the newest. */
  readonly isLatest: boolean;
  readonly isMarker: boolean;
  /** 0 of a delete marker. */
  readonly byteLength: number;
  /** ISO 8601, UTC; by the bucket's clock. */
  readonly modifiedAt: string;
}

/** An unfinished upload. */
export interface UploadName {
  readonly key: string;
  readonly uploadId: string;
}

/** An upload that was begun and neither completed nor aborted. */
export interface UnfinishedUpload extends UploadName {
  /** ISO 8601, UTC; by the bucket's clock. */
  readonly begunAt: string;
}

/**
 * How a completion ended. `refused`: another version came first, or the upload is gone. `unknown`: the answer was lost;
 * it may have landed, or land later unless the upload is aborted.
 */
export type Completion =
  | { readonly status: "committed"; readonly versionId: string; readonly etag: string }
  | { readonly status: "refused" | "unknown" };

/** A new version of an object on its way; nobody sees it before it is completed. */
export interface LakeUpload extends UploadName {
  /** Takes the next bytes; resolves when it can take more, so that memory is a few parts. */
  readonly write: ByteSink;

  /** Sends what is left. @returns bytes in all */
  end(): Promise<number>;

  /** Makes it the object's current version, where that still is the one with this ETag (`undefined`: there is none). */
  complete(replaces: string | undefined): Promise<Completion>;
}

/** What a new version is begun with. */
export interface UploadAbout {
  /** Goes into its metadata. */
  readonly exportId: string;
  readonly contentType: string;
  /** @default the standard one */
  readonly storageClass?: string;
}

/**
 * Versions of objects, for who removes those of an erased person.
 * All throw TransientError | PermanentError: what cannot be listed is never taken for absent.
 */
export interface LakeVersions {
  /** Ids of all versions and delete markers of exactly this key, in no order; not those of keys that begin with it. */
  list(key: string): AsyncIterable<string>;

  /** The same with what the bucket says of each. */
  entries(key: string): AsyncIterable<ObjectVersion>;

  /** Versions and delete markers of every key that begins with a prefix, key by key. */
  below(prefix: string): AsyncIterable<ObjectVersion>;

  /** Removes exactly these, for ever; one that is gone is no error. @throws naming a key that could not be, after the others were */
  remove(versions: readonly Pick<ObjectVersion, "key" | "versionId">[]): Promise<void>;

  /** Unfinished uploads to keys that begin with a prefix: few, whatever the bucket holds. */
  uploads(prefix: string): AsyncIterable<UnfinishedUpload>;
}

/** Objects that are replaced whole, each version for ever what it was. */
export interface LakeObjects {
  /** The current version; `undefined` where there is none. */
  head(key: string): Promise<LakeVersion | undefined>;

  /**
   * Bytes of one version, wherever the key has moved on to.
   * Reading throws `VersionGoneError` when the version was removed meanwhile.
   */
  open(key: string, version: Pick<LakeVersion, "versionId" | "byteLength">): RandomAccessFile;

  /** Begins a new version. */
  begin(key: string, about: UploadAbout): Promise<LakeUpload>;

  /**
   * Aborts an upload and confirms that it is gone, so that it can land no more; one that is gone already is no error.
   * @throws TransientError when it cannot be confirmed
   */
  abort(upload: UploadName): Promise<void>;
}
