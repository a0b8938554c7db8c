import type { Command } from "commander";
import { createLedgerTags } from "../../functions/adapters/dynamodb/ledger-tags.ts";
import { systemClock } from "../../functions/core/domain/clock.ts";
import { type Retagged, retagLedger } from "../../functions/core/use-cases/erasure/retag-ledger.ts";
import { endProgress, showProgress } from "../progress-line.ts";
import { stageOption } from "../stage-option.ts";
import { withStage } from "../stage-session.ts";

interface RetagOptions {
  readonly finish?: boolean;
  readonly json?: boolean;
  readonly stage: string;
}

/** Adds `hilo keys`: the rotation of the hash keys, see docs/runbooks/rotate-hash-keys.md. */
export function addKeysCommand(program: Command, defaultStage: string): void {
  program
    .command("keys")
    .description("rotate the keys of the keyed hashes")
    .command("retag")
    .description("bring fences and holds under the secret's newest key; says what is to be done next")
    .option("--finish", "remove what is kept under old keys: whoever still asks by them is refused")
    .option("--json", "print JSON")
    .addOption(stageOption(defaultStage))
    .action(retag);
}

async function retag({ finish, json, stage }: RetagOptions): Promise<void> {
  const retagged = await withStage(stage, async (session) =>
    retagLedger(
      { finish: finish === true },
      {
        ledger: createLedgerTags({
          client: session.dynamo(),
          table: session.table("erasure-ledger"),
          clock: systemClock,
        }),
        keys: await session.keys(),
        clock: systemClock,
        report: ({ step, seen, changed }) => showProgress(`${step}: ${changed} of ${seen}`),
      },
    ),
  );
  endProgress();
  console.log(json ? JSON.stringify(retagged) : formatRetagged(retagged));
}

function formatRetagged(retagged: Retagged): string {
  const { keys, copied, removed, state } = retagged;
  const next = {
    unneeded: "the secret has no second key",
    "switch-lookups": `set "lookups": "k${keys}" in the secret and start the functions anew`,
    finish: "then: npx hilo keys retag --finish",
    done: "nothing is kept under an old key",
    wait: `run it again after ${"until" in retagged ? retagged.until : ""}`,
  };
  return `${state}: ${copied} copied, ${removed} removed; ${next[state]}`;
}
