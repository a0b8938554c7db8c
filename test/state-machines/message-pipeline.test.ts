import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openEngines, type TestEngines } from "../support/stage.ts";
import { MESSAGE_PIPELINE, MESSAGE_PIPELINE_TEXT, TASKS, type TaskName } from "./definition.ts";
import { deployFaultMachine, type FaultMachine, MESSAGE_IDS } from "./fault-machine.ts";

/** Where the outcomes of a state stand in the output. */
const PLACE: Readonly<Record<TaskName, string>> = {
  StoreInCache: "cache",
  StoreToDynamoDB: "rows",
  IndexToOpenSearch: "index",
  PerformAnalytics: "analytics",
};

/** The states after which the workflow goes on. */
const OPTIONAL: readonly TaskName[] = ["StoreInCache", "IndexToOpenSearch", "PerformAnalytics"];

const outcomes = (state: TaskName) => ({ outcomes: MESSAGE_IDS.map((id) => ({ id, state })) });
const ALL_OUTCOMES = Object.fromEntries(TASKS.map((state) => [PLACE[state], outcomes(state)]));

/** The same workflow in which every state times out after a second, so that tests do not wait. */
const IMPATIENT = JSON.stringify({
  ...MESSAGE_PIPELINE,
  States: Object.fromEntries(
    Object.entries(MESSAGE_PIPELINE.States).map(([name, state]) => [
      name,
      state.Type === "Task" ? { ...state, TimeoutSeconds: 1 } : state,
    ]),
  ),
});

let engines: TestEngines;
let machine: FaultMachine;
let impatient: FaultMachine;

beforeAll(async () => {
  engines = await openEngines();
  machine = await deployFaultMachine(engines, MESSAGE_PIPELINE_TEXT);
  impatient = await deployFaultMachine(engines, IMPATIENT);
});

afterAll(async () => {
  await machine.delete();
  await impatient.delete();
  await engines.close();
});

describe("without faults", () => {
  it("calls each state once, in order, and returns the outcomes of every message", async () => {
    const run = await machine.run({});
    expect(run.status).toBe("SUCCEEDED");
    expect(run.attempts.map(({ state }) => state)).toEqual(TASKS);
    expect(run.output).toEqual(ALL_OUTCOMES);
  });

  it("tells index and analytics, and nobody else, what became of the rows", async () => {
    const run = await machine.run({});
    for (const { state, input, stored } of run.attempts) {
      const later = state === "IndexToOpenSearch" || state === "PerformAnalytics";
      expect(input).toEqual(later ? ["messages", "stored"] : ["messages"]);
      expect(stored).toEqual(later ? outcomes("StoreToDynamoDB").outcomes : undefined);
    }
  });

  it("leaves analytics out where it is not asked for", async () => {
    const run = await machine.run({}, false);
    expect(run.status).toBe("SUCCEEDED");
    expect(run.attemptsOf("PerformAnalytics")).toBe(0);
    expect(Object.keys(run.output).sort()).toEqual(["cache", "index", "rows"]);
  });
});

describe.each(TASKS)("%s", (state) => {
  const retried = MESSAGE_PIPELINE.States[state].Retry.flatMap(({ ErrorEquals }) => ErrorEquals);

  it(`is tried again after each of ${retried.length} named errors, once`, async () => {
    const runs = await Promise.all(retried.map((error) => machine.run({ [state]: [error] })));
    for (const [index, run] of runs.entries()) {
      expect(run.status, retried[index]).toBe("SUCCEEDED");
      expect(run.attemptsOf(state), retried[index]).toBe(2);
      expect(run.output, retried[index]).toEqual(ALL_OUTCOMES);
    }
  });

  it("gives up after the second error", async () => {
    const run = await machine.run({ [state]: ["TransientError", "TransientError", "TransientError"] });
    expect(run.attemptsOf(state)).toBe(2);
  });

  it("is not tried again after an error that would come again", async () => {
    const run = await machine.run({ [state]: ["PermanentError"] });
    expect(run.attemptsOf(state)).toBe(1);
  });
});

describe.each(OPTIONAL)("%s failing for good", (state) => {
  it.each([
    ["after its retries", "TransientError"],
    ["at once", "PermanentError"],
  ])("%s leaves its error where its outcomes would be, and the rest is done", async (_, error) => {
    const run = await machine.run({ [state]: [error, error] });
    expect(run.status).toBe("SUCCEEDED");
    expect(run.output).toEqual({
      ...ALL_OUTCOMES,
      [PLACE[state]]: { Error: error, Cause: expect.any(String) },
    });
    expect(run.output[PLACE[state]]).not.toHaveProperty("outcomes");
  });

  it("by taking too long is given up at its first timeout", async () => {
    const run = await impatient.run({ [state]: ["hang"] });
    expect(run.status).toBe("SUCCEEDED");
    expect(run.attemptsOf(state)).toBe(1);
    expect(run.output).toEqual({
      ...ALL_OUTCOMES,
      [PLACE[state]]: expect.objectContaining({ Error: "States.Timeout" }),
    });
  });
});

describe("StoreToDynamoDB failing for good", () => {
  it.each(["TransientError", "PermanentError", "ConflictError"])(
    "with %s fails the run; nothing is indexed",
    async (error) => {
      const run = await machine.run({ StoreToDynamoDB: [error, error] });
      expect(run).toMatchObject({ status: "FAILED", error, output: {} });
      expect(run.attemptsOf("IndexToOpenSearch")).toBe(0);
      expect(run.attemptsOf("PerformAnalytics")).toBe(0);
    },
  );

  it("is tried again after a timeout, because its writes are conditional", async () => {
    const run = await impatient.run({ StoreToDynamoDB: ["hang"] });
    expect(run).toMatchObject({ status: "SUCCEEDED", output: ALL_OUTCOMES });
    expect(run.attemptsOf("StoreToDynamoDB")).toBe(2);
  });
});

describe("several states failing", () => {
  it("still stores the rows, and says of each what went wrong", async () => {
    const run = await machine.run({
      StoreInCache: ["PermanentError"],
      IndexToOpenSearch: ["PermanentError"],
      PerformAnalytics: ["PermanentError"],
    });
    expect(run.status).toBe("SUCCEEDED");
    expect(run.output["rows"]).toEqual(outcomes("StoreToDynamoDB"));
    for (const place of ["cache", "index", "analytics"]) {
      expect(run.output[place]).toMatchObject({ Error: "PermanentError" });
    }
  });
});
