import type { LakeRow } from "../domain/lake-row.ts";
import type { ByteSink } from "./lake-row-files.ts";

/**
 * A second file made from the same pass over a day's rows, such as the training log. `exportDayObject` opens a new one
 * for every attempt, feeds it each row that goes into the lake object, in the lake's order, and publishes what it writes
 * as it publishes the lake object: recorded upload, check of the fence, If-Match, an item `logs-<i>` in `lake-days`,
 * read back by `finishDay` (bytes and their hash). An attempt that is not committed leaves nothing.
 */
export interface LakeSideFile {
  /** Takes the next row. Rows of a person come one after the other. */
  add(row: LakeRow): Promise<void> | void;

  /** Writes what is left and ends the file. @returns how many records it has */
  end(): Promise<number>;
}

/** What a side file is opened with. */
export interface LakeSideFileContext {
  /** UTC day, `YYYY-MM-DD`. */
  readonly day: string;
  readonly object: number;
  readonly objects: number;
  /** Takes the file's bytes. */
  readonly sink: ByteSink;
  /**
   * Says that the file will hold data of a person, also where only a keyed hash of the id is written: the exporter
   * puts the file's key into `user-objects` before the file is committed. Await it before the person's first byte;
   * calling it again for the same person costs nothing.
   */
  holds(userId: string, generation: number): Promise<void>;
}

/** Kind of side file: where it goes and how it is made. */
export interface LakeSideFiles {
  readonly contentType: string;
  /** Object key of the file, such as `trainingLogKey` of `domain/lake-keys.ts`. */
  key(day: string, object: number, objects: number): string;
  open(context: LakeSideFileContext): LakeSideFile;
}
