import { setTimeout as sleep } from "node:timers/promises";
import { InvokeCommand } from "@aws-sdk/client-lambda";
import { z } from "zod";
import type { TestStage } from "../../support/stage.ts";

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
