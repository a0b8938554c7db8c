import { brotliDecompressSync, constants, gunzipSync, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import type { Compressors } from "hyparquet";

/** Level 3 is zstd's own default: ADR 0084 has what others cost and gain. */
const LEVEL = { params: { [constants.ZSTD_c_compressionLevel]: 3 } };
const NOTHING = new Uint8Array();

export const compressZstd = (input: Uint8Array): Uint8Array => zstdCompressSync(input, LEVEL);

/** @returns a function that gives as many bytes as a page says it has; more is refused */
const upToSize =
  (decompress: (input: Uint8Array, options: { readonly maxOutputLength: number }) => Uint8Array) =>
  (input: Uint8Array, size: number): Uint8Array =>
    input.byteLength === 0 || size === 0 ? NOTHING : decompress(input, { maxOutputLength: size });

/** What files may be compressed with, beside Snappy, which the reader knows; the lake's own are zstd. */
export const DECOMPRESSORS: Compressors = {
  ZSTD: upToSize(zstdDecompressSync),
  GZIP: upToSize(gunzipSync),
  BROTLI: upToSize(brotliDecompressSync),
};
