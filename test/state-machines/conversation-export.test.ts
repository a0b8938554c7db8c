import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openEngines, type TestEngines } from "../support/stage.ts";
import { everyState, readMachine } from "./machine-file.ts";
import { deployScriptedMachine, type Script, type ScriptedMachine } from "./scripted-machine.ts";

const { machine: definition, functions, impatient } = readMachine("conversation-export");

const [MONDAY, TUESDAY] = ["2026-11-16", "2026-11-17"];
const planned = (day: string, objects = 1, engine = "function") => ({
  day,
  objects,
  parts: [...Array(objects).keys()],
  engine,
});
const plan = (days: readonly unknown[], patterns = false) => ({
  "*": [{ days, patterns, unexportedDays: 0 }],
});
const report = (day: string) => ({
  day,
  state: "clean",
  reasons: [],
  objects: 1,
  rows: 7,
  people: 2,
  bytes: 9,
});
const finished = Object.fromEntries([MONDAY, TUESDAY].map((day) => [JSON.stringify({ day }), [report(day)]]));
const part = (day: string, object: number, objects: number, source = "index") => ({
  day,
  object,
  objects,
  source,
});
const job = (name: string, day: string) => ({ job: name, arguments: { "--date": day } });
const poll = (name: string) => ({ job: name, runId: "r-1" });
const on = (input: unknown, ...answers: readonly unknown[]) => ({ [JSON.stringify(input)]: answers });

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

const run = (script: Script, input: unknown = { from: MONDAY, to: TUESDAY }) =>
  machine.run(input, { FinishDay: finished, ...script });

describe("days without trouble", () => {
  it("are planned from the whole input, exported part by part, finished, measured and reported", async () => {
    const { status, output, calls, inputsOf } = await run({
      PlanExport: plan([planned(MONDAY, 2), planned(TUESDAY)]),
    });
    expect(status).toBe("SUCCEEDED");
    expect(output).toEqual({ days: [report(MONDAY), report(TUESDAY)], failed: [] });
    expect(inputsOf("PlanExport")).toEqual([{ from: MONDAY, to: TUESDAY }]);
    expect(inputsOf("ExportDay")).toHaveLength(3);
    expect(inputsOf("ExportDay")).toEqual(
      expect.arrayContaining([part(MONDAY, 0, 2), part(MONDAY, 1, 2), part(TUESDAY, 0, 1)]),
    );
    for (const day of [MONDAY, TUESDAY]) {
      const ofDay = calls.filter(({ input }) => (input as { day?: string }).day === day);
      const states = ofDay.map(({ state }) => state);
      expect(states.slice(-2)).toEqual(["WriteDailyMetrics", "FinishDay"]);
    }
    expect(inputsOf("RunGlueJob")).toEqual([]);
  });

  it("may be none", async () => {
    const { status, output, calls } = await run({ PlanExport: plan([]) }, { dirty: true });
    expect([status, output, calls.length]).toEqual(["SUCCEEDED", { days: [], failed: [] }, 1]);
  });

  it("that stay dirty are no failure", async () => {
    const dirty = { ...report(MONDAY), state: "dirty", reasons: ["the day is not over"] };
    const { status, output } = await run({
      PlanExport: plan([planned(MONDAY)]),
      FinishDay: { "*": [dirty] },
    });
    expect([status, output]).toEqual(["SUCCEEDED", { days: [dirty], failed: [] }]);
  });
});

describe("a day that fails", () => {
  it.each([
    ["ExportDay", part(MONDAY, 0, 1)],
    ["FinishDay", { day: MONDAY }],
    ["WriteDailyMetrics", { day: MONDAY }],
  ])("in %s keeps no other from its end; the run fails and names it", async (state, input) => {
    const { status, error, cause, inputsOf } = await run({
      PlanExport: plan([planned(MONDAY), planned(TUESDAY)]),
      [state]: { ...(state === "FinishDay" && finished), ...on(input, "PermanentError") },
    });
    expect([status, error]).toEqual(["FAILED", "DaysFailedError"]);
    expect(cause).toContain(`${MONDAY}: PermanentError`);
    expect(cause).not.toContain(TUESDAY);
    expect(inputsOf("FinishDay")).toContainEqual({ day: TUESDAY });
    // Else it would be clean, and no night would come back to it.
    if (state !== "FinishDay") expect(inputsOf("FinishDay")).toEqual([{ day: TUESDAY }]);
    if (state === "ExportDay") expect(inputsOf("WriteDailyMetrics")).toEqual([{ day: TUESDAY }]);
  });

  it("in its plan exports nothing", async () => {
    const { status, error, calls } = await run({ PlanExport: { "*": ["InvalidMessageError"] } });
    expect([status, error, calls.length]).toEqual(["FAILED", "InvalidMessageError", 1]);
  });
});

