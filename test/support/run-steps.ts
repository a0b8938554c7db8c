import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { LocalConfig } from "../../local/config.ts";
import { Interruption, type Lifetime } from "../../local/lifetime.ts";
import { type Progress, seconds } from "../../local/progress.ts";
import { runTool, ToolError } from "../../local/tool.ts";
import { runnerOutcomes, type TestOutcome } from "./test-report.ts";

/** What the steps of a test run share. */
export interface StepContext {
  readonly config: LocalConfig;
  readonly lifetime: Lifetime;
  readonly progress: Progress;
  /** Variables that lead the tests to the isolated instance. */
  readonly environment: NodeJS.ProcessEnv;
  /** Steps give way to those of others. */
  readonly lowPriority?: boolean;
}

/** Milliseconds that one runner may take. */
const TIMEOUT = 1_500_000;

/** Runs a check: a program that says nothing much when all is well. It counts as one test. */
export async function runCheck(
  name: string,
  command: readonly string[],
  context: StepContext,
): Promise<readonly TestOutcome[]> {
  const lines: string[] = [];
  const began = Date.now();
  const failure = await attempt(() => run(name, command, context, (line) => lines.push(line)), context);
  if (failure) context.progress.say(lines.join("\n"));
  return [
    {
      name: `check: ${name}`,
      state: failure ? "failed" : "passed",
      milliseconds: Date.now() - began,
      detail: lines.slice(-12).join("\n") || (failure ?? ""),
    },
  ];
}

/** Runs one project of Vitest and returns the outcome of each of its tests. */
export async function runProject(project: string, context: StepContext): Promise<readonly TestOutcome[]> {
  const report = join(reportFolder(context.config), `${project}.json`);
  rmSync(report, { force: true });
  const environment = { ...context.environment, HILO_TEST_REPORT: report };
  const began = Date.now();
  const failure = await attempt(
    () =>
      run(project, ["vitest", "run", "--project", project], { ...context, environment }, (line) =>
        context.progress.say(`    ${line}`),
      ),
    context,
  );
  context.progress.say(`  ${failure ? "✗" : "✓"} ${project} ${seconds(Date.now() - began)}`);
  const reported = existsSync(report)
    ? (JSON.parse(readFileSync(report, "utf8")) as TestOutcome[])
    : undefined;
  return runnerOutcomes(project, reported, failure);
}

/** Runs something of the run itself as a step that counts as one test when it fails. */
export async function runStep(name: string, work: () => Promise<void>): Promise<readonly TestOutcome[]> {
  const began = Date.now();
  try {
    await work();
    return [];
  } catch (error) {
    if (error instanceof Interruption) throw error;
    const detail = error instanceof Error ? error.message : String(error);
    return [{ name, state: "failed", milliseconds: Date.now() - began, detail }];
  }
}

async function attempt(work: () => Promise<void>, { lifetime }: StepContext): Promise<string | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    lifetime.signal.throwIfAborted();
    if (error instanceof ToolError) return error.message;
    throw error;
  }
}

async function run(
  name: string,
  [program = "", ...args]: readonly string[],
  { config, lifetime, environment, lowPriority = false }: StepContext,
  onLine: (line: string) => void,
): Promise<void> {
  mkdirSync(reportFolder(config), { recursive: true });
  await runTool(join(config.root, "node_modules", ".bin", program), args, {
    cwd: config.root,
    env: environment,
    lifetime,
    lowPriority,
    timeout: TIMEOUT,
    logFile: join(reportFolder(config), `${name}.log`),
    onLine,
  });
}

function reportFolder(config: LocalConfig): string {
  return join(config.root, ".hilo", "test");
}
