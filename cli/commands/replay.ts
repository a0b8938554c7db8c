import type { Command } from "commander";
import { createDayReader } from "../../functions/adapters/dynamodb/day-reader.ts";
import { createRepairQueue } from "../../functions/adapters/sqs/repair-queue.ts";
import { systemClock } from "../../functions/core/domain/clock.ts";
import { daysFrom } from "../../functions/core/domain/day.ts";
import { type Replayed, replayDay } from "../../functions/core/use-cases/replay-rows.ts";
import { parseDay } from "../day-option.ts";
import { CommandFailure } from "../failure.ts";
import { endProgress, showProgress } from "../progress-line.ts";
import { stageOption } from "../stage-option.ts";
import { withStage } from "../stage-session.ts";

interface ReplayOptions {
  readonly from: string;
  readonly to: string;
  readonly user?: string;
  readonly json?: boolean;
  readonly stage: string;
}

/** Adds `hilo replay`, which makes search documents and cached contexts anew from the rows. */
export function addReplayCommand(program: Command, defaultStage: string): void {
  program
    .command("replay")
    .description("index the rows of some days again and drop their people's cached contexts")
    .requiredOption("--from <day>", "first UTC day", parseDay)
    .requiredOption("--to <day>", "last UTC day", parseDay)
    .option("-u, --user <id>", "only this person's rows")
    .option("--json", "print the counts of each day as JSON")
    .addOption(stageOption(defaultStage))
    .addHelpText(
      "after",
      "\nSends one repair a row to the queues; their consumers read the rows anew and ask the fence.\nRows live 30 days; contexts are filled again at the next read.",
    )
    .action(async ({ from, to, user, json, stage }: ReplayOptions) => {
      const days = daysFrom(from, to);
      if (days.length === 0) throw new CommandFailure("--from must not be after --to", 2);
      const replayed = await withStage(stage, async (session) => {
        const deps = {
          days: createDayReader({
            client: session.dynamo(),
            table: session.table("conversation-contexts"),
            clock: systemClock,
          }),
          repairs: createRepairQueue({ client: session.sqs(), ...session.outputs }),
          keys: await session.keys(),
        };
        const done: (Replayed & { readonly day: string })[] = [];
        for (const day of days) {
          const counts = await replayDay(day, user, deps, ({ rows }) => showProgress(`${day}: ${rows} rows`));
          done.push({ day, ...counts });
        }
        return done;
      });
      endProgress();
      if (json) return console.log(JSON.stringify(replayed));
      for (const { day, rows, people } of replayed)
        console.log(`${day}: ${rows} rows to be indexed, contexts of ${people} people to be dropped`);
    });
}
