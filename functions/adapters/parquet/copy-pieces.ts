import type { RandomAccessFile } from "../../core/ports/lake-row-files.ts";
import { noSuchFile } from "./footer.ts";
import type { OwnGroup } from "./own-file.ts";
import type { RemovedPeople } from "./removed-people.ts";

/** So many bytes are asked for at once: few requests, little memory. */
export const COPY_BYTES = 2 * 1024 * 1024;

/** Bytes of a file that are fetched at once. */
export interface Piece {
  readonly start: number;
  readonly end: number;
  /** Row groups that begin in it. */
  readonly begins: readonly OwnGroup[];
  /** The row group that it is, where that can hold somebody who is removed. */
  readonly decoded?: OwnGroup;
}

/** A file's row groups as they are to be fetched: those to be looked into alone, others many at once or in parts. */
export function piecesOf(groups: readonly OwnGroup[], people: RemovedPeople): Piece[] {
  const pieces: Piece[] = [];
  for (const group of groups) {
    const { start, end } = group;
    const last = pieces.at(-1);
    if (people.anyWithin(group.least, group.most))
      pieces.push({ start, end, begins: [group], decoded: group });
    else if (last && !last.decoded && last.end === start && end - last.start <= COPY_BYTES)
      pieces.splice(-1, 1, { ...last, end, begins: [...last.begins, group] });
    else
      for (let from = start; from < end; from += COPY_BYTES)
        pieces.push({
          start: from,
          end: Math.min(end, from + COPY_BYTES),
          begins: from === start ? [group] : [],
        });
  }
  return pieces;
}

/** Fetches ranges of a file, the next one on its way while one is in use. */
export async function* readAhead<Range extends { readonly start: number; readonly end: number }>(
  file: RandomAccessFile,
  ranges: readonly Range[],
): AsyncGenerator<[Range, ArrayBuffer], void, undefined> {
  const fetched = (range: Range | undefined): Promise<ArrayBuffer> => {
    const bytes = range ? readExactly(file, range.start, range.end) : Promise.resolve(new ArrayBuffer(0));
    // It may fail while the one before is still in use: that shows when it is awaited.
    bytes.catch(() => undefined);
    return bytes;
  };
  let next = fetched(ranges[0]);
  for (const [index, range] of ranges.entries()) {
    const bytes = await next;
    next = fetched(ranges[index + 1]);
    yield [range, bytes];
  }
}

/** @throws PermanentError when fewer bytes come */
export async function readExactly(file: RandomAccessFile, start: number, end: number): Promise<ArrayBuffer> {
  const bytes = await file.slice(start, end);
  if (bytes.byteLength !== end - start) throw noSuchFile("fewer bytes came than it has");
  return bytes;
}
