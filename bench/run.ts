// What `npm run bench` does. Arguments: names of suites, none is all; `--check` fails where a target is missed.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readLocalConfig } from "../local/config.ts";
import { ensureSpark, sparkPython } from "../local/engines/spark.ts";
import { Interruption, type Lifetime, openLifetime } from "../local/lifetime.ts";
import { createProgress, type Progress } from "../local/progress.ts";
import { CostMeter } from "../test/support/cost/meter.ts";
import { withStage } from "./bench-stage.ts";
import { type BenchValkey, withValkey } from "./bench-valkey.ts";
import { describeMachine } from "./machine.ts";
import type { Result } from "./result.ts";
import { benchBundles } from "./suites/bundles.ts";
import { benchCacheWrite } from "./suites/cache-write.ts";
import { benchContextHit } from "./suites/context-hit.ts";
import { benchCost } from "./suites/cost.ts";
import { benchEraseCache } from "./suites/erase-cache.ts";
import { benchEraseLake } from "./suites/erase-lake.ts";
import { benchEraseParquet } from "./suites/erase-parquet.ts";
import { benchExportScale } from "./suites/export-scale.ts";
import { benchFindKeys } from "./suites/find-keys.ts";
import { benchParquetFiles } from "./suites/parquet-files.ts";
import { benchWorkflow } from "./suites/workflow.ts";
import { benchWriteUnits } from "./suites/write-units.ts";
import { machineLine, table } from "./table.ts";
import { Workload } from "./workload.ts";

const ON_VALKEY: Readonly<Record<string, (valkey: BenchValkey) => Promise<Result[]>>> = {
  "cache-write": benchCacheWrite,
  "context-hit": benchContextHit,
  "find-keys": benchFindKeys,
  "erase-cache": benchEraseCache,
};
const ON_STAGE: Readonly<Record<string, (workload: Workload) => Promise<Result[]>>> = {
  "write-units": benchWriteUnits,
  workflow: benchWorkflow,
  cost: benchCost,
};
const ALONE: Readonly<Record<string, () => Promise<Result[]>>> = {
  bundles: benchBundles,
  parquet: benchParquetFiles,
  export: benchExportScale,
  "erase-lake": benchEraseLake,
};
/** Beside pyarrow, which comes with Spark. */
const ON_PYTHON: Readonly<Record<string, (python: string) => Promise<Result[]>>> = {
  "erase-parquet": benchEraseParquet,
};
const FOLDER = join(import.meta.dirname, "..", ".hilo", "bench");

const wanted = process.argv.slice(2).filter((argument) => argument !== "--check");
const mustMeet = process.argv.includes("--check");
const known = [ON_VALKEY, ALONE, ON_PYTHON, ON_STAGE].flatMap((suites) => Object.keys(suites));
const unknown = wanted.filter((name) => !known.includes(name));

if (unknown.length > 0) {
  console.error(`No such benchmark: ${unknown.join(", ")}. There are: ${known.join(", ")}, and --check`);
  process.exitCode = 2;
} else {
  process.exitCode = await main(openLifetime({ followParent: true }));
}

async function main(lifetime: Lifetime): Promise<number> {
  const machine = describeMachine(new Date());
  const suites: Record<string, readonly Result[]> = {};
  const show = (name: string, results: readonly Result[]): void => {
    suites[name] = results;
    console.log(table(name, results));
  };
  console.log(machineLine(machine));
  try {
    await runAll(createProgress(), lifetime, show);
  } catch (error) {
    if (!(error instanceof Interruption)) throw error;
    console.error(`Benchmarks ${error.message}`);
    return error.exitCode;
  } finally {
    lifetime.close();
  }
  const missed = Object.values(suites)
    .flat()
    .filter(({ target }) => target?.met === false);
  mkdirSync(FOLDER, { recursive: true });
  const file = join(FOLDER, `${machine.date.replaceAll(":", "-")}.json`);
  writeFileSync(file, `${JSON.stringify({ machine, suites }, null, 2)}\n`);
  console.log(`\n${missed.length} targets missed. All figures: ${file}`);
  return mustMeet && missed.length > 0 ? 1 : 0;
}

async function runAll(
  progress: Progress,
  lifetime: Lifetime,
  show: (name: string, results: readonly Result[]) => void,
): Promise<void> {
  const run = async <Subject>(
    suites: Readonly<Record<string, (subject: Subject) => Promise<Result[]>>>,
    subject: Subject,
  ): Promise<void> => {
    for (const [name, suite] of Object.entries(suites)) {
      lifetime.signal.throwIfAborted();
      if (isWanted(name)) show(name, await progress.step(name, () => suite(subject)));
    }
  };
  if (Object.keys(ON_VALKEY).some(isWanted))
    await withValkey(progress, lifetime, (valkey) => run(ON_VALKEY, valkey));
  await run(ALONE, undefined);
  if (Object.keys(ON_PYTHON).some(isWanted)) {
    const config = readLocalConfig();
    await ensureSpark({ config, progress, lifetime });
    await run(ON_PYTHON, sparkPython(config));
  }
  if (Object.keys(ON_STAGE).some(isWanted))
    await withStage(progress, lifetime, async (stage) => {
      const meter = await CostMeter.attach(stage);
      try {
        await run(ON_STAGE, new Workload(stage, meter));
      } finally {
        await meter.detach();
      }
    });
}

function isWanted(suite: string): boolean {
  return wanted.length === 0 || wanted.includes(suite);
}
