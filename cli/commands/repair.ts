import type { Command } from "commander";
import { isMended, type ShardReport } from "../../functions/core/contracts/repair-day.ts";
import { SHARDS } from "../../functions/core/domain/shard.ts";
import { parseDay } from "../day-option.ts";
import { CommandFailure } from "../failure.ts";
import { invokeFunction } from "../invoke-function.ts";
import { endProgress, showProgress } from "../progress-line.ts";
import { stageOption } from "../stage-option.ts";
import { type StageSession, withStage } from "../stage-session.ts";

/** Shards compared at once: the stores serve people meanwhile. */
const AT_ONCE = 2;

/** A shard's report, or why it has none. */
type ShardResult = ShardReport | { readonly shard: number; readonly failure: string };

/** Adds `hilo repair`, which compares the stores of a day and mends what differs. */
export function addRepairCommand(program: Command, defaultStage: string): void {
  program
    .command("repair")
    .description(
      "compare table, search index and cache of a day, and mend them (exit code 1: differences remain)",
    )
    .requiredOption("-d, --day <day>", "UTC day that the messages were written on", parseDay)
    .option("--json", "print one report a shard as JSON")
    .addOption(stageOption(defaultStage))
    .action(async ({ day, json, stage }: { day: string; json?: boolean; stage: string }) => {
      const results = await withStage(stage, (session) => repairShards(session, day));
      endProgress();
      console.log(json ? JSON.stringify(results) : format(day, results));
      if (results.some((result) => "failure" in result || !isMended(result))) process.exitCode = 1;
    });
}

async function repairShards(session: StageSession, day: string): Promise<ShardResult[]> {
  const results: ShardResult[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let shard = next++; shard < SHARDS; shard = next++) {
      results[shard] = await repairShard(session, day, shard);
      showProgress(`${day}: ${results.filter(Boolean).length} of ${SHARDS} shards`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return results;
}

/** One shard that fails holds up no other. */
async function repairShard(session: StageSession, day: string, shard: number): Promise<ShardResult> {
  try {
    return await invokeFunction<ShardReport>(session, "repair-day", { day, shard });
  } catch (error) {
    if (error instanceof CommandFailure) return { shard, failure: error.message };
    throw error;
  }
}

const COLUMNS = [
  "rows",
  "documents",
  "missing",
  "older",
  "newer",
  "orphaned",
  "outlived",
  "mended",
  "remaining",
] as const;

function format(day: string, results: readonly ShardResult[]): string {
  const reports = results.flatMap((result) => ("failure" in result ? [] : [result]));
  const sum = (column: (typeof COLUMNS)[number]): number =>
    reports.reduce((total, report) => total + report[column], 0);
  const table = [
    ["shard", ...COLUMNS],
    ...reports
      .filter(({ documents, rows }) => rows + documents > 0)
      .map((report) => [String(report.shard), ...COLUMNS.map((column) => String(report[column]))]),
    ["all", ...COLUMNS.map((column) => String(sum(column)))],
  ];
  const line = (cells: readonly string[]): string =>
    cells.map((cell, index) => cell.padStart(Math.max(5, table[0]?.[index]?.length ?? 0))).join("  ");
  const contexts = reports.map(({ cache }) => cache);
  const compared = contexts.reduce((total, cache) => total + (cache?.contexts ?? 0), 0);
  const stale = contexts.reduce((total, cache) => total + (cache?.stale ?? 0), 0);
  const uncompared = contexts.filter((cache) => cache === null).length;
  return [
    ...table.map(line),
    `${day}: ${compared} cached contexts compared, ${stale} stale and dropped${
      uncompared > 0 ? `; the cache did not answer for ${uncompared} shards` : ""
    }`,
    ...reports.filter(({ isComplete }) => !isComplete).map(({ shard }) => `shard ${shard}: time ran out`),
    ...results.flatMap((result) => ("failure" in result ? [`shard ${result.shard}: ${result.failure}`] : [])),
  ].join("\n");
}