describe("retries", () => {
  const names = [
    ...new Set(
      everyState(definition).flatMap(([, { Retry = [] }]) => Retry.flatMap((one) => one.ErrorEquals)),
    ),
  ];

  it.each(["PlanExport", "ExportDay", "FinishDay", "WriteDailyMetrics"])(
    "%s after every named error",
    async (state) => {
      // Each error once, as far as the attempts of one call go.
      const thrown = names.slice(0, 3);
      const last = { PlanExport: plan([planned(MONDAY)])["*"][0], FinishDay: report(MONDAY) }[state] ?? {};
      const answers = { "*": [...thrown, last] };
      const script = { PlanExport: plan([planned(MONDAY)]), [state]: answers };
      const { status, inputsOf } = await run(script);
      expect(status).toBe("SUCCEEDED");
      expect(inputsOf(state)).toHaveLength(thrown.length + 1);
    },
  );

  it("end", async () => {
    const { status, cause, inputsOf } = await run({
      PlanExport: plan([planned(MONDAY)]),
      ExportDay: { "*": ["TransientError"] },
    });
    expect([status, inputsOf("ExportDay").length]).toEqual(["FAILED", 4]);
    expect(cause).toContain(`${MONDAY}: TransientError`);
  });
});

describe("a day too large for a function", () => {
  const tooLarge = (source: string) => on(part(MONDAY, 1, 2, source), "DayTooLargeError");
  const glue = (...states: readonly string[]) => ({
    ...on(job("export-conversations", MONDAY), { runId: "r-1", state: "RUNNING" }),
    ...on(poll("export-conversations"), ...states.map((state) => ({ runId: "r-1", state }))),
  });

  it("is staged by Glue and published from there, every part of it", async () => {
    const { status, output, inputsOf } = await run({
      PlanExport: plan([planned(MONDAY, 2)]),
      ExportDay: tooLarge("index"),
      RunGlueJob: glue("RUNNING", "SUCCEEDED"),
    });
    expect([status, output]).toEqual(["SUCCEEDED", { days: [report(MONDAY)], failed: [] }]);
    expect(inputsOf("RunGlueJob")).toEqual([
      job("export-conversations", MONDAY),
      poll("export-conversations"),
      poll("export-conversations"),
    ]);
    expect(inputsOf("ExportDay").slice(-2)).toEqual(
      expect.arrayContaining([part(MONDAY, 0, 2, "staged"), part(MONDAY, 1, 2, "staged")]),
    );
    expect(inputsOf("FinishDay")).toHaveLength(1);
  });

  it("fails where Glue fails", async () => {
    const { status, cause, inputsOf } = await run({
      PlanExport: plan([planned(MONDAY, 2)]),
      ExportDay: tooLarge("index"),
      RunGlueJob: glue("FAILED"),
    });
    expect([status, inputsOf("FinishDay")]).toEqual(["FAILED", []]);
    expect(cause).toContain(`${MONDAY}: GlueJobFailedError`);
  });

  it("fails where it is too large though it is staged, instead of going round", async () => {
    const { status, cause, inputsOf } = await run({
      PlanExport: plan([planned(MONDAY, 2)]),
      ExportDay: { ...tooLarge("index"), ...tooLarge("staged") },
      RunGlueJob: glue("SUCCEEDED"),
    });
    expect([status, inputsOf("RunGlueJob").length]).toEqual(["FAILED", 2]);
    expect(cause).toContain(`${MONDAY}: DayTooLargeError`);
  });

  it("goes to Glue at once where that is asked for", async () => {
    const { status, inputsOf } = await run({
      PlanExport: plan([planned(MONDAY, 1, "glue")]),
      RunGlueJob: glue("SUCCEEDED"),
    });
    expect([status, inputsOf("ExportDay")]).toEqual(["SUCCEEDED", [part(MONDAY, 0, 1, "staged")]]);
  });
});

describe("patterns", () => {
  const jobs = (answers: Script[string] = {}) => ({
    ...on(job("daily-conversation-analytics", MONDAY), { runId: "r-1", state: "RUNNING" }),
    ...on(job("daily-conversation-analytics", TUESDAY), { runId: "r-1", state: "RUNNING" }),
    ...on(poll("daily-conversation-analytics"), { runId: "r-1", state: "SUCCEEDED" }),
    ...answers,
  });

  it("are computed after the last day, day by day, only where asked for", async () => {
    const { status, calls, inputsOf } = await run({
      PlanExport: plan([planned(MONDAY), planned(TUESDAY)], true),
      RunGlueJob: jobs(),
    });
    expect(status).toBe("SUCCEEDED");
    expect(inputsOf("RunGlueJob")).toEqual([
      job("daily-conversation-analytics", MONDAY),
      poll("daily-conversation-analytics"),
      job("daily-conversation-analytics", TUESDAY),
      poll("daily-conversation-analytics"),
    ]);
    expect(inputsOf("PublishStaged")).toEqual([{ day: MONDAY }, { day: TUESDAY }]);
    const lastOfDays = calls.findLastIndex(({ state }) => state === "FinishDay");
    expect(calls.findIndex(({ state }) => state === "RunGlueJob")).toBeGreaterThan(lastOfDays);
  });

  it("that fail fail the run, which names them", async () => {
    const { status, cause, inputsOf } = await run({
      PlanExport: plan([planned(MONDAY), planned(TUESDAY)], true),
      RunGlueJob: jobs(on(job("daily-conversation-analytics", MONDAY), "PermanentError")),
    });
    expect(status).toBe("FAILED");
    expect(cause).toContain(`patterns of ${MONDAY}: PermanentError`);
    expect(inputsOf("RunGlueJob")).toHaveLength(3);
    expect(inputsOf("PublishStaged")).toEqual([{ day: TUESDAY }]);
  });
});
