import { afterEach, describe, expect, it } from "vitest";
import { createQueryRunner } from "../../../functions/adapters/athena/query-runner.ts";
import { safeReason } from "../../../functions/adapters/athena/safe-reason.ts";
import { seededRandom } from "../../support/random.ts";
import { type Answer, openScriptedAthena, type ScriptedAthena } from "./scripted-athena.ts";

const STARTED: Answer = { body: { QueryExecutionId: "id" } };
const state = (State: string, over: object = {}): Answer => ({
  body: {
    QueryExecution: {
      QueryExecutionId: "id",
      StatementType: "DML",
      Status: { State, ...over },
      Statistics: { DataScannedInBytes: 7 },
    },
  },
});
const RESULTS: Answer = {
  body: {
    ResultSet: {
      Rows: [{ Data: [{ VarCharValue: "x" }] }, { Data: [{ VarCharValue: "1" }] }, { Data: [{}] }],
      ResultSetMetadata: { ColumnInfo: [{ Name: "x", Type: "bigint" }] },
    },
  },
};
const THROTTLED: Answer = { error: "TooManyRequestsException" };

let athena: ScriptedAthena;
afterEach(() => athena.close());

/** A runner on a clock that only sleeping moves. */
async function scripted(script: Readonly<Record<string, readonly Answer[]>>) {
  athena = await openScriptedAthena({
    GetQueryResults: [RESULTS],
    StopQueryExecution: [{ body: {} }],
    ...script,
  });
  const slept: number[] = [];
  let now = 0;
  const runner = createQueryRunner({
    client: athena.client,
    workGroup: "group",
    database: "base",
    now: () => now,
    async sleep(milliseconds, signal) {
      signal?.throwIfAborted();
      slept.push(milliseconds);
      now += milliseconds;
    },
    random: seededRandom(1),
  });
  return { runner, slept, time: () => now };
}

