import { movedOffsetIndex, type RawChunk, type RawGroup } from "./raw-footer.ts";

/** Bytes of the file that a row group comes from; all that were asked for. */
export type SourceBytes = (start: number, end: number) => Promise<ArrayBuffer>;

/** A chunk's column index, offset index and bloom filter as they are to be written; few have any. */
type ChunkIndexes = readonly (Uint8Array | undefined)[];

/** Reads what lies between rows and footer for a row group. @param by how far the group's pages were moved */
export async function indexesOf(group: RawGroup, by: bigint, source: SourceBytes): Promise<ChunkIndexes[]> {
  const read = async (start?: bigint, length = 0): Promise<ArrayBuffer | undefined> =>
    start === undefined ? undefined : await source(Number(start), Number(start) + length);
  const all: ChunkIndexes[] = [];
  for (const { field_3, field_4, field_5, field_6, field_7 } of group.field_1) {
    const column = await read(field_6, field_7);
    const pages = await read(field_4, field_5);
    const bloom = await read(field_3.field_14, field_3.field_15);
    all.push([
      column && new Uint8Array(column),
      pages && movedOffsetIndex(pages, by),
      bloom && new Uint8Array(bloom),
    ]);
  }
  return all;
}

/** Bytes of a kind of index, put at an offset: fields that name it. */
const PLACED: readonly ((chunk: RawChunk, at: bigint, length: number) => RawChunk)[] = [
  (chunk, field_6, field_7) => ({ ...chunk, field_6, field_7 }),
  (chunk, field_4, field_5) => ({ ...chunk, field_4, field_5 }),
  (chunk, field_14, field_15) => ({ ...chunk, field_3: { ...chunk.field_3, field_14, field_15 } }),
];

/**
 * Puts indexes one kind after the other, as the library does.
 * @param indexes of each group's chunks @param at where the first one goes
 * @returns their bytes, and the groups with the places in them
 */
export function placeIndexes(
  groups: readonly RawGroup[],
  indexes: readonly (readonly ChunkIndexes[])[],
  at: number,
): { readonly bytes: Uint8Array; readonly groups: RawGroup[] } {
  let offset = at;
  const bytes: Uint8Array[] = [];
  let placed = [...groups];
  for (const [kind, place] of PLACED.entries()) {
    placed = placed.map((group, position) => ({
      ...group,
      field_1: group.field_1.map((chunk, column) => {
        const index = indexes[position]?.[column]?.[kind];
        if (index === undefined) return chunk;
        bytes.push(index);
        offset += index.byteLength;
        return place(chunk, BigInt(offset - index.byteLength), index.byteLength);
      }),
    }));
  }
  return { bytes: Buffer.concat(bytes), groups: placed };
}
