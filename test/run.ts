// What `npm test` does. Arguments: names of steps (check, unit, infra, simulation, glue-jobs, state-machines, contract, e2e, faults); none is all.

import { mapBounded } from "../functions/core/domain/batches.ts";
import { wipeInstance } from "../local/background.ts";
import { endpointsOf } from "../local/config.ts";
import { deployStage } from "../local/deploy.ts";
import { ensureSpark } from "../local/engines/spark.ts";
import { Interruption, type Lifetime, openLifetime } from "../local/lifetime.ts";
import { endProcesses } from "../local/processes.ts";
import { createProgress } from "../local/progress.ts";
import { applyTemplates } from "../local/search-templates.ts";
import { installEngines, startEngines } from "../local/stage.ts";
import { runCheck, runProject, runStep, type StepContext } from "./support/run-steps.ts";
import { isolateEnvironment } from "./support/test-environment.ts";
import { findTestProcesses, instanceConfig, isolatedInstance } from "./support/test-instance.ts";
import { formatReport, isPassed, type TestOutcome } from "./support/test-report.ts";

const CHECKS: Readonly<Record<string, readonly string[]>> = {
  biome: ["biome", "ci", "--colors=off", "."],
  types: ["tsc", "-p", "."],
  imports: [
    ...["depcruise", "--config", ".dependency-cruiser.cjs", "--exclude", "^test/planted/"],
    ...["functions", "infra", "cli", "local", "bench", "test"],
  ],
  knip: ["knip"],
};
const WITHOUT_ENGINES = ["unit", "infra", "simulation", "glue-jobs"];
/** Projects that run jobs on Spark. */
const ON_SPARK = ["glue-jobs", "contract"];
const ON_ENGINES = ["state-machines", "contract", "e2e"];
/** Projects that bring up, and break, an instance of their own. */
const ON_OWN_ENGINES = ["faults"];

const wanted = process.argv.slice(2);
const known = ["check", ...WITHOUT_ENGINES, ...ON_ENGINES, ...ON_OWN_ENGINES];
const unknown = wanted.filter((name) => !known.includes(name));

if (unknown.length > 0) {
  console.error(`No such step: ${unknown.join(", ")}. There are: ${known.join(", ")}`);
  process.exitCode = 2;
} else {
  process.exitCode = await main(openLifetime({ followParent: true }));
}

async function main(lifetime: Lifetime): Promise<number> {
  isolateEnvironment(process.env);
  const instance = await isolatedInstance("test", { athena: true });
  const context: StepContext = {
    config: instanceConfig(instance),
    lifetime,
    progress: createProgress(),
    environment: { ...process.env, ...instance, NO_COLOR: "1" },
  };
  const outcomes: TestOutcome[] = [];
  const others = new Set(findTestProcesses().map(({ pid }) => pid));
  const fetched = [...ON_ENGINES, ...ON_OWN_ENGINES].some(isWanted)
    ? installEngines(context.config, context.progress, lifetime)
    : Promise.resolve();
  // A failure is told by the step that needs them.
  const settled = Promise.allSettled([fetched, ON_SPARK.some(isWanted) && ensureSpark(context)]);
  try {
    await runAll(context, fetched, outcomes);
    outcomes.push(...(await runStep("nothing is left running", () => endSurvivors(others))));
    console.log(`\n${formatReport(outcomes)}`);
    return isPassed(outcomes) ? 0 : 1;
  } catch (error) {
    if (!(error instanceof Interruption)) throw error;
    console.error(`Tests ${error.message}`);
    return error.exitCode;
  } finally {
    await settled;
    lifetime.close();
  }
}

/** Tests on engines wait for them half of the time: what needs none runs beside them and gives way. */
async function runAll(context: StepContext, fetched: Promise<void>, outcomes: TestOutcome[]): Promise<void> {
  const run = async (projects: readonly string[], how: StepContext): Promise<void> => {
    for (const project of projects.filter(isWanted)) outcomes.push(...(await runProject(project, how)));
  };
  const withoutEngines = async (): Promise<void> => {
    const low = { ...context, lowPriority: true };
    if (isWanted("check")) await runChecks(low, outcomes);
    await run(WITHOUT_ENGINES, low);
  };
  const onEngines = async (): Promise<void> => {
    const projects = ON_ENGINES.filter(isWanted);
    const stage = () => runOnEngines(projects, context, fetched, outcomes);
    if (projects.length > 0) outcomes.push(...(await runStep("the test stage", stage)));
    // Not beside them: an engine that a test has killed must find its ports free and answer in time.
    await run(ON_OWN_ENGINES, context);
  };
  const lanes = await Promise.allSettled([withoutEngines(), onEngines()]);
  for (const lane of lanes) if (lane.status === "rejected") throw lane.reason;
}

async function runChecks(context: StepContext, outcomes: TestOutcome[]): Promise<void> {
  await mapBounded(Object.entries(CHECKS), 2, async ([name, command]) =>
    outcomes.push(...(await context.progress.step(`check: ${name}`, () => runCheck(name, command, context)))),
  );
}

/** Brings up a fresh stage of its own, runs the projects that need one, and takes it down. */
async function runOnEngines(
  projects: readonly string[],
  context: StepContext,
  fetched: Promise<void>,
  outcomes: TestOutcome[],
): Promise<void> {
  const { config, progress, lifetime } = context;
  await fetched;
  wipeInstance(config);
  const engines = await startEngines(config, progress, lifetime);
  try {
    await deployStage(config, progress, lifetime);
    await applyTemplates(config, progress);
    await engines.complete();
    engines.mark("ready");
    const endpoints = endpointsOf(config.ports);
    const environment = { ...context.environment, HILO_STATUS_JSON: JSON.stringify({ endpoints }) };
    for (const project of projects)
      outcomes.push(...(await runProject(project, { ...context, environment })));
  } finally {
    await progress.step("stopping", () => engines.stop());
  }
}

/** Looks for processes that this run has left behind, but for those that ran before it; ends them and says so. */
async function endSurvivors(others: ReadonlySet<number>): Promise<void> {
  const survivors = findTestProcesses().filter(({ pid }) => !others.has(pid));
  if (survivors.length === 0) return;
  await endProcesses(
    survivors.map(({ pid }) => pid),
    5_000,
  );
  throw new Error(survivors.map(({ pid, command }) => `${pid} ${command.slice(0, 150)}`).join("\n"));
}

function isWanted(step: string): boolean {
  return wanted.length === 0 || wanted.includes(step);
}
