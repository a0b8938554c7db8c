import type { LakeDays, LakeManifest } from "../ports/lake-days.ts";
import type { LakeObjects, LakeUpload, LakeVersion } from "../ports/lake-objects.ts";
import type { LakePeople } from "../ports/lake-people.ts";
import { commitUpload } from "./export-commit.ts";
import { PeopleIndexer } from "./index-users.ts";

export interface LakeFileDeps {
  readonly days: Pick<LakeDays, "read" | "recordUpload" | "forgetUpload" | "record">;
  readonly objects: Pick<LakeObjects, "head" | "abort" | "begin">;
  readonly people: LakePeople;
}

/** Where a file goes, what it replaces and under which fences it is written. */
export interface LakeFilePlace {
  /** UTC day, `YYYY-MM-DD`, and the item in `lake-days` that its state is kept in. */
  readonly day: string;
  readonly item: string;
  readonly key: string;
  readonly contentType: string;
  readonly base: LakeVersion | undefined;
  readonly fenceSequence: number;
  readonly exportId: string;
}

/** What is recorded of a file beside where it is. */
export type FileContent = Pick<LakeManifest, "rows" | "contentHash" | "marks" | "readAt">;

/** One file on its way into the lake: its people are indexed before it is committed, and it is recorded after. */
export class LakeFile {
  readonly #place: LakeFilePlace;
  readonly #deps: LakeFileDeps;
  readonly #upload: LakeUpload;
  readonly indexer: PeopleIndexer;
  #bytes = 0;

  private constructor(place: LakeFilePlace, deps: LakeFileDeps, upload: LakeUpload) {
    this.#place = place;
    this.#deps = deps;
    this.#upload = upload;
    this.indexer = new PeopleIndexer(deps.people, place.key);
  }

  static async begin(place: LakeFilePlace, deps: LakeFileDeps): Promise<LakeFile> {
    const { key, exportId, contentType } = place;
    return new LakeFile(place, deps, await deps.objects.begin(key, { exportId, contentType }));
  }

  /** Bytes of the file, once it has ended. */
  get bytes(): number {
    return this.#bytes;
  }

  readonly sink = (chunk: Uint8Array): Promise<void> => this.#upload.write(chunk);

  /** Sends what is left and has every person of it in the index. */
  async end(): Promise<void> {
    this.#bytes = await this.#upload.end();
    await this.indexer.flush();
  }

  /** Commits and records. @returns false when something came between: read again and make another */
  async commit(content: FileContent): Promise<boolean> {
    const { day, item, key, base, exportId, fenceSequence } = this.#place;
    const version = await commitUpload(
      { day, item, upload: this.#upload, replaces: base?.etag, exportId, fenceSequence },
      this.#deps,
    );
    if (version === undefined) return false;
    const { versionId, etag } = version;
    const manifest = { ...content, key, versionId, etag, exportId, bytes: this.#bytes };
    return this.#deps.days.record({ day, item, upload: this.#upload, manifest });
  }

  /** Gives the file up. Never recorded, it cannot land; what is left of it is removed by the bucket's rules. */
  async abandon(): Promise<void> {
    await this.#deps.objects.abort(this.#upload).catch(() => undefined);
  }
}
