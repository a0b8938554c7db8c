import { readStageOutputs } from "../cli/stage-outputs.ts";
import { wipeInstance } from "../local/background.ts";
import { endpointsOf } from "../local/config.ts";
import { deployStage } from "../local/deploy.ts";
import type { Lifetime } from "../local/lifetime.ts";
import type { Progress } from "../local/progress.ts";
import { applyTemplates } from "../local/search-templates.ts";
import { installEngines, startEngines } from "../local/stage.ts";
import { connectEngines, type TestStage } from "../test/support/stage.ts";
import { instanceConfig, isolatedInstance } from "../test/support/test-instance.ts";

/** Runs work on a fresh stage of the benchmarks' own: the CDK app deployed to engines on free ports, forgotten after. */
export async function withStage<T>(
  progress: Progress,
  lifetime: Lifetime,
  work: (stage: TestStage) => Promise<T>,
): Promise<T> {
  const config = instanceConfig(await isolatedInstance("bench"));
  await installEngines(config, progress, lifetime);
  wipeInstance(config);
  const engines = await startEngines(config, progress, lifetime);
  try {
    await deployStage(config, progress, lifetime);
    await applyTemplates(config, progress);
    const connected = connectEngines(endpointsOf(config.ports));
    try {
      const outputs = await readStageOutputs({ stage: "local", aws: connected.aws });
      return await work({ ...connected, outputs });
    } finally {
      await connected.close();
    }
  } finally {
    await progress.step("stopping", () => engines.stop());
    wipeInstance(config);
  }
}
