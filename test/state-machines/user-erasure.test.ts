import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openEngines, type TestEngines } from "../support/stage.ts";
import { everyState, readMachine } from "./machine-file.ts";
import { deployScriptedMachine, type Script, type ScriptedMachine } from "./scripted-machine.ts";

const ID = "er-20261121T120000-0123456789ab";
const ERASERS = ["cache", "tables", "search", "objects"] as const;
type Eraser = (typeof ERASERS)[number];
const stateOf = (eraser: Eraser): string => `Erase${eraser[0]?.toUpperCase()}${eraser.slice(1)}`;

/** A step's input, as the machine writes it. */
const step = (eraser: Eraser, operation: string, from = 1, attempt = 0) =>
  JSON.stringify({
    request_id: ID,
    eraser,
    operation,
    from,
    ...(operation === "plan" || operation === "count" ? {} : { attempt }),
  });
const answer = (done = true, next = 1, remaining = 0) => ({
  request_id: ID,
  done,
  next,
  remaining,
  attempt: 0,
});
const fenced = (drainSeconds = 0) => ({
  "*": [{ request_id: ID, drainSeconds, people: 2, held: 0, secret: "dropped" }],
});

const { impatient, functions, machine: definition } = readMachine("user-erasure");
const planning = readMachine("erasure-plan");

let engines: TestEngines;
let machine: ScriptedMachine;
beforeAll(async () => {
  engines = await openEngines();
  machine = await deployScriptedMachine(engines, impatient, functions);
});
afterAll(async () => {
  await machine.delete();
  await engines.close();
});

const run = (script: Script, input: object = { request_id: ID }) =>
  machine.run(input, {
    FencePeople: fenced(),
    ...Object.fromEntries(ERASERS.map((eraser) => [stateOf(eraser), { "*": [answer()] }])),
    ...script,
  });
type Run = Awaited<ReturnType<typeof run>>;

/** Operations that an eraser was asked for, in order. */
const operationsOf = ({ inputsOf }: Run, eraser: Eraser): string[] =>
  inputsOf(stateOf(eraser)).map((input) => (input as { operation: string }).operation);
/** What `finish-erasure` heard of each pass. */
const branchesOf = ({ inputsOf }: Run): unknown[] =>
  inputsOf("FinishErasure").map((input) => (input as { branches: unknown }).branches);
const whole = ERASERS.map((eraser) => ({ eraser }));

describe("an erasure without trouble", () => {
  it("fences, aborts, counts, erases and verifies in two passes, and finishes with what came of each", async () => {
    const outcome = await run({});
    expect(outcome.status).toBe("SUCCEEDED");
    expect(outcome.inputsOf("FencePeople")).toEqual([{ request_id: ID, recheck: false }]);
    expect(outcome.inputsOf("AbortUploads")).toEqual([{ request_id: ID }]);
    for (const eraser of ERASERS)
      expect(operationsOf(outcome, eraser)).toEqual(["count", "erase", "verify", "count", "erase", "verify"]);
    expect(branchesOf(outcome)).toEqual([[...whole, ...whole]]);
    expect(outcome.calls.slice(0, 2).map(({ state }) => state)).toEqual(["FencePeople", "AbortUploads"]);
    expect(outcome.calls.at(-1)?.state).toBe("FinishErasure");
    expect(JSON.stringify(outcome.output)).not.toContain("dropped");
  });

  it("waits until writers from before the fence are gone", async () => {
    const begin = Date.now();
    const { status } = await run({ FencePeople: fenced(2) });
    expect(status).toBe("SUCCEEDED");
    expect(Date.now() - begin).toBeGreaterThanOrEqual(2_000);
  });

  it("looks again in one pass, and tells fence and finish that it does", async () => {
    const outcome = await run({}, { request_id: ID, recheck: true });
    expect(outcome.status).toBe("SUCCEEDED");
    expect(outcome.inputsOf("FencePeople")).toEqual([{ request_id: ID, recheck: true }]);
    for (const eraser of ERASERS) expect(operationsOf(outcome, eraser)).toEqual(["count", "erase", "verify"]);
    expect(outcome.inputsOf("FinishErasure")).toEqual([{ request_id: ID, recheck: true, branches: whole }]);
  });
});

