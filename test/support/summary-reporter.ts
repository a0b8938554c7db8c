import { writeFileSync } from "node:fs";
import type { Reporter, TestCase, TestModule } from "vitest/node";
import type { TestOutcome } from "./test-report.ts";

/**
 * Writes the outcome of each test, skips with their reasons and errors outside tests included, to the file that
 * `HILO_TEST_REPORT` names. Vitest's own JSON reporter keeps no reason of a skip.
 */
export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly { readonly message: string }[]): void {
    const outcomes = [
      ...modules.flatMap((module) => [
        ...moduleErrors(module),
        ...[...module.children.allTests()].map(outcomeOf),
      ]),
      ...unhandled.map(({ message }): TestOutcome => failed("error outside of any test", message)),
    ];
    const file = process.env["HILO_TEST_REPORT"];
    if (file) writeFileSync(file, JSON.stringify(outcomes));
  }
}

function outcomeOf(test: TestCase): TestOutcome {
  const name = `${test.module.relativeModuleId} > ${test.fullName}`;
  const milliseconds = test.diagnostic()?.duration ?? 0;
  const result = test.result();
  switch (result.state) {
    case "passed":
      return { name, state: "passed", milliseconds, detail: "" };
    case "skipped":
      return { name, state: "skipped", milliseconds, detail: result.note ?? "no reason given" };
    case "failed":
      return { ...failed(name, result.errors.map(({ message }) => message).join("\n")), milliseconds };
    case "pending":
      return failed(name, "never ended");
  }
}

/** A file that cannot be loaded, or a hook that fails, counts as a failed test. */
function moduleErrors(module: TestModule): TestOutcome[] {
  const suites = [module, ...module.children.allSuites()];
  return suites.flatMap((suite) =>
    suite.errors().map(({ message }) => failed(`${module.relativeModuleId} (file or hook)`, message)),
  );
}

function failed(name: string, detail: string): TestOutcome {
  return { name, state: "failed", milliseconds: 0, detail };
}
