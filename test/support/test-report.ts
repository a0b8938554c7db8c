/** What became of one test, of any runner. */
export interface TestOutcome {
  readonly name: string;
  readonly state: "passed" | "failed" | "skipped";
  readonly milliseconds: number;
  /** Why it failed or was skipped. */
  readonly detail: string;
}

/** Tests that the report lists as the slowest. */
const SLOWEST = 20;
/** Lines of a failure that the report repeats. */
const FAILURE_LINES = 15;

/**
 * The end of a test run: slowest tests, skips with their reasons, failures again, and the totals alone on the last
 * line: `N passed, N failed`, with `, N skipped` where some were.
 */
export function formatReport(outcomes: readonly TestOutcome[]): string {
  const of = (state: TestOutcome["state"]): TestOutcome[] =>
    outcomes.filter((outcome) => outcome.state === state);
  const slowest = [...outcomes].sort((a, b) => b.milliseconds - a.milliseconds).slice(0, SLOWEST);
  const skipped = of("skipped");
  const totals = `${of("passed").length} passed, ${of("failed").length} failed`;
  return [
    ...section(
      `The ${slowest.length} slowest`,
      slowest.map(({ name, milliseconds }) => `${(milliseconds / 1_000).toFixed(1).padStart(7)} s  ${name}`),
    ),
    ...section(
      "Skipped",
      skipped.map(({ name, detail }) => `${name}: ${detail}`),
    ),
    ...section(
      "Failed",
      of("failed").map(({ name, detail }) => `${name}\n${indent(detail)}`),
    ),
    skipped.length > 0 ? `${totals}, ${skipped.length} skipped` : totals,
  ].join("\n");
}

/** Whether a run counts as passed: something ran and nothing failed. */
export function isPassed(outcomes: readonly TestOutcome[]): boolean {
  return (
    outcomes.some(({ state }) => state === "passed") && outcomes.every(({ state }) => state !== "failed")
  );
}

/**
 * The outcomes of one runner. A runner that reports no test, or fails although all its tests passed, is a failure.
 * @param reported what its report says; nothing when it wrote none
 * @param failure how the runner itself ended, unless well
 */
export function runnerOutcomes(
  runner: string,
  reported: readonly TestOutcome[] | undefined,
  failure: string | undefined,
): readonly TestOutcome[] {
  const fault = (detail: string): TestOutcome => ({ name: runner, state: "failed", milliseconds: 0, detail });
  if (!reported) return [fault(failure ?? "wrote no report")];
  if (reported.length === 0) return [fault("ran no tests")];
  const unexplained = failure !== undefined && reported.every(({ state }) => state !== "failed");
  return unexplained ? [...reported, fault(failure)] : reported;
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`${title}:`, ...lines.map((line) => `  ${line}`), ""];
}

function indent(detail: string): string {
  const lines = detail.split("\n");
  const cut = lines.length > FAILURE_LINES ? [`… ${lines.length - FAILURE_LINES} lines more, above`] : [];
  return [...lines.slice(0, FAILURE_LINES), ...cut].map((line) => `      ${line}`).join("\n");
}