describe("many people", () => {
  it("are counted, erased and verified in calls that go on where the last one stopped", async () => {
    const goesOn = (operation: string) => ({
      [step("tables", operation)]: [answer(false, 26)],
      [step("tables", operation, 26)]: [answer(false, 51), answer(true, 51)],
      [step("tables", operation, 51)]: [answer(true, 76)],
    });
    const outcome = await run(
      { EraseTables: { ...goesOn("count"), ...goesOn("erase"), ...goesOn("verify") } },
      { request_id: ID, recheck: true },
    );
    expect(outcome.status).toBe("SUCCEEDED");
    const asked = outcome.inputsOf("EraseTables").map((input) => {
      const { operation, from } = input as { operation: string; from: number };
      return `${operation} ${from}`;
    });
    expect(asked).toEqual(
      ["count", "erase", "verify"].flatMap((operation) => [1, 26, 51].map((from) => `${operation} ${from}`)),
    );
    expect(branchesOf(outcome)).toEqual([whole]);
  });
});

describe("residue", () => {
  it("of any call of a verification is erased again, from the first person on", async () => {
    const outcome = await run(
      {
        EraseSearch: {
          [step("search", "verify")]: [answer(false, 26, 3)],
          [step("search", "verify", 26)]: [answer(true, 51, 0)],
          "*": [answer()],
        },
      },
      { request_id: ID, recheck: true },
    );
    expect(outcome.status).toBe("SUCCEEDED");
    const asked = outcome.inputsOf("EraseSearch").map((input) => {
      const { operation, from, attempt } = input as { operation: string; from: number; attempt?: number };
      return [operation, from, attempt];
    });
    expect(asked).toEqual([
      ["count", 1, undefined],
      ["erase", 1, 0],
      ["verify", 1, 0],
      ["verify", 26, 0],
      ["erase", 1, 1],
      ["verify", 1, 1],
    ]);
    expect(branchesOf(outcome)).toEqual([whole]);
  });

  it("that stays after five tries is an error of its store, and the others finish", async () => {
    const never = Object.fromEntries(
      [0, 1, 2, 3, 4].map((attempt) => [step("objects", "verify", 1, attempt), [answer(true, 2, 1)]]),
    );
    const outcome = await run(
      { EraseObjects: { ...never, "*": [answer()] }, FinishErasure: { "*": ["StoresFailedError"] } },
      { request_id: ID, recheck: true },
    );
    expect([outcome.status, outcome.error]).toEqual(["FAILED", "StoresFailedError"]);
    expect(operationsOf(outcome, "objects").filter((operation) => operation === "erase")).toHaveLength(5);
    expect(branchesOf(outcome)).toEqual([
      whole.map(({ eraser }) => (eraser === "objects" ? { eraser, error: "ResidueError" } : { eraser })),
    ]);
  });
});

