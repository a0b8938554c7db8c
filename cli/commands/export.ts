import { type Command, InvalidArgumentError } from "commander";
import type { ExportRequest } from "../../functions/core/contracts/conversation-export.ts";
import { dayBefore } from "../../functions/core/domain/day.ts";
import { parseDay } from "../day-option.ts";
import type { ExecutionProgress } from "../export/execution-events.ts";
import { formatExport, formatVerification } from "../export/format-export.ts";
import { exportQuery, type QueryExport } from "../export/query-result.ts";
import { runExport } from "../export/run-export.ts";
import { verifyLake } from "../export/verify-lake.ts";
import { CommandFailure } from "../failure.ts";
import { installSpark } from "../install-spark.ts";
import { endProgress, showProgress } from "../progress-line.ts";
import { stageOption } from "../stage-option.ts";
import { withStage } from "../stage-session.ts";

interface ExportOptions {
  readonly from?: string;
  readonly to?: string;
  readonly dirty?: boolean;
  readonly patterns?: boolean;
  readonly engine?: "glue";
  readonly verify?: readonly string[];
  readonly query?: string;
  readonly param?: Readonly<Record<string, string>>;
  readonly csv?: string;
  readonly parquet?: string;
  readonly json?: boolean;
  readonly stage: string;
}

/** Adds `hilo export`: days to the lake, a comparison of lake and table, a query's result to a file. */
export function addExportCommand(program: Command, defaultStage: string): void {
  program
    .command("export")
    .description(
      "export days to the lake and verify them (exit code 1: a day failed); with --verify compare table and lake (exit code 1: they differ); with --query write a query's result to a file",
    )
    .argument("[day]", "UTC day, such as 2026-11-20", parseDay)
    .option("--from <day>", "first day of a range", parseDay)
    .option("--to <day>", "last day of the range; yesterday unless given", parseDay)
    .option("--dirty", "every day that no longer says what the table says")
    .option("--patterns", "compute people's patterns afterwards (Glue)")
    .option("--engine <name>", "glue: read the rows with Spark from DynamoDB's own export", parseEngine)
    .option("--verify <from to...>", "compare these days of table and lake; change nothing", addDay)
    .option("--query <name>", "query of queries/ whose result is written to a file")
    .option("--param <name=value>", "a parameter of the query; may be repeated", addParameter)
    .option("--csv <file>", "write the result as CSV")
    .option("--parquet <file>", "write the result as Parquet")
    .option("--json", "print JSON")
    .addOption(stageOption(defaultStage))
    .action(async (day: string | undefined, options: ExportOptions) => {
      if (options.query !== undefined) await writeQuery(options);
      else if (options.verify?.length) await verify(options.verify, options);
      else await exportDays(requestOf(day, options), options);
    });
}

async function exportDays(request: ExportRequest, { json, stage }: ExportOptions): Promise<void> {
  const needsSpark = request.patterns === true || request.engine === "glue";
  if (needsSpark && stage === "local") await installSpark();
  const outcome = await withStage(stage, (session) => runExport(session, request, showSteps));
  endProgress();
  console.log(json ? JSON.stringify(outcome) : formatExport(outcome, today()));
  if (outcome.failed.length > 0 || outcome.failure !== undefined || outcome.errors.length > 0)
    process.exitCode = 1;
}

function showSteps({ days, parts, exported, finished }: ExecutionProgress): void {
  const last = finished.at(-1)?.day;
  showProgress(
    days === undefined
      ? "planning"
      : `${exported.length} of ${parts} objects exported, ${finished.length} of ${days.length} days read back${last ? ` (${last})` : ""}`,
  );
}

/** Which days: one, a range, or every dirty one. @throws CommandFailure (2) where that makes no sense */
function requestOf(day: string | undefined, options: ExportOptions): ExportRequest {
  const { from, to, dirty, patterns, engine, param, csv, parquet } = options;
  if (csv !== undefined || parquet !== undefined || param !== undefined)
    throw new CommandFailure("--csv, --parquet and --param are of --query NAME: nothing was exported", 2);
  const ways = [day !== undefined, from !== undefined, dirty === true].filter(Boolean).length;
  if (ways !== 1) throw new CommandFailure("Say what to export: a day, --from and --to, or --dirty", 2);
  if (to !== undefined && from === undefined) throw new CommandFailure("--to needs --from", 2);
  const extras = { ...(patterns && { patterns }), ...(engine && { engine }) };
  if (dirty) return { dirty, ...extras };
  const first = day ?? from ?? "";
  const last = day ?? to ?? dayBefore(new Date(), 1);
  checkRange(first, last);
  return { from: first, to: last, ...extras };
}

function checkRange(first: string, last: string): void {
  if (first > last) throw new CommandFailure(`The range ends on ${last}, before it begins on ${first}`, 2);
  if (last > today()) throw new CommandFailure(`${last} is in the future: today is ${today()} (UTC)`, 2);
}

async function verify(days: readonly string[], { json, stage }: ExportOptions): Promise<void> {
  const [from = "", to = from] = days;
  if (days.length > 2) throw new CommandFailure("--verify takes a first and a last day", 2);
  checkRange(from, to);
  await withStage(stage, async (session) => {
    for await (const verification of verifyLake(session, from, to)) {
      if (verification.differences.length > 0) process.exitCode = 1;
      console.log(json ? JSON.stringify(verification) : formatVerification(verification));
      showProgress(`${verification.day} of ${to} compared`);
    }
    endProgress();
  });
}

async function writeQuery(options: ExportOptions): Promise<void> {
  const { query: name = "", param: parameters = {}, csv, parquet, json, stage } = options;
  if ((csv === undefined) === (parquet === undefined))
    throw new CommandFailure("--query needs --csv FILE or --parquet FILE", 2);
  const target: Pick<QueryExport, "format" | "file"> =
    csv === undefined ? { format: "parquet", file: parquet ?? "" } : { format: "csv", file: csv };
  const written = await withStage(stage, (session) => exportQuery(session, { name, parameters, ...target }));
  console.log(json ? JSON.stringify(written) : `${written.rows} rows in ${written.file}`);
}

const today = (): string => dayBefore(new Date(), 0);

const addDay = (text: string, days: readonly string[] = []): readonly string[] => [...days, parseDay(text)];

function parseEngine(text: string): "glue" {
  if (text !== "glue") throw new InvalidArgumentError("It takes glue; without it a function reads the rows.");
  return text;
}

function addParameter(
  text: string,
  parameters: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const at = text.indexOf("=");
  if (at < 1) throw new InvalidArgumentError("It takes name=value, such as from=2026-11-01.");
  return { ...parameters, [text.slice(0, at)]: text.slice(at + 1) };
}
