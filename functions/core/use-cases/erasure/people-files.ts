import type { ByteSink, RandomAccessFile } from "../../ports/lake-row-files.ts";
import type { PersonRows, RemovedPerson } from "../../ports/lake-row-removal.ts";

/** What a rewritten file has. */
export interface RewrittenFile {
  /** Rows or records left. */
  readonly rows: number;
  /** Rows removed, by user id; who had none is absent. */
  readonly removed: ReadonlyMap<string, number>;
  /** Those of whom rows of a later generation stay. */
  readonly staying: ReadonlySet<string>;
  /** As `LakeManifest.contentHash`; `undefined` where what was recorded of the file before does not fit it. */
  readonly contentHash: string | undefined;
}

/** A kind of file with rows or records of many people. Memory does not grow with the file. */
export interface PeopleFiles {
  /**
   * What the file holds of these people; who has nothing is absent.
   * @param parts `all`: no index or bound inside of the file is believed, which is for who verifies. @default "possible"
   */
  count(
    file: RandomAccessFile,
    people: readonly RemovedPerson[],
    parts?: "possible" | "all",
  ): Promise<ReadonlyMap<string, PersonRows>>;

  /** Writes the file without these people. @param recorded of the file as it is */
  remove(
    file: RandomAccessFile,
    people: readonly RemovedPerson[],
    sink: ByteSink,
    recorded: { readonly rows: number; readonly contentHash: string } | undefined,
  ): Promise<RewrittenFile>;

  /** Rows of a person of any generation, as JSON has them. */
  rowsOf(file: RandomAccessFile, userId: string): Promise<readonly unknown[]>;

  /** Of these ids those that are somewhere in the file's bytes as a whole value, whatever its structure says. */
  idsIn(file: RandomAccessFile, ids: readonly string[]): Promise<ReadonlySet<string>>;
}

/** Bytes read at once where a file is read from beginning to end. */
const BLOCK_BYTES = 4 * 1024 * 1024;

/** A part of a file, block after block. */
export async function* blocksOf(
  file: RandomAccessFile,
  start = 0,
  end: number = file.byteLength,
): AsyncGenerator<Buffer> {
  for (let at = start; at < end; at += BLOCK_BYTES) {
    yield Buffer.from(await file.slice(at, Math.min(at + BLOCK_BYTES, end)));
  }
}
