import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { erasureReceiptSchema } from "../../functions/core/contracts/erasure-receipt.ts";
import { dayBefore } from "../../functions/core/domain/day.ts";
import { NOTHING_HELD } from "../../functions/core/domain/erasure.ts";
import { partitionPath } from "../../functions/core/domain/lake-keys.ts";
import { ERASERS, type Eraser, storesOf } from "../../functions/core/domain/personal-stores.ts";
import type { PersonState } from "../../functions/core/ports/erasure-requests.ts";
import { somebody } from "../support/pipeline.ts";
import { Ambush } from "./support/ambush.ts";
import { PLACES } from "./support/erasure-places.ts";
import { type Called, ErasureRun, invoke, type Operation, outputOf } from "./support/erasure-run.ts";
import { FaultStage } from "./support/fault-stage.ts";
import { type KnownPerson, knownPerson, NOTHING, PersonalData } from "./support/personal-data.ts";
import { awsRefusal } from "./support/wire.ts";

/** A day of which no other file of the project writes. */
const day = dayBefore(new Date(), 52);
/** One for each request; their rows lie beside each other's, and beside those of somebody who stays. */
const people = {
  before: knownPerson(),
  after: knownPerson(),
  unanswered: knownPerson(),
  refused: knownPerson(),
} satisfies Record<string, KnownPerson>;
const bystander = somebody("whatsapp");

let stage: FaultStage;
let data: PersonalData;
/** What is held of the bystander before anything is erased. */
let others: Awaited<ReturnType<PersonalData["heldOf"]>>;
beforeAll(async () => {
  stage = await FaultStage.open();
  data = new PersonalData(stage.pipeline, day);
  await data.plant(Object.values(people), bystander, async () => {
    const input = { day, object: 0, objects: 1, source: "index" };
    outputOf(await invoke(stage, "export-day", input));
  });
  others = await data.heldOf(bystander);
  const two = [{}, {}];
  expect(others).toMatchObject({ keys: 2, rows: two, inLake: two, records: [{}], documents: two });
});
afterEach(() => stage.links.heal());
afterAll(() => stage.close());

/** Calls as the state machine does: again after it failed. @returns the answer, and how many calls failed */
async function through(ambush: Ambush, functionName: string, operation: string, call: () => Promise<Called>) {
  for (let failures = 0; failures <= PLACES.length; failures++) {
    ambush.begin(functionName, operation);
    const called = await call();
    if (called.error === undefined) return { output: called.output, failures };
  }
  throw new Error(`no call of ${functionName} came through`);
}

/** Erases as an execution does, whatever is in the way. @returns the run, and how many calls failed */
async function erase(person: KnownPerson, ambush: Ambush): Promise<{ run: ErasureRun; failures: number }> {
  const run = await ErasureRun.approved(stage, person.id);
  let failures = 0;
  const single = async (name: string, call: () => Promise<Called>): Promise<Record<string, unknown>> => {
    const done = await through(ambush, name, "", call);
    failures += done.failures;
    return done.output;
  };
  const { drainSeconds } = await single("fence-people", () => run.call("fence-people"));
  await single("abort-uploads", () => run.call("abort-uploads"));
  await sleep(Number(drainSeconds) * 1000);
  for (const operation of ["count", "erase", "verify"] as const) {
    const erasers = ERASERS.map((one) =>
      through(ambush, `erase-${one}`, operation, () => run.step(one, operation)),
    );
    for (const done of await Promise.all(erasers)) failures += done.failures;
    if (operation === "count") expectCounted((await run.person()).before);
  }
  await run.pass();
  await single("finish-erasure", () => run.finish());
  return { run, failures };
}

/** Everything that was planted, once. */
function expectCounted(before: PersonState["before"]): void {
  expect(before).toMatchObject({
    cache: { items: 2 },
    conversations: { items: 2 },
    "conversation-contexts": { items: 4 },
    "message-ids": { items: 4 },
    "user-profiles": { items: 2 },
    "conversation-sessions": { items: 1 },
    identities: { items: 4 },
    quarantine: { items: 1 },
    search: { items: 2 },
    lake: { items: 2, rows: 4 },
    "training-logs": { items: 2, rows: 2 },
    media: { items: 1, objects: 1, versions: 2 },
  });
}

/** The receipt tells of everything that was planted, nothing of it is anywhere, and who stays is as before. */
async function expectErased(
  { id, alias, media }: KnownPerson,
  run: ErasureRun,
  label: string,
): Promise<void> {
  const { status, stores } = await run.read();
  expect([status, new Set(Object.values(stores).map((store) => store.status))], label).toEqual([
    "completed",
    new Set(["verified"]),
  ]);
  const { before, after, receipt = "" } = await run.person();
  expectCounted(before);
  const signed = erasureReceiptSchema.parse(JSON.parse(receipt)).stores;
  for (const store of storesOf()) {
    const told = signed[store];
    expect([told?.before, told?.after], `${label}: ${store}`).toEqual([before[store], NOTHING_HELD]);
    expect(after[store], store).toEqual(NOTHING_HELD);
    // A worker that was killed before it wrote down what it removed has not told of it.
    for (const field of ["items", "objects", "rows"] as const)
      expect(told?.removed[field], store).toBeLessThanOrEqual(before[store]?.[field] ?? 0);
  }
  for (const one of [id, alias]) expect(await data.heldOf(one), label).toEqual(NOTHING);
  expect(await data.heldOf(bystander), label).toEqual(others);
  expect(await data.versionsOf(media), label).toEqual([]);
  // What was replaced is gone, with every version.
  for (const folder of ["conversations", "logs"]) {
    const [current, ...old] = await data.versionsOf(`${folder}/${partitionPath(day)}/`);
    expect([current?.IsLatest, old], label).toEqual([true, []]);
  }
  const bytes = Buffer.from(await data.lake.read(data.lake.keyOf(day)));
  expect(
    [id, alias].filter((one) => bytes.includes(one)),
    label,
  ).toEqual([]);
}

