import type { Command } from "commander";
import { createLakeAudit } from "../../functions/adapters/athena/lake-audit.ts";
import { createErasureLedger } from "../../functions/adapters/dynamodb/erasure-ledger.ts";
import { createLakePeople } from "../../functions/adapters/dynamodb/lake-people.ts";
import { createLakeVersions } from "../../functions/adapters/s3/lake-versions.ts";
import { createStagedFiles } from "../../functions/adapters/s3/staged-files.ts";
import { systemClock } from "../../functions/core/domain/clock.ts";
import { queryNamed } from "../../functions/core/use-cases/ask-query.ts";
import { auditLake, type LakeAuditReport } from "../../functions/core/use-cases/lake-audit.ts";
import { withLake } from "../metrics/lake.ts";
import { alignColumns } from "../metrics/table.ts";
import { endProgress, showProgress } from "../progress-line.ts";
import { stageOption } from "../stage-option.ts";
import { type StageSession, withStage } from "../stage-session.ts";
import { type IdDecisions, resolveSubjects } from "../subject/open-stores.ts";
import { wantedIds } from "./read-ids.ts";

interface AuditOptions extends IdDecisions {
  readonly file?: string;
  readonly enter?: boolean;
  readonly json?: boolean;
  readonly stage: string;
}

/** Adds `hilo erase audit`, which looks for people in the whole lake. */
export function addAuditCommand(erase: Command, defaultStage: string): void {
  erase
    .command("audit")
    .description(
      "look through every row of the lake for people, whatever the index says (exit code 1: it missed something, or an erased past is there)",
    )
    .argument("[users...]", "user ids with their channel, such as whatsapp:+1234567890")
    .option("-f, --file <file>", "file of user ids, one a line; - for standard input")
    .option("--include <ids...>", "linked ids that were somebody else's, too, to look for")
    .option("--exclude <ids...>", "such ids to leave out")
    .option("--enter", "enter what the index missed, so that the next erasure finds it")
    .option("--json", "print JSON")
    .addOption(stageOption(defaultStage))
    .action(audit);
}

async function audit(users: readonly string[], options: AuditOptions): Promise<void> {
  const { file, json, stage } = options;
  const ids = await wantedIds(users, file);
  const report = await withStage(stage, (session) => auditPeople(session, ids, options));
  endProgress();
  console.log(json ? JSON.stringify(report) : describe(report));
  if (report.found.some(({ indexed, erased }) => !indexed || erased) || report.unread.length > 0)
    process.exitCode = 1;
}

async function auditPeople(
  session: StageSession,
  users: readonly string[],
  options: AuditOptions,
): Promise<LakeAuditReport> {
  const keys = await session.keys();
  const people = await resolveSubjects(session, users, keys, options);
  const client = session.dynamo();
  const bucket = { client: session.s3(), bucket: session.outputs.bucket };
  const index = createLakePeople({ client, table: session.table("user-objects"), clock: systemClock });
  showProgress("Athena reads the lake");
  const report = await withLake(session, ({ runner, queries }) =>
    auditLake(
      people.map((ids) => ids.map(({ user_id: id }) => id)),
      {
        audit: createLakeAudit({
          ...bucket,
          runner,
          query: queryNamed("erasure-audit", queries),
          files: createStagedFiles(bucket),
          versions: createLakeVersions(bucket),
        }),
        people: index,
        ledger: createErasureLedger({ client, table: session.table("erasure-ledger") }),
        keys,
      },
    ),
  );
  if (!options.enter) return report;
  for (const { person, id, object, generation, indexed } of report.found) {
    const user_id = people[person]?.[id]?.user_id;
    if (!indexed && user_id !== undefined) await index.add(object, [{ user_id, generation }]);
  }
  return report;
}

function describe({ found, objects, unread, bytesScanned }: LakeAuditReport): string {
  const rows = found.map(({ person, object, generation, rows: count, indexed, erased }) => [
    `person ${person + 1}`,
    object,
    `generation ${generation}`,
    `${count} rows`,
    [indexed ? "" : "the index missed it", erased ? "erased, and still there" : ""]
      .filter(Boolean)
      .join("; "),
  ]);
  const missed = found.filter(({ indexed }) => !indexed).length;
  return [
    ...alignColumns(rows, ["left", "left", "left", "right", "left"]),
    ...unread.map((key) => `${key} was not read: it lies where no partition is`),
    `${found.length} found in ${objects} objects, ${missed} of them missed by the index; ${(bytesScanned / 1e6).toFixed(1)} MB read`,
  ].join("\n");
}
