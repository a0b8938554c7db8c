import type { Command } from "commander";
import type { ErasureRequest, ErasureRequests } from "../../functions/core/ports/erasure-requests.ts";
import { UNDER_WAY } from "../../functions/core/use-cases/erasure/open-request.ts";
import { addAuditCommand } from "../erase/audit.ts";
import {
  formatPlan,
  formatRequest,
  formatRequestLine,
  formatUndecided,
  progressOf,
} from "../erase/format-erasure.ts";
import { currentActor, openRequests, requestWithId } from "../erase/open-requests.ts";
import { wantedIds } from "../erase/read-ids.ts";
import { writeReceipts } from "../erase/receipt-files.ts";
import { runErasure } from "../erase/run-erasure.ts";
import { publicKeyOf, verifyReceiptFile } from "../erase/verify-receipt.ts";
import { CommandFailure } from "../failure.ts";
import { invokeFunction } from "../invoke-function.ts";
import { endProgress, showProgress } from "../progress-line.ts";
import { stageOption } from "../stage-option.ts";
import { type StageSession, withStage } from "../stage-session.ts";

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

/** States from which an execution goes on where the last one stopped. */
const RESUMABLE: readonly ErasureRequest["status"][] = ["approved", ...UNDER_WAY];

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
    .action(planErasure);

  add("start", "run an approved erasure, or go on with one that stopped (exit code 1: not completed)")
    .argument("<id>", "id of the request, as plan shows it")
    .option("--approve", "approve the plan as it is now")
    .option("--receipts <folder>", "write the signed receipts there, one file a person")
    .action(startErasure);

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

async function planErasure(users: readonly string[], options: PlanOptions): Promise<void> {
  const { file, include = [], exclude = [], json, stage } = options;
  const userIds = await wantedIds(users, file);
  const request = await withStage(stage, (session) =>
    plan(session, { userIds, include, exclude }, showState),
  );
  endProgress();
  console.log(json ? JSON.stringify(planJson(request)) : formatPlan(request));
}

/** Opens a request and has its stores counted. @throws CommandFailure where that fails */
export async function plan(
  session: StageSession,
  wanted: { userIds: readonly string[]; include: readonly string[]; exclude: readonly string[] },
  watch: (request: ErasureRequest) => void,
): Promise<ErasureRequest> {
  const requests = openRequests(session);
  const { userIds: user_ids, include, exclude } = wanted;
  const { request_id: requestId } = await invokeFunction<{ readonly request_id: string }>(
    session,
    "request-erasure",
    { user_ids, include, exclude, actor: await currentActor(session) },
  );
  const run = { requests, requestId, name: `${requestId}-plan` };
  const { request, succeeded, failure } = await runErasure(session, "erasure-plan", run, watch);
  if (!succeeded) throw new CommandFailure(`${requestId} could not be planned: ${failure}`);
  return request;
}

const planJson = ({ request_id, people, expires_at, plan_hash, plan: planned }: ErasureRequest) => ({
  id: request_id,
  people,
  ...planned,
  plan_hash,
  expires_at,
});

async function startErasure(id: string, { approve, receipts, json, stage }: StartOptions): Promise<void> {
  const outcome = await withStage(stage, (session) => start(session, id, approve === true, showState));
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

/** Done; a request that expired without an approval is closed, too, and nothing of it was erased. */
export const isErased = ({
  status,
  completed_at,
}: Pick<ErasureRequest, "status" | "completed_at">): boolean =>
  status === "completed" || (status === "closed" && completed_at !== undefined);

/** Approves where asked, runs the request and waits for its end. */
export async function start(
  session: StageSession,
  id: string,
  approve: boolean,
  watch: (request: ErasureRequest) => void,
): Promise<{ request: ErasureRequest; receipts: string[]; text: string; failure: string }> {
  const requests = openRequests(session);
  const before = await requestWithId(id, requests);
  if (before.status === "planned") await approvePlan(session, before, approve);
  else if (isErased(before)) return { ...(await describe(before, requests)), failure: "" };
  else if (!RESUMABLE.includes(before.status))
    throw new CommandFailure(`${id} is ${before.status}: plan it again with npx hilo erase plan`);
  const run = { requests, requestId: id, name: `${id}-${Date.now().toString(36)}` };
  const { request, failure } = await runErasure(session, "user-erasure", run, watch);
  return { ...(await describe(request, requests)), failure };
}

async function approvePlan(session: StageSession, request: ErasureRequest, approve: boolean): Promise<void> {
  const { request_id, plan_hash } = request;
  if (!approve)
    throw new CommandFailure(`${request_id} waits for approval: look at its plan, then add --approve`, 2);
  await invokeFunction(session, "approve-erasure", {
    request_id,
    plan_hash,
    actor: await currentActor(session),
  });
}

async function describe(request: ErasureRequest, requests: ErasureRequests) {
  const people = await requests.people(request.request_id);
  const receipts = people.flatMap(({ receipt }) => receipt ?? []);
  return { request, receipts, text: formatRequest(request, people) };
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
    return describe(await requestWithId(id, requests), requests);
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