describe("a store that fails", () => {
  it.each(["count", "erase", "verify"])("when it is to %s keeps no other from its end", async (operation) => {
    const outcome = await run({
      EraseCache: { [step("cache", operation)]: ["PermanentError"], "*": [answer()] },
      FinishErasure: { "*": ["StoresFailedError"] },
    });
    expect([outcome.status, outcome.error]).toEqual(["FAILED", "StoresFailedError"]);
    for (const eraser of ERASERS.filter((one) => one !== "cache"))
      expect(operationsOf(outcome, eraser)).toHaveLength(6);
    const pass = [{ eraser: "cache", error: "PermanentError" }, ...whole.slice(1)];
    expect(branchesOf(outcome)).toEqual([[...pass, ...pass]]);
  });

  it("in the first pass may succeed in the last", async () => {
    const outcome = await run({
      EraseCache: { [step("cache", "count")]: ["PermanentError", answer()], "*": [answer()] },
    });
    expect(outcome.status).toBe("SUCCEEDED");
    expect(branchesOf(outcome)).toEqual([
      [{ eraser: "cache", error: "PermanentError" }, ...whole.slice(1), ...whole],
    ]);
  });

  it.each(["FencePeople", "AbortUploads"])("before, in %s, erases nothing", async (state) => {
    const outcome = await run({ [state]: { "*": ["PermanentError"] } });
    expect([outcome.status, outcome.error]).toEqual(["FAILED", "PermanentError"]);
    for (const eraser of ERASERS) expect(operationsOf(outcome, eraser)).toEqual([]);
    expect(outcome.inputsOf("FinishErasure")).toEqual([]);
  });
});

describe("retries", () => {
  const names = [
    ...new Set(
      everyState(definition).flatMap(([, { Retry = [] }]) => Retry.flatMap((one) => one.ErrorEquals)),
    ),
  ];

  it("follow every named error, a few times, in every state", async () => {
    const thrown = names.slice(0, 3);
    const patient = { "*": [...thrown, answer()] };
    const outcome = await run(
      {
        FencePeople: { "*": [...thrown, ...fenced()["*"]] },
        AbortUploads: { "*": [...thrown, {}] },
        ...Object.fromEntries(ERASERS.map((eraser) => [stateOf(eraser), patient])),
        FinishErasure: { "*": [...thrown, {}] },
      },
      { request_id: ID, recheck: true },
    );
    expect(outcome.status).toBe("SUCCEEDED");
    for (const state of ["FencePeople", "AbortUploads", "FinishErasure"])
      expect(outcome.inputsOf(state)).toHaveLength(4);
    for (const eraser of ERASERS) expect(outcome.inputsOf(stateOf(eraser))).toHaveLength(12);
  });

  it("end", async () => {
    const { status, error, inputsOf } = await run({ FencePeople: { "*": ["TransientError"] } });
    expect([status, error]).toEqual(["FAILED", "TransientError"]);
    expect(inputsOf("FencePeople")).toHaveLength(5);
  });
});

describe("a plan", () => {
  let plan: ScriptedMachine;
  beforeAll(async () => {
    plan = await deployScriptedMachine(engines, planning.impatient, planning.functions);
  });
  afterAll(() => plan.delete());
  const erasers = Object.fromEntries(ERASERS.map((eraser) => [stateOf(eraser), { "*": [answer()] }]));

  it("resolves people, has every store counted, in calls that go on, and is finished", async () => {
    const { status, output, inputsOf } = await plan.run(
      { request_id: ID },
      {
        ...erasers,
        EraseObjects: {
          [step("objects", "plan")]: [answer(false, 8)],
          [step("objects", "plan", 8)]: [answer(true, 9)],
        },
      },
    );
    expect([status, output]).toEqual(["SUCCEEDED", { request_id: ID }]);
    for (const eraser of ["cache", "tables", "search"] as const)
      expect(inputsOf(stateOf(eraser))).toEqual([JSON.parse(step(eraser, "plan"))]);
    expect(inputsOf("EraseObjects")).toEqual([
      JSON.parse(step("objects", "plan")),
      JSON.parse(step("objects", "plan", 8)),
    ]);
    expect(inputsOf("FinishPlan")).toEqual([{ request_id: ID }]);
  });

  it("that lacks a store is none, and says why", async () => {
    const { status, error, inputsOf } = await plan.run(
      { request_id: ID },
      { ...erasers, EraseSearch: { "*": ["PermanentError"] } },
    );
    expect([status, error]).toEqual(["FAILED", "PermanentError"]);
    expect(inputsOf("FinishPlan")).toEqual([]);
  });
});
