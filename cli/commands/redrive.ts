import type { Command } from "commander";
import {
  countDeadLetters,
  type DeadLetterQueue,
  moveDeadLetters,
  resendDeadLetters,
} from "../../functions/adapters/sqs/dead-letters.ts";
import { endProgress, showProgress } from "../progress-line.ts";
import { stageOption } from "../stage-option.ts";
import { type StageSession, withStage } from "../stage-session.ts";

interface Redriven {
  readonly queue: string;
  /** Dead letters before, approximate. */
  readonly found: number;
  readonly moved: number;
}

/** Adds `hilo redrive`, which gives dead letters another try. */
export function addRedriveCommand(program: Command, defaultStage: string): void {
  program
    .command("redrive")
    .description("put the dead letters of all queues back on their queues")
    .option("--json", "print the counts as JSON")
    .addOption(stageOption(defaultStage))
    .addHelpText(
      "after",
      "\nMend first what made them fail. Dead letters of the event queue go to quarantine within minutes;\nfrom there hilo quarantine retry sends them again.",
    )
    .action(async ({ json, stage }: { json?: boolean; stage: string }) => {
      const redriven = await withStage(stage, redriveAll);
      endProgress();
      if (json) return console.log(JSON.stringify(redriven));
      for (const { queue, found, moved } of redriven) console.log(`${queue}: ${moved} of ${found} moved`);
    });
}

async function redriveAll(session: StageSession): Promise<Redriven[]> {
  const { outputs } = session;
  const client = session.sqs();
  const queues: [name: string, queue: DeadLetterQueue, move: typeof moveDeadLetters][] = [
    // A task of the service would forget when an event first came, which the fence must know.
    ["events", { client, from: outputs.deadLetterQueueUrl, to: outputs.queueUrl }, resendDeadLetters],
    [
      "refresh-cache",
      { client, from: outputs.refreshCacheDeadLetterQueueUrl, to: outputs.refreshCacheQueueUrl },
      moveDeadLetters,
    ],
    [
      "repair-index",
      { client, from: outputs.repairIndexDeadLetterQueueUrl, to: outputs.repairIndexQueueUrl },
      moveDeadLetters,
    ],
  ];
  const redriven: Redriven[] = [];
  for (const [name, queue, move] of queues) {
    const found = await countDeadLetters(queue);
    const moved = found === 0 ? 0 : await move(queue, (done) => showProgress(`${name}: ${done} of ${found}`));
    redriven.push({ queue: name, found, moved });
  }
  return redriven;
}
