import type { TestProject } from "vitest/node";
import { wipeInstance } from "../../../local/background.ts";
import { endpointsOf } from "../../../local/config.ts";
import { deployStage } from "../../../local/deploy.ts";
import { openLifetime } from "../../../local/lifetime.ts";
import { endProcesses, findStageProcesses } from "../../../local/processes.ts";
import { createProgress } from "../../../local/progress.ts";
import { removeRunFile } from "../../../local/run-file.ts";
import { applyTemplates } from "../../../local/search-templates.ts";
import { installEngines, startEngines } from "../../../local/stage.ts";
import { type InstanceEnvironment, instanceConfig, isolatedInstance } from "../../support/test-instance.ts";
import { type LinkPlace, leadThroughLinks } from "./place-links.ts";

declare module "vitest" {
  export interface ProvidedContext {
    readonly faultsInstance: InstanceEnvironment;
    readonly faultsLinks: readonly LinkPlace[];
  }
}

/** Brings up an instance that only the fault tests use, since they break it, and takes it down afterwards. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const instance = await isolatedInstance("test-faults");
  const config = instanceConfig(instance);
  const progress = createProgress();
  const lifetime = openLifetime({ followParent: true });
  // Tests restart engines themselves: whatever runs of the instance is ended, whoever started it.
  const down = async (): Promise<void> => {
    const left = findStageProcesses(config.folder).map(({ pid }) => pid);
    await endProcesses(left, 5_000);
    removeRunFile(config);
    wipeInstance(config);
    lifetime.close();
  };
  lifetime.signal.addEventListener("abort", () => void down().finally(() => process.exit(130)));
  try {
    await installEngines(config, progress, lifetime);
    wipeInstance(config);
    // A test's kill of an engine is no news.
    const engines = await startEngines(config, { ...progress, say: () => undefined }, lifetime);
    await deployStage(config, progress, lifetime);
    await applyTemplates(config, progress);
    engines.mark("ready");
    project.provide("faultsInstance", instance);
    project.provide("faultsLinks", await leadThroughLinks(endpointsOf(config.ports)));
    return down;
  } catch (error) {
    await down();
    throw error;
  }
}
