import type { ByteSink } from "./lake-row-files.ts";

/** An archive of files that is written as it goes: memory does not grow with it. */
export interface Archive {
  /**
   * Adds a file and writes its bytes as they come. One at a time.
   * @param isPacked its bytes are compressed already, as those of pictures are
   * @returns its bytes @throws PermanentError when the archive would become larger than its format can say
   */
  add(name: string, body: AsyncIterable<Uint8Array>, isPacked?: boolean): Promise<number>;

  /** Writes the list of files that ends it. */
  end(): Promise<void>;
}

/** Begins an archive. @param at what its files are dated */
export type OpenArchive = (sink: ByteSink, at: Date) => Archive;
