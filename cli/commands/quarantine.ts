import type { Command } from "commander";
import { entryId } from "../../functions/core/contracts/quarantine-id.ts";
import {
  bodyOf,
  discardQuarantined,
  findQuarantined,
} from "../../functions/core/use-cases/quarantine-desk.ts";
import { parseDay } from "../day-option.ts";
import { CommandFailure } from "../failure.ts";
import { parseLimit } from "../limit.ts";
import { endProgress, showProgress } from "../progress-line.ts";
import { entryWithId, openDesk, openRetries, wantedDays } from "../quarantine/open-desk.ts";
import { type RetryReport, retryMatching, retryOne } from "../quarantine/retry-entries.ts";
import { stageOption } from "../stage-option.ts";
import { type StageSession, withStage } from "../stage-session.ts";

interface Selection {
  readonly day?: string;
  readonly user?: string;
  readonly code?: string;
  readonly all?: boolean;
  readonly json?: boolean;
  readonly stage: string;
}

/** Adds `hilo quarantine`: what could not be stored, and what to do with it. */
export function addQuarantineCommand(program: Command, defaultStage: string): void {
  const quarantine = program
    .command("quarantine")
    .description("look into what could not be stored, send it again or discard it");

  withSelection(quarantine.command("list"), defaultStage)
    .description("list entries, newest first: id, cause and field at fault")
    .option("-n, --limit <n>", "how many entries, 1 to 10000", parseLimit(10_000), 50)
    .action(listEntries);

  quarantine
    .command("show")
    .description("show one entry with its body, which is personal data")
    .argument("<id>", "id of the entry, as list shows it")
    .option("--json", "print the entry as JSON")
    .addOption(stageOption(defaultStage))
    .action(showEntry);

  withSelection(quarantine.command("retry"), defaultStage)
    .description("put entries back on the queue, the oldest first (exit code 1: some were not sent)")
    .argument("[id]", "id of one entry; else all that the options choose")
    .addHelpText(
      "after",
      "\nAn entry goes once its body is on the queue; one that fails again comes back with its count of retries.\nWhat came back three times is sent only by its id.",
    )
    .action(retryEntries);

  quarantine
    .command("discard")
    .description("remove one entry and its body for good")
    .argument("<id>", "id of the entry, as list shows it")
    .option("--yes", "say that nobody needs it any more")
    .addOption(stageOption(defaultStage))
    .action(discardEntry);
}

const withSelection = (command: Command, defaultStage: string): Command =>
  command
    .option("-d, --day <day>", "only what first came on this day (UTC); without it the last 7 days", parseDay)
    .option("-u, --user <id>", "only this person's entries")
    .option("-c, --code <code>", "only this cause, such as retries-exhausted or invalid-field")
    .option("--all", "all 90 days that entries are kept")
    .option("--json", "print JSON")
    .addOption(stageOption(defaultStage));

async function listEntries({
  limit,
  json,
  stage,
  ...selection
}: Selection & { readonly limit: number }): Promise<void> {
  const entries = await withStage(stage, (session) => readEntries(session, selection, limit));
  if (json) return console.log(JSON.stringify(entries));
  for (const entry of entries) console.log(formatEntry(entry));
  const more = entries.length === limit ? " or more: raise --limit" : "";
  console.log(`${entries.length} in quarantine${more}`);
}

/** What a list shows of an entry. */
interface ListedEntry {
  readonly id: string;
  readonly code: string;
  readonly field: string;
}

/** The newest entries that a selection chooses. */
export async function readEntries(
  session: StageSession,
  selection: Pick<Selection, "day" | "user" | "code" | "all">,
  limit: number,
): Promise<ListedEntry[]> {
  const found: ListedEntry[] = [];
  const days = wantedDays(selection);
  for await (const entry of findQuarantined(days, selection, openDesk(session).quarantine)) {
    found.push({ id: entryId(entry), code: entry.code, field: entry.field });
    if (found.length === limit) break;
  }
  return found;
}

/** One line: id, cause, field at fault. */
export const formatEntry = ({ id, code, field }: ListedEntry): string =>
  `${id}  ${code.padEnd(17)}  ${field}`;

async function showEntry(id: string, { json, stage }: { json?: boolean; stage: string }): Promise<void> {
  const { entry, body } = await withStage(stage, async (session) => {
    const desk = openDesk(session);
    const found = await entryWithId(id, desk);
    return { entry: found, body: await bodyOf(found, desk) };
  });
  const { user_id, first_received_at, code, field, detail, retries = 0 } = entry;
  if (json)
    return console.log(
      JSON.stringify({ id, user_id, first_received_at, code, field, detail, retries, body: body ?? null }),
    );
  const rows = Object.entries({
    person: user_id,
    came: first_received_at,
    cause: code,
    field,
    detail,
    retries,
  });
  for (const [name, value] of rows) console.log(`${name.padEnd(8)}${value}`);
  console.log(`\n${body ?? "The body lay in the bucket and is gone."}`);
}

async function retryEntries(id: string | undefined, { json, stage, ...selection }: Selection): Promise<void> {
  const { day, user, code, all } = selection;
  if (id === undefined && !all && day === undefined && user === undefined && code === undefined) {
    throw new CommandFailure("Say which entries: an id, --day, --user, --code or --all", 2);
  }
  const report = await withStage(stage, async (session): Promise<RetryReport> => {
    const deps = await openRetries(session);
    if (id !== undefined) return retryOne(await entryWithId(id, deps), deps);
    return retryMatching(wantedDays(selection), selection, deps, (done, of) =>
      showProgress(`${done} of ${of}`),
    );
  });
  endProgress();
  if (json) console.log(JSON.stringify(report));
  else {
    console.log(`${report.sent} sent again${report.left.length > 0 ? `, ${report.left.length} not:` : ""}`);
    for (const { id: left, why } of report.left) console.log(`${left}  ${WHY[why]}`);
  }
  if (report.left.length > 0) process.exitCode = 1;
}

const WHY: Readonly<Record<RetryReport["left"][number]["why"], string>> = {
  "too-large": "over what the queue takes: discard it, or send a shorter one",
  "body-gone": "its body is gone from the bucket: discard it",
  "retried-too-often": "came back three times: look at it, then retry it by its id",
};

async function discardEntry(id: string, { yes, stage }: { yes?: boolean; stage: string }): Promise<void> {
  await withStage(stage, async (session) => {
    const desk = openDesk(session);
    const entry = await entryWithId(id, desk);
    if (!yes) throw new CommandFailure(`${id} would be gone for good. Say so with --yes`, 2);
    await discardQuarantined(entry, desk);
  });
  console.log(`${id} is discarded`);
}
