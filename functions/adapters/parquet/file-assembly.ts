import type { ByteSink } from "../../core/ports/lake-row-files.ts";
import { indexesOf, placeIndexes, type SourceBytes } from "./page-indexes.ts";
import { bytesOf, movedGroup, type RawFooter, type RawGroup } from "./raw-footer.ts";

const MAGIC = Buffer.from("PAR1");

/** A file put together from row groups of others, each encoded already. */
export class FileAssembly {
  readonly #sink: ByteSink;
  #offset = 0;
  #rows = 0n;
  readonly #groups: RawGroup[] = [];
  readonly #indexes: Awaited<ReturnType<typeof indexesOf>>[] = [];

  /** @param sink takes the file's bytes */
  constructor(sink: ByteSink) {
    this.#sink = sink;
  }

  /** Rows so far. */
  get rows(): number {
    return Number(this.#rows);
  }

  begin(): Promise<void> {
    return this.write(MAGIC);
  }

  /**
   * Says that a group's bytes are among those written next.
   * @param start where they start in the source @param ahead how many bytes of others are written before them
   */
  async add(group: RawGroup, start: number, ahead: number, source: SourceBytes): Promise<void> {
    const by = BigInt(this.#offset + ahead - start);
    this.#groups.push(movedGroup(group, by));
    this.#indexes.push(await indexesOf(group, by, source));
    this.#rows += group.field_3;
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#offset += bytes.byteLength;
    await this.#sink(bytes);
  }

  /** @param like footer whose schema and metadata the file gets */
  async finish(like: RawFooter): Promise<void> {
    const { bytes, groups } = placeIndexes(this.#groups, this.#indexes, this.#offset);
    const footer = bytesOf({ ...like, field_3: this.#rows, field_4: groups });
    const length = Buffer.alloc(4);
    length.writeUInt32LE(footer.byteLength);
    await this.write(Buffer.concat([bytes, footer, length, MAGIC]));
  }
}
