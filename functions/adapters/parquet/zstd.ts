import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";

/** Level 3 is zstd's own default: ADR 0084 has what others cost and gain. */
const LEVEL = { params: { [constants.ZSTD_c_compressionLevel]: 3 } };
const NOTHING = new Uint8Array();

export const compressZstd = (input: Uint8Array): Uint8Array => zstdCompressSync(input, LEVEL);

/** @param size bytes that come out: a page says so before, and more is refused */
export const decompressZstd = (input: Uint8Array, size: number): Uint8Array =>
  input.byteLength === 0 || size === 0 ? NOTHING : zstdDecompressSync(input, { maxOutputLength: size });
