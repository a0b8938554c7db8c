import type { UploadName } from "./lake-objects.ts";

/** How often a shard of a day was announced to change, and when last. */
export interface ShardMark {
  /** 0 to 15 */
  readonly shard: number;
  readonly mark: number;
  /** ISO 8601, ms, UTC. */
  readonly markedAt: string;
  readonly isDirty: boolean;
}

/** What was committed to one object of a day. */
export interface LakeManifest {
  readonly key: string;
  /** Absent where the day had no rows and no object was written. */
  readonly versionId?: string;
  readonly etag?: string;
  readonly exportId: string;
  readonly rows: number;
  readonly bytes: number;
  /** Of the rows, in no order (`LakeRowsHash`); of a side file: SHA-256 of its bytes. */
  readonly contentHash: string;
  /** Marks of the object's shards as they were before its rows were read; a shard that was never marked is absent. */
  readonly marks: Readonly<Record<string, number>>;
  /** Moment before the rows were read. ISO 8601, ms, UTC. */
  readonly readAt: string;
}

/** An object of a day: what was committed last, and an upload that may land. */
export interface LakeItem {
  readonly manifest?: LakeManifest;
  readonly upload?: UploadName;
}

/** All that is recorded of a day. */
export interface LakeDay {
  readonly day: string;
  /** Number of objects, fixed once the day was opened; 1, 2, 4, 8 or 16. */
  readonly objects?: number;
  readonly state: "missing" | "dirty" | "clean";
  readonly marks: readonly ShardMark[];
  /** By name: `object-<i>`, `logs-<i>`. */
  readonly items: ReadonlyMap<string, LakeItem>;
}

/** `overtaken`: somebody was fenced since. `foreign`: another upload is recorded there. */
export type UploadRecording = "recorded" | "overtaken" | "foreign";

/** The days of the lake (table `lake-days`) and the number of fences. All reads are strong unless they say otherwise. */
export interface LakeDays {
  /** Grows with every fence; 0 before the first. @throws TransientError | PermanentError */
  fenceSequence(): Promise<number>;

  read(day: string): Promise<LakeDay>;

  /** Makes the day dirty until `markClean`, and fixes its number of objects. @throws PermanentError when it has another number */
  open(day: string, objects: number): Promise<void>;

  /**
   * Records, before it is completed, an upload that may land; only while `fenceSequence` is what it was and no other
   * upload is recorded than `gone` (aborted, and confirmed so) or itself. It makes the day dirty: what was clean was
   * another version. What is kept under a name that is no day has no state.
   * @param entry.removal the upload leaves people out and changes nothing else: `record` makes a day clean again that was
   * clean before and that nobody else has touched since
   */
  recordUpload(entry: {
    readonly day: string;
    readonly item: string;
    readonly upload: UploadName;
    readonly gone?: UploadName;
    readonly fenceSequence: number;
    readonly removal?: boolean;
  }): Promise<UploadRecording>;

  /** Forgets a recorded upload that is gone; another one stays. */
  forgetUpload(day: string, item: string, upload: UploadName): Promise<void>;

  /**
   * Records what was committed and forgets its upload, only while that is still the one recorded there (`undefined`:
   * none is, and the object recorded there has no version). @returns false when it was not, and nothing was recorded
   */
  record(entry: {
    readonly day: string;
    readonly item: string;
    readonly upload: UploadName | undefined;
    readonly manifest: LakeManifest;
    readonly removal?: boolean;
  }): Promise<boolean>;

  /** Uploads that are recorded, wherever. Eventually consistent: one recorded in this second may be missing. */
  recordedUploads(): Promise<
    readonly { readonly day: string; readonly item: string; readonly upload: UploadName }[]
  >;

  /**
   * Marks the day clean, all or nothing: every shard's mark and every item's version are as `seen`, and no upload is
   * recorded. @returns false when something moved
   */
  markClean(seen: LakeDay): Promise<boolean>;

  /** Days with something dirty, each once, in order. Eventually consistent. */
  dirtyDays(): Promise<string[]>;

  /** Which of these days were ever opened. */
  recordedDays(days: readonly string[]): Promise<ReadonlySet<string>>;
}
