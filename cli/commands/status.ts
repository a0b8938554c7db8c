import type { Command } from "commander";
import { stageOption } from "../stage-option.ts";
import { readStatus } from "../stage-status.ts";

/** Exit code of `hilo status` for a stage that is not ready. */
const NOT_READY = 3;

/** `hilo status`: how the stage is, what its parts are called, and where they listen. */
export function addStatusCommand(program: Command, defaultStage: string): void {
  program
    .command("status")
    .description("show whether the stage is ready, its endpoints and its names (exit code 3: not ready)")
    .addOption(stageOption(defaultStage))
    .option("--json", "print one line of JSON")
    .action(async ({ stage, json }: { stage: string; json?: true }) => {
      const { status, problems } = await readStatus(stage);
      if (json) console.log(JSON.stringify(status));
      else printStatus(status, problems);
      if (!status.ready) process.exitCode = NOT_READY;
    });
}

function printStatus(
  { stage, ready, endpoints, names }: Awaited<ReturnType<typeof readStatus>>["status"],
  problems: readonly string[],
): void {
  const rows: [string, string | null][] = [
    ["stage", `${stage} is ${ready ? "ready" : "not ready"}`],
    ...problems.map((problem): [string, string] => ["problem", problem]),
    ...Object.entries(endpoints),
    ["bucket", names.bucket],
    ["queue", names.queue],
    ["dead letters", names.deadLetterQueue],
    ...Object.entries(names.stateMachines),
    ...Object.entries(names.tables),
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  for (const [name, value] of rows) if (value !== null) console.log(`${name.padEnd(width)}  ${value}`);
}
