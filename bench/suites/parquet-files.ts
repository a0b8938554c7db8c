import { openAsBlob } from "node:fs";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import parquetjs from "parquetjs-lite";
import { createLakeRowFiles } from "../../functions/adapters/parquet/lake-row-files.ts";
import { LakeRowsHash } from "../../functions/core/domain/lake-hash.ts";
import type { LakeRow } from "../../functions/core/domain/lake-row.ts";
import { type LakeType, MESSAGES } from "../../functions/core/domain/lake-schema.ts";
import { withDuckdb } from "../duckdb.ts";
import { chatRows } from "../lake-rows.ts";
import { atLeast, atMost, number, type Result, spreadText } from "../result.ts";
import { interleave, ratios, spreadOf } from "../statistics.ts";

const ROUNDS = 3;
const SPEED_ROWS = 100_000;
const SIZE_ROWS = 300_000;
/** Rows of a group of the peer: with fewer its files grow, with more its memory. */
const PEER_GROUP = 50_000;

const lake = createLakeRowFiles("hyparquet");
const wrapped = createLakeRowFiles("parquetjs");

/** The lake's files: speed beside the library that is often named for them, size beside DuckDB's, values read by DuckDB. */
export async function benchParquetFiles(): Promise<Result[]> {
  const folder = await mkdtemp(join(tmpdir(), "hilo-bench-parquet-"));
  try {
    return [...(await speed(folder)), ...(await sizeAndValues(folder))];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function speed(folder: string): Promise<Result[]> {
  const rows = [...chatRows(SPEED_ROWS)];
  const path = join(folder, "speed.parquet");
  await writeFile(path, await bytesOf(rows));
  // Nothing waits here, so processor time is what counts, and it does not move with what else the machine does.
  const perSecond = (work: () => Promise<number>) => async (): Promise<number> => {
    const began = process.cpuUsage();
    const count = await work();
    if (count !== rows.length) throw new Error(`${count} rows instead of ${rows.length}`);
    const { user, system } = process.cpuUsage(began);
    return (1e6 * count) / (user + system);
  };
  const measured = await interleave(
    {
      hilo: perSecond(() => lake.write(stream(rows), discard)),
      wrapped: perSecond(() => wrapped.write(stream(rows), discard)),
      peer: perSecond(() => writeAwaited(rows)),
      read: perSecond(async () => {
        let count = 0;
        for await (const _ of lake.read(await fileAt(path))) count++;
        return count;
      }),
    },
    ROUNDS,
  );
  const ratio = spreadOf(ratios(measured.hilo, measured.peer));
  const text = (values: readonly number[]): string => spreadText(spreadOf(values), " rows/s of a core");
  return [
    {
      what: `writing ${number(SPEED_ROWS)} rows of ${MESSAGES.columns.length} columns, hyparquet-writer, zstd`,
      measured: `${spreadText(ratio, " ×")}; ${text(measured.hilo)}`,
      against: `parquetjs-lite awaited, groups of ${number(PEER_GROUP)}: ${text(measured.peer)}`,
      target: atLeast(4, ratio.median, " ×"),
      figures: { ratio, hilo: spreadOf(measured.hilo), peer: spreadOf(measured.peer) },
    },
    {
      what: "the same with parquetjs-lite as the lake wraps it",
      measured: text(measured.wrapped),
      against: "groups of 10,000, no statistics, no page index",
      figures: { wrapped: spreadOf(measured.wrapped) },
    },
    {
      what: "reading them",
      measured: text(measured.read),
      against: "hyparquet, row by row",
      figures: { read: spreadOf(measured.read) },
    },
  ];
}

async function sizeAndValues(folder: string): Promise<Result[]> {
  const [written, rewritten] = [join(folder, "hilo.parquet"), join(folder, "duckdb.parquet")];
  await writeFile(written, await bytesOf(chatRows(SIZE_ROWS)));
  await withDuckdb((connection) =>
    connection.run(
      `COPY (FROM read_parquet('${written}')) TO '${rewritten}' (FORMAT parquet, COMPRESSION zstd)`,
    ),
  );
  const [own, duckdb] = [(await stat(written)).size / SIZE_ROWS, (await stat(rewritten)).size / SIZE_ROWS];
  const [before, after] = [new LakeRowsHash(), new LakeRowsHash()];
  for (const row of chatRows(SIZE_ROWS)) before.add(row);
  for await (const row of lake.read(await fileAt(rewritten))) after.add(row);
  const areEqual = before.digest() === after.digest() && before.rows === after.rows;
  return [
    {
      what: `bytes a row, ${number(SIZE_ROWS)} rows`,
      measured: `${number(own)} bytes, ${number(own / duckdb)} ×`,
      against: `DuckDB, zstd, its own groups: ${number(duckdb)} bytes`,
      target: atMost(1.05, own / duckdb, " ×"),
      figures: { own, duckdb, ratio: own / duckdb },
    },
    {
      what: "all values read and written again by DuckDB, read by Hilo",
      measured: areEqual ? `${number(after.rows)} rows equal` : "other values",
      against: "the rows before they were written, by their hash",
      target: { text: "= equal", met: areEqual },
      figures: { rows: after.rows, equal: Number(areEqual) },
    },
  ];
}

async function* stream(rows: Iterable<LakeRow>): AsyncGenerator<LakeRow> {
  yield* rows;
}

const discard = async (): Promise<void> => undefined;

async function bytesOf(rows: Iterable<LakeRow>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  await lake.write(stream(rows), async (chunk) => void chunks.push(chunk));
  return Buffer.concat(chunks);
}

async function fileAt(path: string) {
  const blob = await openAsBlob(path);
  return {
    byteLength: blob.size,
    slice: (start: number, end?: number) => blob.slice(start, end).arrayBuffer(),
  };
}

const PEER_TYPES: Readonly<Record<LakeType, string>> = {
  string: "UTF8",
  json: "UTF8",
  bigint: "INT64",
  double: "DOUBLE",
  boolean: "BOOLEAN",
  timestamp: "TIMESTAMP_MILLIS",
  date: "DATE",
};

/** The peer as its documentation shows it, each row awaited: it loses rows otherwise. */
async function writeAwaited(rows: readonly LakeRow[]): Promise<number> {
  const fields = MESSAGES.columns.map(({ name, type, nullable }) => [
    name,
    { type: PEER_TYPES[type], optional: nullable, compression: "SNAPPY" as const },
  ]);
  const schema = new parquetjs.ParquetSchema(Object.fromEntries(fields));
  const envelope = new parquetjs.ParquetEnvelopeWriter(
    schema,
    () => undefined,
    () => undefined,
    0,
    {},
  );
  const writer = new parquetjs.ParquetWriter(schema, envelope, { rowGroupSize: PEER_GROUP });
  for (const row of rows) await writer.appendRow(row);
  await writer.close();
  return rows.length;
}
