import { open } from "node:fs/promises";
import type { ByteSink, RandomAccessFile } from "../functions/core/ports/lake-row-files.ts";

/** Runs work on a file that is read where it is asked for, as a version of an S3 object is. */
export async function withFile<Result>(
  path: string,
  work: (file: RandomAccessFile) => Promise<Result>,
): Promise<Result> {
  const handle = await open(path);
  try {
    const { size } = await handle.stat();
    return await work({
      byteLength: size,
      async slice(start, end = size) {
        const bytes = new Uint8Array(end - start);
        await handle.read(bytes, 0, bytes.byteLength, start);
        return bytes.buffer;
      },
    });
  } finally {
    await handle.close();
  }
}

/** Runs work that writes a file. */
export async function intoFile<Result>(
  path: string,
  work: (sink: ByteSink) => Promise<Result>,
): Promise<Result> {
  const handle = await open(path, "w");
  try {
    return await work(async (chunk) => void (await handle.write(chunk)));
  } finally {
    await handle.close();
  }
}
