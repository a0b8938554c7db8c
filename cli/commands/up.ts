import type { Command } from "commander";
import { startInBackground } from "../../local/background.ts";

/** `hilo up`: starts the local stage in the background and returns when it is ready. */
export function addUpCommand(program: Command): void {
  program
    .command("up")
    .description("start the local stage in the background; returns when it is ready")
    .option("--engines", "start the engines only and deploy nothing")
    .action(async ({ engines }: { engines?: true }) => {
      process.exitCode = await startInBackground(engines ? ["--engines"] : []);
    });
}
