import type { Command } from "commander";
import { stopInstance, wipeInstance } from "../../local/background.ts";

/** `hilo down`: stops the local stage, wherever it was started. */
export function addDownCommand(program: Command): void {
  program
    .command("down")
    .description("stop the local stage; what it stores stays")
    .option("--wipe", "also forget everything that it stores (the engines' programs stay)")
    .action(async ({ wipe }: { wipe?: true }) => {
      const stopped = await stopInstance();
      console.log(stopped ? "The local stage is stopped." : "The local stage was not running.");
      if (!wipe) return;
      wipeInstance();
      console.log("Its data is forgotten.");
    });
}
