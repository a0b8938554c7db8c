import type { Command } from "commander";
import { startInBackground } from "../../local/background.ts";
import { installSpark } from "../install-spark.ts";

/** `hilo up`: starts the local stage in the background and returns when it is ready. */
export function addUpCommand(program: Command): void {
  program
    .command("up")
    .description("start the local stage in the background; returns when it is ready")
    .option("--engines", "start the engines only and deploy nothing")
    .option("--spark", "install Spark too, which Glue jobs run on (large, once)")
    .action(async ({ engines, spark }: { engines?: true; spark?: true }) => {
      if (spark) await installSpark();
      process.exitCode = await startInBackground(engines ? ["--engines"] : []);
    });
}
