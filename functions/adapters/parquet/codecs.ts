import { brotliDecompressSync, gunzipSync } from "node:zlib";
import type { Compressors } from "hyparquet";
import { decompressZstd } from "./zstd.ts";

/** What files of other programs may be compressed with, beside Snappy, which the reader knows. */
export const DECOMPRESSORS: Compressors = {
  ZSTD: decompressZstd,
  GZIP: (input, size) => gunzipSync(input, { maxOutputLength: size }),
  BROTLI: (input, size) => brotliDecompressSync(input, { maxOutputLength: size }),
};
