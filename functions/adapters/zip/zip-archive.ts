import { Zip, ZipDeflate, ZipPassThrough } from "fflate";
import { PermanentError } from "../../core/domain/errors.ts";
import type { OpenArchive } from "../../core/ports/archive.ts";

/** What a zip file without 64-bit extensions can say; some room for the list of files at its end. */
const MOST_BYTES = 2 ** 32 - 2 ** 26;
const MOST_FILES = 65_535;

/** Zip files, deflated, as every system opens them. */
export const openZip: OpenArchive = (sink, at) => {
  let [written, files] = [0, 0];
  let chunks: Uint8Array[] = [];
  const zip = new Zip((error, chunk) => {
    if (error) throw error;
    chunks.push(chunk);
  });

  /** Hands over what the library has made, and waits until there is room for more. */
  async function flush(): Promise<void> {
    const ready = chunks;
    chunks = [];
    for (const chunk of ready) {
      written += chunk.length;
      await sink(chunk);
    }
    if (written > MOST_BYTES) throw tooLarge("bytes");
  }

  return {
    async add(name, body, isPacked = false) {
      files += 1;
      if (files > MOST_FILES) throw tooLarge("files");
      const file = isPacked ? new ZipPassThrough(name) : new ZipDeflate(name, { level: 6 });
      file.mtime = at;
      zip.add(file);
      let bytes = 0;
      for await (const chunk of body) {
        bytes += chunk.length;
        if (bytes > MOST_BYTES) throw tooLarge("bytes");
        file.push(chunk);
        await flush();
      }
      file.push(new Uint8Array(0), true);
      await flush();
      return bytes;
    },

    async end() {
      zip.end();
      await flush();
    },
  };
};

const tooLarge = (of: string): PermanentError =>
  new PermanentError(`zip: more ${of} than a zip file takes: leave out media, or export store by store`);
