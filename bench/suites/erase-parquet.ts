import { execFile } from "node:child_process";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { DuckDBConnection } from "@duckdb/node-api";
import { parquetMetadataAsync } from "hyparquet";
import { z } from "zod";
import { createMessageRowRemoval } from "../../functions/adapters/parquet/row-removal.ts";
import type { RowRemoval } from "../../functions/core/ports/lake-row-removal.ts";
import { withDuckdb } from "../duckdb.ts";
import { ERASED_EACH, eraseUser, writeEraseDay } from "../erase-day.ts";
import { type Rewrite, rewriteWithDuckdb, rewriteWithHyparquet, rewriteWithPyarrow } from "../erase-peers.ts";
import { intoFile, withFile } from "../file-access.ts";
import { atLeast, atMost, number, type Result, spreadText } from "../result.ts";
import { interleave, ratios, spreadOf } from "../statistics.ts";

const ROUNDS = 5;
const PEOPLE = 2_000;
const ROWS = PEOPLE * ERASED_EACH;
const LARGE_ROWS = 1_000_000;
/** Who is erased, one at a time, to count bytes: every 83rd, and two whose rows lie in two row groups. */
const COUNTED = [66, 133, ...Array.from({ length: 24 }, (_, index) => 83 * index)];
/** Who is erased to take the time: somebody whose rows lie in one row group, as those of 1,980 people do, and in two. */
const [ERASED, ASTRIDE] = [eraseUser(700), eraseUser(666)];
const CHILD = fileURLToPath(import.meta.resolve("../erase-parquet-child.ts"));
/** Keeps what is left to the garbage collector small; the functions that stream the lake run with the same. */
const MEMORY = ["--max-semi-space-size=8", "--max-old-space-size=256"];

const PYARROW = "pyarrow writing the file again, all threads, its own groups";

const removal = createMessageRowRemoval();
const measurement = z.object({ rows: z.number(), removed: z.number(), megabytes: z.number() });

/** Erasing one of 2,000 people from a day's file, beside writing the file again. @param python has pyarrow */
export async function benchEraseParquet(python: string): Promise<Result[]> {
  const folder = await mkdtemp(join(tmpdir(), "hilo-bench-erase-"));
  try {
    const [day, large] = [join(folder, "day.parquet"), join(folder, "large.parquet")];
    await writeEraseDay(day, ROWS);
    await writeEraseDay(large, LARGE_ROWS);
    return [
      await bytes(day),
      ...(await withDuckdb((connection) => speed(day, connection, python))),
      ...(await memory(day, large)),
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const eraseFrom = ({ from, to, user }: Rewrite): Promise<RowRemoval> =>
  withFile(from, (file) =>
    intoFile(to, (sink) => removal.remove(file, [{ user_id: user, generation: 1 }], sink, () => undefined)),
  );

async function bytes(day: string): Promise<Result> {
  const { size } = await stat(day);
  const shares: number[] = [];
  for (const person of COUNTED) {
    const done = await eraseFrom({ from: day, to: `${day}.new`, user: eraseUser(person) });
    if (done.rows !== ROWS - ERASED_EACH) throw new Error(`${done.rows} rows are left`);
    shares.push((100 * done.encodedBytes) / size);
  }
  const share = spreadOf(shares);
  return {
    what: `bytes encoded anew to erase one of ${number(PEOPLE)} people from ${number(ROWS)} rows, ${shares.length} of them`,
    measured: spreadText(share, " %"),
    against: `the file written again: ${number(size / 1e6)} MB`,
    target: atMost(10, share.most, " %"),
    figures: { share, size },
  };
}

async function speed(day: string, connection: DuckDBConnection, python: string): Promise<Result[]> {
  const rewrite: Rewrite = { from: day, to: `${day}.new`, user: ERASED };
  const timed =
    (work: (rewrite: Rewrite) => Promise<unknown>, user = ERASED) =>
    async (): Promise<number> => {
      const began = performance.now();
      await work({ ...rewrite, user });
      const seconds = (performance.now() - began) / 1_000;
      await checkRows(rewrite.to);
      return seconds;
    };
  const measured = await interleave(
    {
      hilo: timed(eraseFrom),
      astride: timed(eraseFrom, ASTRIDE),
      hyparquet: timed(rewriteWithHyparquet),
      duckdb: timed((one) => rewriteWithDuckdb(connection, one)),
      pyarrow: () => rewriteWithPyarrow(python, rewrite),
    },
    ROUNDS,
  );
  const beside = (
    peer: "hyparquet" | "duckdb" | "pyarrow",
    wanted: number,
    how: string,
    who: "hilo" | "astride" = "hilo",
  ): Result => {
    const hilo = spreadOf(measured[who]);
    const ratio = spreadOf(ratios(measured[peer], measured[who]));
    const seconds = spreadOf(measured[peer]);
    return {
      what: `time to erase one person${who === "astride" ? " whose rows lie in two groups" : ""}, beside ${how}`,
      measured: `${spreadText(ratio, " ×")} faster; ${spreadText(hilo, " s")}`,
      against: spreadText(seconds, " s"),
      target: atLeast(wanted, ratio.median, " ×"),
      figures: { ratio, hilo, seconds },
    };
  };
  return [
    beside("hyparquet", 4, "hyparquet encoding every row group anew"),
    beside("duckdb", 1, "DuckDB writing the file again, one thread, its own groups"),
    beside("pyarrow", 2, PYARROW),
    beside("pyarrow", 2, PYARROW, "astride"),
  ];
}

async function checkRows(path: string): Promise<void> {
  const { num_rows } = await withFile(path, (file) => parquetMetadataAsync(file));
  if (num_rows !== BigInt(ROWS - ERASED_EACH)) throw new Error(`${num_rows} rows are left`);
}

async function memory(day: string, large: string): Promise<Result[]> {
  const peak = async (path: string): Promise<number> => {
    const child = [...MEMORY, CHILD, path, `${path}.new`, ERASED];
    const { stdout } = await promisify(execFile)(process.execPath, child);
    const measured = measurement.parse(JSON.parse(stdout));
    if (measured.removed !== ERASED_EACH) throw new Error(`${measured.removed} rows were removed`);
    return measured.megabytes;
  };
  const measured = await interleave({ small: () => peak(day), large: () => peak(large) }, ROUNDS);
  const [small, most] = [spreadOf(measured.small), spreadOf(measured.large)];
  const growth = spreadOf(ratios(measured.large, measured.small));
  return [
    {
      what: `peak memory of erasing one person from ${number(LARGE_ROWS)} rows`,
      measured: spreadText(most, " MB"),
      against: "a process of its own, all of it",
      target: atMost(200, most.most, " MB"),
      figures: { most },
    },
    {
      what: `beside ${number(ROWS)} rows`,
      measured: spreadText(growth, " ×"),
      against: spreadText(small, " MB"),
      target: atMost(1.25, growth.median, " ×"),
      figures: { growth, small },
    },
  ];
}