describe("an erasure", () => {
  it.each(["before", "after"] as const)(
    "whose workers are killed (SIGKILL) %s each of its steps ends right, with the counts of before the first",
    async (moment) => {
      const person = people[moment];
      const upload = await data.beginUpload();
      const ambush = new Ambush(stage.links, PLACES, (name) => ({
        kind: "crash",
        moment,
        act: () => void stage.killWorkers(name),
      }));
      const { run, failures } = await erase(person, ambush);
      expect(ambush.open).toEqual([]);
      expect(failures).toBe(PLACES.length);
      await expectErased(person, run, moment);
      expect(await data.unfinishedUploads()).not.toContain(upload);
    },
  );

  it("to which the answers of each of its steps are lost ends right", async () => {
    const person = people.unanswered;
    const upload = await data.beginUpload();
    const ambush = new Ambush(stage.links, PLACES, () => ({ kind: "cut", bytes: 0 }));
    const { run } = await erase(person, ambush);
    expect(ambush.open).toEqual([]);
    await expectErased(person, run, "unanswered");
    expect(await data.unfinishedUploads()).not.toContain(upload);
  });
});

/** What an eraser says of a store that is away: which, and what to do. */
const SAYS: Readonly<Record<Eraser, RegExp>> = {
  cache: /cache.*Valkey: no answer .*check that it runs/,
  tables: /DynamoDB \w+ on hilo-local-.*(unreachable: check|look at the AWS health page)/,
  search: /search.*OpenSearch: no answer .*check that it runs/,
  objects: /lake.*S3 .*look at the AWS health page/,
};

/** Takes an eraser's store away: it refuses; when the stores are read again the cache says nothing at all. */
async function awayFor(eraser: Eraser, operation: Operation): Promise<void> {
  const links = (store: string) => stage.links.to(store, `erase-${eraser}`);
  const refuse = (commands: RegExp, response: string): void =>
    links("aws").rule((name) => (commands.test(name) ? { kind: "answer", response } : undefined));
  if (eraser === "cache" && operation === "verify") links("redis").treat({ kind: "swallow" });
  else if (eraser === "cache") await links("redis").refuse();
  if (eraser === "search") await links("opensearch").refuse();
  if (eraser === "objects")
    refuse(/^(GET|HEAD|PUT|POST|DELETE) /, "HTTP/1.1 503 Injected\r\ncontent-length: 0\r\n\r\n");
  if (eraser !== "tables") return;
  // What reads the tables reads the ledger in the same way: without it no step begins.
  if (operation === "erase") refuse(/^BatchExecuteStatement$/, awsRefusal("InternalServerError", 500));
  else await links("aws").refuse();
}

/** Stores with something in them, whose erasers can say so. */
const MET = ["cache", "conversation-contexts", "search", "lake", "media"] as const;

describe("an erasure whose stores are away", () => {
  it("fails step by step, says which and what to do, is never completed, and goes on when they are back", async () => {
    const person = people.refused;
    const run = await ErasureRun.approved(stage, person.id);
    await run.fence();
    outputOf(await run.call("abort-uploads"));
    for (const operation of ["count", "erase", "verify"] as const) {
      for (const one of ERASERS) await awayFor(one, operation);
      const failed = await Promise.all(ERASERS.map((one) => run.step(one, operation)));
      for (const [nth, one] of ERASERS.entries()) {
        const { error = "" } = failed[nth] ?? {};
        expect(error, operation).toMatch(SAYS[one]);
        expect(error, operation).toContain('"errorType": "TransientError"');
        for (const id of [person.id, person.alias, person.id.slice(-12)]) expect(error).not.toContain(id);
      }
      const { stores } = await run.read();
      for (const name of MET.filter((one) => one !== "conversation-contexts" || operation === "erase"))
        expect(stores[name], `${operation} ${name}`).toMatchObject({
          status: "failed",
          error: expect.stringMatching(/^TransientError: .*(Valkey|DynamoDB|OpenSearch|S3)/),
        });
      const errors = Object.fromEntries(ERASERS.map((one) => [one, "TransientError"]));
      expect((await run.finish(errors)).error).toMatch(/cache.*Valkey.*StoresFailedError/);
      expect(await run.read()).toMatchObject({ status: "failed" });
      expect((await run.person()).receipt).toBeUndefined();
      await stage.links.heal();
      await run.fence();
      await Promise.all(ERASERS.map(async (one) => outputOf(await run.step(one, operation))));
      if (operation === "count") expectCounted((await run.person()).before);
    }
    await run.pass();
    outputOf(await run.finish());
    await expectErased(person, run, "after the outage");
  });
});
