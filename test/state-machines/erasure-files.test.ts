import { describe, expect, it } from "vitest";
import { storesOf } from "../../functions/core/domain/personal-stores.ts";
import { everyLevel, everyState, type Machine, readMachine } from "./machine-file.ts";

const ERASERS = ["Cache", "Tables", "Search", "Objects"] as const;
const MACHINES = {
  "erasure-plan": readMachine("erasure-plan"),
  "user-erasure": readMachine("user-erasure"),
};

const stateOf = (machine: Machine, name: string) => {
  const found = everyState(machine).find(([known]) => known === name)?.[1];
  if (found === undefined) throw new Error(`no state ${name}`);
  return found;
};
/** The branches of the one Parallel of a machine. */
const branchesOf = (machine: Machine) =>
  everyState(machine).find(([, { Type }]) => Type === "Parallel")?.[1].Branches ?? [];

describe.each(Object.entries(MACHINES))("%s.asl.json", (_, { text, machine }) => {
  const states = everyState(machine);
  const tasks = states.filter(([, { Type }]) => Type === "Task");

  it("gives every task a time limit, bounded retries of named errors after random waits, and a way out", () => {
    expect(tasks.length).toBeGreaterThan(5);
    for (const [name, { TimeoutSeconds, Retry = [], Catch = [], Resource, ResultPath }] of tasks) {
      expect(Resource, name).toBe("arn:aws:states:::lambda:invoke");
      expect(TimeoutSeconds, name).toBeGreaterThan(0);
      expect(Retry, name).toHaveLength(1);
      for (const retrier of Retry) {
        for (const wanted of [
          "TransientError",
          "States.Timeout",
          "Sandbox.Timedout",
          "Lambda.ServiceException",
        ])
          expect(retrier.ErrorEquals, name).toContain(wanted);
        for (const wide of ["States.ALL", "States.TaskFailed", "PermanentError", "StoresFailedError"])
          expect(retrier.ErrorEquals, name).not.toContain(wide);
        expect(retrier.JitterStrategy, name).toBe("FULL");
        expect(retrier.MaxAttempts, name).toBeLessThanOrEqual(8);
        expect(retrier.MaxDelaySeconds, name).toBeGreaterThanOrEqual(retrier.IntervalSeconds);
      }
      expect(
        Catch.map(({ ErrorEquals }) => ErrorEquals),
        name,
      ).toEqual([["States.ALL"]]);
      // What a function says beside what the machine needs is dropped.
      expect([null, "$.call", "$.fenced"], name).toContain(ResultPath);
    }
  });

  it("leads from every state to one that is there, and to every state from the first", () => {
    for (const level of everyLevel(machine)) {
      const reached = new Set([level.StartAt]);
      for (const name of reached) {
        const state = level.States[name];
        expect(state, `${name} in ${level.StartAt}`).toBeDefined();
        const { Next, Default, Choices = [], Catch = [] } = state ?? { Type: "" };
        for (const next of [Next, Default, ...[...Choices, ...Catch].map((way) => way.Next)])
          if (next !== undefined) reached.add(next);
      }
      expect([...reached].sort()).toEqual(Object.keys(level.States).sort());
    }
    expect(new Set(states.map(([name]) => name)).size).toBe(states.length);
  });

  it("gives functions the request's id, numbers and names, nothing of people", () => {
    const fields = new Set(tasks.flatMap(([, { Parameters }]) => Object.keys(Parameters?.Payload ?? {})));
    const known = ["attempt.$", "branches.$", "eraser", "from.$", "operation", "recheck.$", "request_id.$"];
    expect([...fields].filter((field) => !known.includes(field))).toEqual([]);
    for (const [name, { Parameters }] of tasks)
      expect(Parameters?.Payload?.["request_id.$"], name).toBe("$.request_id");
  });

  it("has one branch for each eraser that a store declares, all alike but for the name", () => {
    const branches = branchesOf(machine);
    const [first, ...others] = branches.map((branch, index) =>
      JSON.stringify(branch)
        .replaceAll(ERASERS[index] ?? "?", "X")
        .replaceAll(`"${ERASERS[index]?.toLowerCase()}"`, '"x"'),
    );
    expect(branches).toHaveLength(ERASERS.length);
    for (const other of others) expect(other).toBe(first);
    for (const eraser of ERASERS)
      expect(storesOf(eraser.toLowerCase() as Lowercase<typeof eraser>).length).toBeGreaterThan(0);
  });

  it("names no account, region or resource", () => {
    expect(text).not.toMatch(/\d{12}|us-east-1|:function:|hilo-/);
  });
});

describe("erasure-plan.asl.json", () => {
  const { machine, functions } = MACHINES["erasure-plan"];

  it("asks the erasers for plans only, between the resolution of people and the plan's end", () => {
    expect(functions.toSorted()).toEqual(
      [...ERASERS.map((eraser) => `Erase${eraser}`), "FinishPlan", "PlanErasure"].sort(),
    );
    const operations = everyState(machine).flatMap(
      ([, { Parameters }]) => Parameters?.Payload?.["operation"] ?? [],
    );
    expect(operations).toEqual(ERASERS.map(() => "plan"));
    expect(machine.StartAt).toBe("ResolvePeople");
    expect(stateOf(machine, "ResolvePeople").Next).toBe("Plan");
    expect(stateOf(machine, "Plan").Next).toBe("FinishPlan");
  });
});

describe("user-erasure.asl.json", () => {
  const { machine, functions } = MACHINES["user-erasure"];

  it("fences, aborts, drains, erases one pass after the other, and finishes, in this order", () => {
    expect(functions.toSorted()).toEqual(
      ["AbortUploads", ...ERASERS.map((eraser) => `Erase${eraser}`), "FencePeople", "FinishErasure"].sort(),
    );
    const order = ["FencePeople", "AbortUploads", "Drain", "ForEachPass", "FinishErasure", "Finished"];
    for (const [index, name] of order.slice(0, -1).entries())
      expect(stateOf(machine, name).Next).toBe(order[index + 1]);
    expect(stateOf(machine, "ForEachPass")["MaxConcurrency"]).toBe(1);
    expect(stateOf(machine, "Drain")["SecondsPath"]).toBe("$.fenced.drainSeconds");
  });

  it("has no way past the drain, the erasers or the finish but failure", () => {
    const caught = everyState(machine).flatMap(([name, { Catch = [] }]) =>
      Catch.map(({ Next }) => ({ name, Next })),
    );
    for (const { name, Next } of caught) {
      const target = stateOf(machine, Next);
      if (/^(Count|Erase|Verify)[A-Z]/.test(name))
        expect(target["Parameters"], name).toHaveProperty("error.$");
      else expect(target.Type, name).toBe("Fail");
    }
  });

  it("has room for weeks of erasing, and less than the month that the law gives", () => {
    expect(machine.TimeoutSeconds).toBeGreaterThanOrEqual(7 * 86_400);
    expect(machine.TimeoutSeconds).toBeLessThan(23 * 86_400);
  });
});
