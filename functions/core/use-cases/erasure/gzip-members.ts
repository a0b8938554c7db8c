import { Readable } from "node:stream";
import { crc32, createInflateRaw } from "node:zlib";
import { PermanentError } from "../../domain/errors.ts";
import type { RandomAccessFile } from "../../ports/lake-row-files.ts";
import { blocksOf } from "./people-files.ts";

const TRAILER_BYTES = 8;
/** Fixed part of a member's header (RFC 1952). */
const HEADER_BYTES = 10;
/** A name or comment in a header that is longer is none that a writer of logs puts there. */
const MAX_HEADER_BYTES = 65_536;
const FLAG = { headerCrc: 2, extra: 4, name: 8, comment: 16 } as const;

const broken = (what: string): PermanentError =>
  new PermanentError(`the file is no gzip of JSON lines: ${what}: restore it, or remove it by hand`);

/**
 * Unpacks the member of a gzip file that begins at `start`, a piece at a time.
 * @returns where it ends @throws PermanentError when it is none; what `slice` throws passes through
 */
export async function* unpackMember(file: RandomAccessFile, start: number): AsyncGenerator<Buffer, number> {
  const header = Buffer.from(await file.slice(start, Math.min(start + MAX_HEADER_BYTES, file.byteLength)));
  const body = start + headerLength(header);
  const source = Readable.from(blocksOf(file, body));
  const inflate = createInflateRaw();
  source.on("error", (error) => inflate.destroy(error));
  source.pipe(inflate);
  let [check, length] = [0, 0];
  try {
    for await (const piece of inflate as AsyncIterable<Buffer>) {
      check = crc32(piece, check);
      length = (length + piece.length) >>> 0;
      yield piece;
    }
  } catch (error) {
    throw isZlib(error) ? broken("a member cannot be unpacked") : error;
  } finally {
    source.unpipe(inflate);
    source.destroy();
    inflate.destroy();
  }
  const end = body + inflate.bytesWritten + TRAILER_BYTES;
  if (end > file.byteLength) throw broken("its last member has no end");
  const trailer = Buffer.from(await file.slice(end - TRAILER_BYTES, end));
  if (trailer.readUInt32LE(0) !== check || trailer.readUInt32LE(4) !== length) {
    throw broken("a member is not what was packed");
  }
  return end;
}

const isZlib = (error: unknown): boolean =>
  error instanceof Error && "code" in error && /^Z_|^ERR_STREAM_PREMATURE/.test(String(error.code));

function headerLength(header: Buffer): number {
  const flags = header[3] ?? 0;
  if (header.length < HEADER_BYTES || header.readUInt16BE(0) !== 0x1f8b || header[2] !== 8) {
    throw broken("a member does not begin as one");
  }
  let at = HEADER_BYTES;
  if (flags & FLAG.extra) at += 2 + (at + 2 <= header.length ? header.readUInt16LE(at) : 0);
  for (const text of [FLAG.name, FLAG.comment]) {
    if (!(flags & text)) continue;
    const end = header.indexOf(0, at);
    if (end < 0) throw broken("a member's header has no end");
    at = end + 1;
  }
  if (flags & FLAG.headerCrc) at += 2;
  return at;
}
