import { setTimeout as sleep } from "node:timers/promises";
import { InvokeCommand } from "@aws-sdk/client-lambda";
import { z } from "zod";
import { readLocalConfig } from "../../../local/config.ts";
import { ensureSpark, type SparkPlaces, sparkPlaces } from "../../../local/engines/spark.ts";
import { openLifetime } from "../../../local/lifetime.ts";
import { createProgress } from "../../../local/progress.ts";
import type { TestStage } from "../../support/stage.ts";

/** Milliseconds that Spark may take to be fetched and installed. */
export const INSTALLATION = 900_000;
/** Milliseconds that a job may take here. */
export const JOB = 300_000;

/** Installs Spark where it is not there yet. */
export async function installedSpark(): Promise<SparkPlaces> {
  const config = readLocalConfig();
  const lifetime = openLifetime({ followParent: false });
  try {
    await ensureSpark({ config, progress: createProgress(), lifetime });
  } finally {
    lifetime.close();
  }
  return sparkPlaces(config);
}

const run = z.object({ runId: z.string(), state: z.enum(["RUNNING", "SUCCEEDED", "FAILED"]) });

/** The deployed functions that run jobs, export days and publish. */
export function lakeFunctions(stage: TestStage) {
  async function invoke(name: string, input: object): Promise<unknown> {
    const FunctionName = stage.outputs.functions[name];
    const answer = await stage.lambda.send(
      new InvokeCommand({ FunctionName, Payload: JSON.stringify(input) }),
    );
    const text = answer.Payload?.transformToString() ?? "";
    if (answer.FunctionError !== undefined) throw new Error(`${name}: ${text}`);
    return JSON.parse(text) as unknown;
  }
  const ask = async (input: object) => run.parse(await invoke("run-glue-job", input));
  return {
    invoke,
    start: (job: string, day: string) => ask({ job, arguments: { "--date": day } }),
    /** Asks until the run has ended, as the state machine does. */
    async ended(job: string, runId: string): Promise<z.infer<typeof run>> {
      for (let id = runId; ; await sleep(1_000)) {
        const answer = await ask({ job, runId: id });
        if (answer.state !== "RUNNING") return answer;
        id = answer.runId;
      }
    },
  };
}
