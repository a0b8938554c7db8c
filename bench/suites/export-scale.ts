import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { z } from "zod";
import { atMost, number, type Result, spreadText } from "../result.ts";
import { ratios, spreadOf } from "../statistics.ts";

const ROUNDS = 3;
const [SMALL, LARGE] = [100_000, 1_000_000];
const CHILD = fileURLToPath(import.meta.resolve("../export-child.ts"));
/** Keeps what is left to the garbage collector small; the export's functions run with the same. */
const MEMORY = ["--max-semi-space-size=8", "--max-old-space-size=256"];

const measurement = z.object({
  rows: z.number(),
  bytes: z.number(),
  seconds: z.number(),
  megabytes: z.number(),
});
type Measurement = z.infer<typeof measurement>;

/** A day's export from its rows to the committed file, at two sizes, each in a process of its own. */
export async function benchExportScale(): Promise<Result[]> {
  const folder = await mkdtemp(join(tmpdir(), "hilo-bench-export-"));
  try {
    const first = await compare(folder, "first");
    const again = await compare(folder, "again");
    return [
      ...rowsOf(first, "into an empty day"),
      ...rowsOf(again, "merged with the object it wrote before"),
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Compared {
  readonly small: readonly Measurement[];
  readonly large: readonly Measurement[];
}

/** In turn, so that a slow moment of the machine falls on both. */
async function compare(folder: string, mode: "first" | "again"): Promise<Compared> {
  const [small, large]: [Measurement[], Measurement[]] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    small.push(await exported(SMALL, folder, mode));
    large.push(await exported(LARGE, folder, mode));
  }
  return { small, large };
}

async function exported(rows: number, folder: string, mode: string): Promise<Measurement> {
  const file = join(folder, `${rows}.parquet`);
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...MEMORY,
    CHILD,
    String(rows),
    file,
    mode,
  ]);
  const measured = measurement.parse(JSON.parse(stdout));
  if (measured.rows !== rows) throw new Error(`exported ${measured.rows} rows instead of ${rows}`);
  return measured;
}

function rowsOf({ small, large }: Compared, what: string): Result[] {
  const memory = (of: readonly Measurement[]): number[] => of.map(({ megabytes }) => megabytes);
  const seconds = (of: readonly Measurement[]): number[] => of.map((one) => one.seconds);
  const [peak, smallPeak] = [spreadOf(memory(large)), spreadOf(memory(small))];
  const growth = spreadOf(ratios(memory(large), memory(small)));
  const linear = spreadOf(ratios(seconds(large), seconds(small)).map((ratio) => (ratio * SMALL) / LARGE));
  const rate = spreadOf(large.map((one) => one.rows / one.seconds));
  return [
    {
      what: `peak memory of exporting ${number(LARGE)} rows, ${what}`,
      measured: spreadText(peak, " MB"),
      against: "a process of its own, all of it",
      target: atMost(350, peak.median, " MB"),
      figures: { peak },
    },
    {
      what: "beside a tenth of the rows",
      measured: spreadText(growth, " ×"),
      against: `${number(SMALL)} rows: ${spreadText(smallPeak, " MB")}`,
      target: atMost(1.25, growth.median, " ×"),
      figures: { growth, peak: smallPeak },
    },
    {
      what: `processor time of it, ${what}`,
      measured: `${spreadText(linear, " ×")} of linear; ${spreadText(rate, " rows/s of a core")}`,
      against: `${number(SMALL)} rows: ${spreadText(spreadOf(seconds(small)), " s")}`,
      target: atMost(1.1, linear.median, " ×"),
      figures: { linear, rate, large: spreadOf(seconds(large)), small: spreadOf(seconds(small)) },
    },
  ];
}
