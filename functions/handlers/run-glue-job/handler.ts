import { glueJobSchema } from "../../core/contracts/glue-job.ts";
import { parse } from "../../core/contracts/pipeline-parsers.ts";
import {
  askGlueJob,
  type GlueJobDeps,
  type GlueRun,
  startGlueJob,
} from "../../core/use-cases/run-glue-job.ts";
import type { Log } from "../../runtime/logger.ts";

export interface RunGlueJobHandlerDeps extends GlueJobDeps {
  readonly log: Log;
}

/** Function `run-glue-job`: starts a Spark job, or says how a run stands. */
export const createRunGlueJobHandler =
  ({ log, ...deps }: RunGlueJobHandlerDeps) =>
  async (input: unknown): Promise<GlueRun> => {
    try {
      const wanted = parse(glueJobSchema, input);
      const run =
        "runId" in wanted
          ? await askGlueJob(wanted.job, wanted.runId, deps)
          : await startGlueJob(wanted.job, wanted.arguments["--date"], deps);
      log.info("job asked about", { job: wanted.job, run: run.runId, state: run.state });
      return run;
    } catch (error) {
      log.error("job not run", error);
      throw error;
    }
  };
