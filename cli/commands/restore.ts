import { type Command, InvalidArgumentError } from "commander";
import { RESTORED_KINDS, type RestoredKind } from "../../functions/adapters/dynamodb/restored-table.ts";
import { isNothing } from "../../functions/core/domain/erasure.ts";
import { CommandFailure } from "../failure.ts";
import { endProgress, showProgress } from "../progress-line.ts";
import { type Fenced, fenceBucket, fenceCache, fenceIndex, fenceTable } from "../restore/fence.ts";
import { stageOption } from "../stage-option.ts";
import { type StageSession, withStage } from "../stage-session.ts";

interface FenceOptions {
  readonly table?: string;
  readonly as?: RestoredKind;
  readonly index?: readonly string[];
  readonly cache?: boolean;
  readonly bucket?: string;
  readonly leastFences: number;
  readonly json?: boolean;
  readonly stage: string;
}

/** Adds `hilo restore fence`: what a backup brings back is made to forget whom the stage has forgotten. */
export function addRestoreCommand(program: Command, defaultStage: string): void {
  program
    .command("restore")
    .description("look after what is restored from backups")
    .command("fence")
    .description(
      "erase from something restored, before it serves, whoever was erased (exit code 1: not all of it is gone)",
    )
    .option("--table <name>", "a restored table, with --as")
    .option("--as <table>", `what it is a table of: ${RESTORED_KINDS.join(", ")}`, parseKind)
    .option("--index <names...>", "restored indexes of the search domain, names or patterns")
    .option("--cache", "the stage's cache, restored from a snapshot")
    .option("--bucket <name>", "a restored bucket")
    .requiredOption(
      "--least-fences <n>",
      "fences that the ledger must hold at least, as known from before; restore the ledger first",
      parseCount,
    )
    .option("--json", "print JSON")
    .addOption(stageOption(defaultStage))
    .action(fence);
}

async function fence(options: FenceOptions): Promise<void> {
  const { json, stage } = options;
  const work = chosen(options);
  const onProgress = (people: number, fenced: number): void =>
    showProgress(`${people} people looked at, ${fenced} of them erased before`);
  const report = await withStage(stage, (session) => work(session, onProgress));
  endProgress();
  const { people, fenced, removed, remaining, fences, unresolved = 0 } = report;
  const isClean = isNothing(remaining) && unresolved === 0;
  if (json) console.log(JSON.stringify({ ...report, clean: isClean }));
  else
    console.log(
      [
        `${people} people looked at against ${fences} fences, ${fenced} of them erased before`,
        `removed: ${removed.items} items, ${removed.rows} rows, ${removed.objects} objects, ${removed.versions} versions`,
        ...(isClean ? ["nothing of them is left: it may serve"] : []),
      ].join("\n"),
    );
  if (isClean) return;
  process.exitCode = 1;
  const left = remaining.items + remaining.rows + remaining.objects + remaining.versions;
  if (left > 0)
    console.error(
      `${left} items, rows, objects or versions are left: it may not serve; holds: npx hilo hold list`,
    );
  if (unresolved > 0)
    console.error(
      `${unresolved} people of training logs are in no restored message: remove the folder logs/, the next export writes it anew`,
    );
}

/** The one thing that is to be fenced. @throws CommandFailure where it is none or several */
function chosen(options: FenceOptions): (session: StageSession, onProgress: Progress) => Promise<Fenced> {
  const { table, as, index, cache, bucket, leastFences } = options;
  const given = [table, index, cache, bucket].filter((value) => value !== undefined && value !== false);
  if (given.length !== 1)
    throw new CommandFailure("Say what was restored: one of --table, --index, --cache, --bucket", 2);
  if (table !== undefined) {
    if (as === undefined) throw new CommandFailure("--table needs --as: what it is a table of", 2);
    return (session, onProgress) => fenceTable(session, { table, as, leastFences, onProgress });
  }
  if (index !== undefined)
    return (session, onProgress) => fenceIndex(session, { indexes: index, leastFences, onProgress });
  if (bucket !== undefined)
    return (session, onProgress) => fenceBucket(session, { bucket, leastFences, onProgress });
  return (session, onProgress) => fenceCache(session, { leastFences, onProgress });
}

type Progress = (people: number, fenced: number) => void;

function parseKind(text: string): RestoredKind {
  const kind = RESTORED_KINDS.find((known) => known === text);
  if (kind === undefined) throw new InvalidArgumentError(`It is one of ${RESTORED_KINDS.join(", ")}.`);
  return kind;
}

function parseCount(text: string): number {
  const count = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(count))
    throw new InvalidArgumentError("It takes a whole number.");
  return count;
}
