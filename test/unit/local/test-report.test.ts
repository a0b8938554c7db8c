import { describe, expect, it } from "vitest";
import { formatReport, isPassed, runnerOutcomes, type TestOutcome } from "../../support/test-report.ts";

const outcome = (name: string, state: TestOutcome["state"], milliseconds = 0, detail = ""): TestOutcome => ({
  name,
  state,
  milliseconds,
  detail,
});

const lastLine = (outcomes: readonly TestOutcome[]): string | undefined =>
  formatReport(outcomes).split("\n").at(-1);

describe("the report of a test run", () => {
  it("closes with the totals alone on the last line", () => {
    expect(lastLine([outcome("a", "passed"), outcome("b", "passed")])).toBe("2 passed, 0 failed");
    expect(lastLine([outcome("a", "passed"), outcome("b", "failed")])).toBe("1 passed, 1 failed");
    expect(lastLine([outcome("a", "skipped"), outcome("b", "failed")])).toBe("0 passed, 1 failed, 1 skipped");
  });

  it("lists the 20 slowest, slowest first", () => {
    const outcomes = Array.from({ length: 30 }, (_, index) => outcome(`t${index}`, "passed", index * 1_000));
    const listed = [...formatReport(outcomes).matchAll(/ s {2}(t\d+)$/gm)].map(([, name]) => name);
    expect(listed).toEqual(Array.from({ length: 20 }, (_, index) => `t${29 - index}`));
  });

  it("repeats failures and gives the reason of each skip", () => {
    const text = formatReport([
      outcome("x", "failed", 0, "expected 1\nto be 2"),
      outcome("y", "skipped", 0, "no Java"),
    ]);
    expect(text).toContain("x\n      expected 1\n      to be 2");
    expect(text).toContain("y: no Java");
  });
});

describe("a run has passed", () => {
  it("when something ran and nothing failed", () => {
    expect(isPassed([outcome("a", "passed"), outcome("b", "skipped")])).toBe(true);
    expect(isPassed([outcome("a", "passed"), outcome("b", "failed")])).toBe(false);
    expect(isPassed([outcome("b", "skipped")])).toBe(false);
    expect(isPassed([])).toBe(false);
  });
});

describe("a runner", () => {
  const passed = [outcome("a", "passed")];

  it("that wrote no report, or ran nothing, has failed", () => {
    expect(runnerOutcomes("e2e", undefined, "crashed")).toEqual([outcome("e2e", "failed", 0, "crashed")]);
    expect(runnerOutcomes("e2e", [], undefined)).toEqual([outcome("e2e", "failed", 0, "ran no tests")]);
  });

  it("that fails although its tests passed has failed", () => {
    expect(runnerOutcomes("e2e", passed, "exit code 1")).toEqual([
      ...passed,
      outcome("e2e", "failed", 0, "exit code 1"),
    ]);
  });

  it("whose failed tests explain its end is counted by them only", () => {
    const failed = [...passed, outcome("b", "failed")];
    expect(runnerOutcomes("e2e", failed, "exit code 1")).toEqual(failed);
    expect(runnerOutcomes("e2e", passed, undefined)).toEqual(passed);
  });
});
