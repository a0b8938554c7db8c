import type { Command } from "commander";
import type { ErasureRequest } from "../../functions/core/ports/erasure-requests.ts";
import { addAuditCommand } from "../erase/audit.ts";
import { formatPlan, formatRequestLine, formatUndecided, progressOf } from "../erase/format-erasure.ts";
import { openRequests, requestWithId } from "../erase/open-requests.ts";
import { planErasure } from "../erase/plan-erasure.ts";
import { wantedIds } from "../erase/read-ids.ts";
import { writeReceipts } from "../erase/receipt-files.ts";
import { describeErasure, isErased, startErasure } from "../erase/start-erasure.ts";
import { publicKeyOf, verifyReceiptFile } from "../erase/verify-receipt.ts";
import { endProgress, showProgress } from "../progress-line.ts";
import { stageOption } from "../stage-option.ts";
import { withStage } from "../stage-session.ts";

interface Options {
  readonly json?: boolean;
  readonly stage: string;
}

interface PlanOptions extends Options {
  readonly file?: string;
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
}

interface StartOptions extends Options {
  readonly approve?: boolean;
  readonly receipts?: string;
}

/** Adds `hilo erase`: plan, approve, run and prove the erasure of people. */
export function addEraseCommand(program: Command, defaultStage: string): void {
  const erase = program.command("erase").description("erase people from every store, and prove it");
  const add = (name: string, description: string): Command =>
    erase
      .command(name)
      .description(description)
      .option("--json", "print JSON")
      .addOption(stageOption(defaultStage));

  add("plan", "count what an erasure would remove; changes nothing")
    .argument("[users...]", "user ids with their channel, such as whatsapp:+1234567890")
    .option("-f, --file <file>", "file of user ids, one a line; - for standard input")
    .option("--include <ids...>", "ids that were somebody else's, too, to erase with these people")
    .option("--exclude <ids...>", "such ids to leave alone")
    .action(runPlan);

  add("start", "run an approved erasure, or go on with one that stopped (exit code 1: not completed)")
    .argument("<id>", "id of the request, as plan shows it")
    .option("--approve", "approve the plan as it is now")
    .option("--receipts <folder>", "write the signed receipts there, one file a person")
    .action(runStart);

  add("list", "list requests that are not closed").action(listErasures);
  add("status", "show how a request is doing, store by store")
    .argument("<id>", "id of the request")
    .action(showErasure);

  add(
    "undecided",
    "name the ids of a plan that were somebody else's, too (raw ids: not for the planner's role)",
  )
    .argument("<id>", "id of the request")
    .action(showUndecided);

  addAuditCommand(erase, defaultStage);
  erase
    .command("key")
    .description("print the public key that receipts are checked with (PEM)")
    .addOption(stageOption(defaultStage))
    .action(printKey);
  erase
    .command("verify")
    .description("check a receipt's signature (exit code 1: it is not what was signed)")
    .argument("<receipt>", "file with the receipt")
    .option("--key <file>", "public key (PEM); offline. Without it the stage is asked for its key")
    .option("--json", "print the receipt's claims as JSON")
    .addOption(stageOption(defaultStage))
    .action(verifyReceiptFile);
}

async function printKey({ stage }: Options): Promise<void> {
  process.stdout.write(await withStage(stage, publicKeyOf));
}

async function runPlan(users: readonly string[], options: PlanOptions): Promise<void> {
  const { file, include = [], exclude = [], json, stage } = options;
  const userIds = await wantedIds(users, file);
  const request = await withStage(stage, (session) =>
    planErasure(session, { userIds, include, exclude }, showState),
  );
  endProgress();
  console.log(json ? JSON.stringify(planJson(request)) : formatPlan(request));
}

const planJson = ({ request_id, people, expires_at, plan_hash, plan: planned }: ErasureRequest) => ({
  id: request_id,
  people,
  ...planned,
  plan_hash,
  expires_at,
});

async function runStart(id: string, { approve, receipts, json, stage }: StartOptions): Promise<void> {
  const outcome = await withStage(stage, (session) => startErasure(session, id, approve === true, showState));
  endProgress();
  const { request, receipts: signed, failure } = outcome;
  if (receipts !== undefined) writeReceipts(receipts, id, signed);
  if (json) console.log(JSON.stringify(requestJson(request, signed)));
  else console.log(outcome.text);
  if (isErased(request)) return;
  process.exitCode = 1;
  if (failure !== "")
    console.error(`${failure}\nmend the cause, then go on with: npx hilo erase start ${id}`);
  else if (request.held > 0) console.error("a legal hold keeps data: npx hilo hold list");
}

const requestJson = (request: ErasureRequest, signed: readonly string[]) => {
  const receipts = signed.map((receipt): unknown => JSON.parse(receipt));
  const { request_id: id, ...rest } = request;
  return { id, ...rest, ...(receipts.length === 1 && { receipt: receipts[0] }), receipts };
};

async function listErasures({ json, stage }: Options): Promise<void> {
  const open = await withStage(stage, (session) => openRequests(session).open());
  if (json) return console.log(JSON.stringify(open));
  for (const request of open) console.log(formatRequestLine(request));
  console.log(`${open.length} open`);
}

async function showErasure(id: string, { json, stage }: Options): Promise<void> {
  const { request, receipts, text } = await withStage(stage, async (session) => {
    const requests = openRequests(session);
    return describeErasure(await requestWithId(id, requests), requests);
  });
  if (json) return console.log(JSON.stringify(requestJson(request, receipts)));
  console.log(request.status === "planned" ? formatPlan(request) : text);
}

async function showUndecided(id: string, { json, stage }: Options): Promise<void> {
  const subjects = await withStage(stage, async (session) => {
    const requests = openRequests(session);
    await requestWithId(id, requests);
    return requests.subjects(id);
  });
  const open = subjects.filter(({ undecided = [] }) => undecided.length > 0);
  if (json) console.log(JSON.stringify(open.map(({ person, undecided }) => ({ person, undecided }))));
  else console.log(formatUndecided(open));
}

const showState = (request: ErasureRequest): void => showProgress(progressOf(request));
