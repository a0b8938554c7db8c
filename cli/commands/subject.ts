import { once } from "node:events";
import { createWriteStream, existsSync, renameSync, rmSync } from "node:fs";
import { finished } from "node:stream/promises";
import type { Command } from "commander";
import { openZip } from "../../functions/adapters/zip/zip-archive.ts";
import { systemClock } from "../../functions/core/domain/clock.ts";
import { storesOf } from "../../functions/core/domain/personal-stores.ts";
import type { ByteSink } from "../../functions/core/ports/lake-row-files.ts";
import { exportSubject, type SubjectExportSummary } from "../../functions/core/use-cases/subject-export.ts";
import { CommandFailure } from "../failure.ts";
import { alignColumns } from "../metrics/table.ts";
import { endProgress, showProgress } from "../progress-line.ts";
import { stageOption } from "../stage-option.ts";
import { type StageSession, withStage } from "../stage-session.ts";
import { type IdDecisions, openExports, resolveSubjects } from "../subject/open-stores.ts";

interface ExportOptions extends IdDecisions {
  readonly out: string;
  readonly force?: boolean;
  readonly json?: boolean;
  readonly stage: string;
}

/** Adds `hilo subject export`, everything held about a person (GDPR 15 and 20). */
export function addSubjectCommand(program: Command, defaultStage: string): void {
  program
    .command("subject")
    .description("answer what a person may ask: everything that is held about them")
    .command("export")
    .description("write everything held about a person, under all their ids, into a zip file: JSON and media")
    .argument("<user>", "user id with its channel, such as whatsapp:+1234567890")
    .requiredOption("-o, --out <file>", "zip file to write: personal data, readable by you only")
    .option("--include <ids...>", "linked ids that were somebody else's, too, to count as this person's")
    .option("--exclude <ids...>", "such ids to leave out")
    .option("--force", "replace the file if it is there")
    .option("--json", "print what the file holds as JSON")
    .addOption(stageOption(defaultStage))
    .action(exportToFile);
}

async function exportToFile(user: string, options: ExportOptions): Promise<void> {
  const { out, force, json, stage } = options;
  if (existsSync(out) && !force) throw new CommandFailure(`${out} is there already: add --force`, 2);
  const part = `${out}.part`;
  try {
    const summary = await withStage(stage, (session) => writeExport(session, user, part, options));
    renameSync(part, out);
    endProgress();
    if (json) return console.log(JSON.stringify({ file: out, ...summary }));
    console.log(describe(out, summary));
  } finally {
    rmSync(part, { force: true });
  }
}

/** Writes everything held about a person to a file. @throws CommandFailure where ids are undecided */
async function writeExport(
  session: StageSession,
  user: string,
  file: string,
  decisions: IdDecisions,
): Promise<SubjectExportSummary> {
  const keys = await session.keys();
  const [people = []] = await resolveSubjects(session, [user], keys, decisions);
  const stream = createWriteStream(file, { mode: 0o600 });
  const done = finished(stream);
  // Told where it is awaited; a write that fails earlier says so itself.
  done.catch(() => undefined);
  const sink: ByteSink = async (chunk) => {
    if (!stream.write(chunk)) await Promise.race([once(stream, "drain"), done]);
  };
  let nth = 0;
  const summary = await exportSubject(people, sink, {
    stores: openExports(session, keys),
    openArchive: openZip,
    clock: systemClock,
    onStore: (store) => {
      nth += 1;
      showProgress(`${store}: ${nth} of ${storesOf().length} stores`);
    },
  }).finally(() => stream.end());
  await done;
  return summary;
}

function describe(file: string, { stores, files }: SubjectExportSummary): string {
  const held = Object.entries(stores).filter(([, records]) => records > 0);
  const rows = held.map(([store, records]) => [`  ${store}`, String(records)]);
  const total = held.reduce((sum, [, records]) => sum + records, 0);
  return [
    `${file}: ${total} records in ${files} files, from ${held.length} of ${Object.keys(stores).length} stores; open index.html in it`,
    ...alignColumns(rows, ["left", "right"]),
  ].join("\n");
}
