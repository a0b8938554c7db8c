import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Command, CommanderError } from "commander";
import { addContextCommand } from "./commands/context.ts";
import { addDoctorCommand } from "./commands/doctor.ts";
import { addDownCommand } from "./commands/down.ts";
import { addEraseCommand } from "./commands/erase.ts";
import { addExportCommand } from "./commands/export.ts";
import { addHoldCommand } from "./commands/hold.ts";
import { addKeysCommand } from "./commands/keys.ts";
import { addMetricsCommand } from "./commands/metrics.ts";
import { addPatternsCommand } from "./commands/patterns.ts";
import { addQuarantineCommand } from "./commands/quarantine.ts";
import { addRedriveCommand } from "./commands/redrive.ts";
import { addRepairCommand } from "./commands/repair.ts";
import { addReplayCommand } from "./commands/replay.ts";
import { addRestoreCommand } from "./commands/restore.ts";
import { addSearchCommand } from "./commands/search.ts";
import { addSendCommand } from "./commands/send.ts";
import { addStatusCommand } from "./commands/status.ts";
import { addSubjectCommand } from "./commands/subject.ts";
import { addUpCommand } from "./commands/up.ts";
import { readCliEnvironment } from "./env.ts";
import { CommandFailure } from "./failure.ts";

/** Exit code for a command line that makes no sense. */
const USAGE = 2;

const { stage } = readCliEnvironment();
const program = new Command("hilo")
  .description("Runs, asks and looks after a Hilo stage.")
  .version(readVersion())
  .exitOverride();

addUpCommand(program);
addDownCommand(program);
addStatusCommand(program, stage);
addDoctorCommand(program, stage);
addSendCommand(program, stage);
addContextCommand(program, stage);
addSearchCommand(program, stage);
addQuarantineCommand(program, stage);
addRedriveCommand(program, stage);
addRepairCommand(program, stage);
addReplayCommand(program, stage);
addExportCommand(program, stage);
addMetricsCommand(program, stage);
addPatternsCommand(program, stage);
addEraseCommand(program, stage);
addHoldCommand(program, stage);
addKeysCommand(program, stage);
addSubjectCommand(program, stage);
addRestoreCommand(program, stage);
// Subcommands take over the parent's way to end, so that usage errors are told from failures.
for (const command of program.commands) command.exitOverride();

// A reader that has seen enough (`hilo … | head`) is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit();
});

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

/** Prints an error as one line and returns the exit code that it stands for. */
function report(error: unknown): number {
  // Commander has printed help, version and usage errors itself.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE;
  console.error(error instanceof Error ? error.message : String(error));
  return error instanceof CommandFailure ? error.exitCode : 1;
}

function readVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(join(import.meta.dirname, "..", "package.json"), "utf8"));
  return typeof manifest === "object" && manifest !== null && "version" in manifest
    ? String(manifest.version)
    : "";
}