describe("the runner", () => {
  it("types a result and says what was scanned", async () => {
    const { runner } = await scripted({
      StartQueryExecution: [STARTED],
      GetQueryExecution: [state("RUNNING"), state("SUCCEEDED")],
    });
    expect(await runner.run("SELECT x")).toEqual({
      columns: [{ name: "x", type: "bigint" }],
      rows: [{ x: 1n }, { x: null }],
      bytesScanned: 7,
    });
  });

  it("repeats a throttled or lost start under the same token, with full jitter", async () => {
    const lost: Answer = { error: "InternalServerException", status: 500 };
    const { runner, slept } = await scripted({
      StartQueryExecution: [THROTTLED, lost, THROTTLED, STARTED],
      GetQueryExecution: [THROTTLED, state("SUCCEEDED")],
      GetQueryResults: [THROTTLED, RESULTS],
    });
    await runner.run("SELECT x");
    expect(athena.tokens).toHaveLength(4);
    expect(new Set(athena.tokens).size).toBe(1);
    expect(slept).toHaveLength(5);
    for (const [index, bound] of [200, 400, 800, 200, 200].entries())
      expect(slept[index]).toBeLessThan(bound);
  });

  it("gives every run a token of its own", async () => {
    const { runner } = await scripted({
      StartQueryExecution: [STARTED],
      GetQueryExecution: [state("SUCCEEDED")],
    });
    await Promise.all([runner.run("SELECT x"), runner.run("SELECT x")]);
    expect(new Set(athena.tokens).size).toBe(2);
  });

  it("looks less and less often, and stops the query when its time is over", async () => {
    const { runner, slept, time } = await scripted({
      StartQueryExecution: [STARTED],
      GetQueryExecution: [state("RUNNING")],
    });
    await expect(runner.run("SELECT 'secret'", [], { timeoutMs: 60_000 })).rejects.toMatchObject({
      name: "TransientError",
      message: "Athena on group: no result after 60000 ms; the query was stopped",
    });
    expect(time()).toBe(60_000);
    expect(athena.asked.at(-1)).toBe("StopQueryExecution");
    expect(slept.length).toBeLessThan(60);
    expect(Math.max(...slept)).toBeLessThanOrEqual(2_000);
    expect(slept[0]).toBeLessThanOrEqual(100);
  });

  it("gives up throttled calls at its deadline, and stops what runs", async () => {
    const { runner, time } = await scripted({
      StartQueryExecution: [STARTED],
      GetQueryExecution: [THROTTLED],
    });
    await expect(runner.run("SELECT x", [], { timeoutMs: 30_000 })).rejects.toMatchObject({
      name: "TransientError",
    });
    expect(time()).toBeLessThanOrEqual(30_000);
    expect(athena.asked.at(-1)).toBe("StopQueryExecution");
  });

  it("says what is wrong with the stage's permissions at once", async () => {
    const { runner, slept } = await scripted({ StartQueryExecution: [{ error: "AccessDeniedException" }] });
    await expect(runner.run("SELECT x")).rejects.toMatchObject({
      name: "PermanentError",
      message: expect.stringMatching(/^Athena StartQueryExecution on group: permission denied/),
    });
    expect(slept).toEqual([]);
  });

  it.each([
    [
      "FAILED",
      { StateChangeReason: "COLUMN_NOT_FOUND: line 1:8: Column 'x' cannot be resolved" },
      "QueryFailedError",
    ],
    [
      "FAILED",
      { StateChangeReason: "GENERIC_INTERNAL_ERROR: x", AthenaError: { Retryable: true } },
      "TransientError",
    ],
    ["CANCELLED", { StateChangeReason: "Bytes scanned limit was exceeded" }, "QueryCancelledError"],
  ])("tells a query that ended %s %j as %s", async (how, over, name) => {
    const { runner } = await scripted({
      StartQueryExecution: [STARTED],
      GetQueryExecution: [state(how, over)],
    });
    await expect(runner.run("SELECT x")).rejects.toMatchObject({ name });
    expect(athena.asked).not.toContain("StopQueryExecution");
  });

  it("sends nothing where a parameter is no value of its type", async () => {
    const { runner } = await scripted({});
    for (const value of ["2026-11-20' OR '1'='1", "2026-02-30"])
      await expect(
        runner.run("SELECT 1 WHERE current_date = ?", [{ type: "date", value }]),
      ).rejects.toMatchObject({
        name: "InvalidQueryParameterError",
      });
    expect(athena.asked).toEqual([]);
  });
});

describe("what is said of a reason", () => {
  it.each([
    [
      "COLUMN_NOT_FOUND: line 1:8: Column 'x' cannot be resolved",
      "COLUMN_NOT_FOUND: line 1:8: Column 'x' cannot be resolved",
    ],
    ["SYNTAX_ERROR: line 2:3: mismatched input '+34600000000'. Expecting: 'FROM'", "SYNTAX_ERROR: line 2:3"],
    ["INVALID_CAST_ARGUMENT: Value cannot be cast to date: +34600000000", "INVALID_CAST_ARGUMENT"],
    ["INVALID_LITERAL: line 1:9: '+34600000000' is not a valid DATE literal", "INVALID_LITERAL: line 1:9"],
    [
      "TYPE_MISMATCH: line 1:9: Cannot apply operator: varchar('+34600000000') = bigint",
      "TYPE_MISMATCH: line 1:9: Cannot apply operator: varchar('…') = bigint",
    ],
    ['HIVE_CURSOR_ERROR: not JSON: {"user": +34600000000', "HIVE_CURSOR_ERROR"],
    ["line 1:1: mismatched input '+34600000000' and 'the rest", "line 1:1: mismatched input '…' and '…'"],
    ["Bytes scanned limit was exceeded", "Bytes scanned limit was exceeded"],
  ])("%j is %j", (reason, said) => {
    expect(safeReason(reason)).toBe(said);
  });
});
