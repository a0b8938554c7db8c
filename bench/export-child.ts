// Exports a made-up day of so many rows to a file, in a process of its own, so that its peak memory is the export's.
// Arguments: rows, file, `again` where the file is to be merged with the same rows. Prints what it took as JSON.

import { randomUUID } from "node:crypto";
import { type FileHandle, open, rename } from "node:fs/promises";
import { createLakeRowFiles } from "../functions/adapters/parquet/lake-row-files.ts";
import { systemClock } from "../functions/core/domain/clock.ts";
import { KeyChain } from "../functions/core/domain/key-chain.ts";
import type { LakeRow } from "../functions/core/domain/lake-row.ts";
import { shardOf } from "../functions/core/domain/shard.ts";
import type { LakeObjects } from "../functions/core/ports/lake-objects.ts";
import type { RandomAccessFile } from "../functions/core/ports/lake-row-files.ts";
import { exportDayObject } from "../functions/core/use-cases/export-day-object.ts";
import { FakeLakeDays } from "../test/support/fakes/fake-lake-days.ts";
import { BENCH_DAY, benchUser, chatOf, MESSAGES_EACH } from "./lake-rows.ts";

/** Rows of a page: about what DynamoDB puts into its 1 MB. */
const PAGE_ROWS = 1_000;

const [rows = 0, path = "", mode] = [Number(process.argv[2]), process.argv[3], process.argv[4]];

/** One shard's people in the lake's order, made up while they are asked for. */
async function* shardPages(shard: number): AsyncGenerator<LakeRow[]> {
  let page: LakeRow[] = [];
  for (let person = 0; person * MESSAGES_EACH < rows; person++) {
    if (shardOf(benchUser(person)) !== shard) continue;
    for (const row of chatOf(person)) page.push(row);
    if (page.length < PAGE_ROWS) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}

function fileIn(handle: Promise<FileHandle>, byteLength: number): RandomAccessFile {
  return {
    byteLength,
    async slice(start, end = byteLength) {
      const bytes = new Uint8Array(end - start);
      await (await handle).read(bytes, 0, bytes.byteLength, start);
      return bytes.buffer;
    },
  };
}

/** One object, in a file; bytes go to disk as they come. */
const objects: LakeObjects = {
  async head() {
    if (mode !== "again") return undefined;
    const handle = await open(path);
    const { size } = await handle.stat();
    await handle.close();
    return { versionId: "1", etag: "1", byteLength: size };
  },
  open: (_, { byteLength }) => fileIn(open(path), byteLength),
  async begin(key) {
    const handle = await open(`${path}.new`, "w");
    let bytes = 0;
    return {
      key,
      uploadId: "1",
      async write(chunk) {
        await handle.write(chunk);
        bytes += chunk.byteLength;
      },
      end: async () => bytes,
      async complete() {
        await handle.close();
        await rename(`${path}.new`, path);
        return { status: "committed", versionId: "2", etag: "2" };
      },
    };
  },
  abort: async () => undefined,
};

const began = process.cpuUsage();
const report = await exportDayObject(
  { day: BENCH_DAY, object: 0, objects: 1 },
  {
    days: new FakeLakeDays(systemClock),
    source: { streams: (_, shards) => shards.map(shardPages) },
    objects,
    files: createLakeRowFiles("hyparquet"),
    ledger: { fences: async () => new Map() },
    people: { add: async (_, people) => people.length, missing: async () => 0 },
    keys: new KeyChain({ k1: randomUUID() }),
    clock: systemClock,
  },
);
const { user, system } = process.cpuUsage(began);
const megabytes = process.resourceUsage().maxRSS / 1_024;
console.log(
  JSON.stringify({ rows: report.rows, bytes: report.bytes, seconds: (user + system) / 1e6, megabytes }),
);
