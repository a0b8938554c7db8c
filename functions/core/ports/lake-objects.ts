import type { ByteSink, RandomAccessFile } from "./lake-row-files.ts";

/** One version of an object. */
export interface LakeVersion {
  readonly versionId: string;
  readonly etag: string;
  readonly byteLength: number;
  /** Id of the attempt that wrote it, from its metadata; absent on what Hilo's committer did not write. */
  readonly exportId?: string;
}

/** An unfinished upload. */
export interface UploadName {
  readonly key: string;
  readonly uploadId: string;
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

/** Versions of an object, for who removes those of an erased person. */
export interface LakeVersions {
  /** Ids of all versions and delete markers of exactly this key, in no order; not those of keys that begin with it. */
  list(key: string): AsyncIterable<string>;
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

  /** Begins a new version. @param exportId goes into its metadata */
  begin(key: string, about: { readonly exportId: string; readonly contentType: string }): Promise<LakeUpload>;

  /**
   * Aborts an upload and confirms that it is gone, so that it can land no more; one that is gone already is no error.
   * @throws TransientError when it cannot be confirmed
   */
  abort(upload: UploadName): Promise<void>;
}
