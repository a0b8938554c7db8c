import {
  ConcurrentRunsExceededException,
  EntityNotFoundException,
  GetJobRunCommand,
  type GlueClient,
  type JobRunState,
  ResourceNumberLimitExceededException,
  StartJobRunCommand,
} from "@aws-sdk/client-glue";
import { PermanentError, TransientError } from "../../core/domain/errors.ts";
import type { GlueJobName, GlueJobs, GlueRunState } from "../../core/ports/glue-jobs.ts";
import { awsError } from "../aws-errors.ts";

const STATES: Readonly<Partial<Record<JobRunState, GlueRunState>>> = {
  STARTING: "RUNNING",
  RUNNING: "RUNNING",
  STOPPING: "RUNNING",
  WAITING: "RUNNING",
  SUCCEEDED: "SUCCEEDED",
};

/** Jobs of Glue. @param names of the jobs on this stage */
export function createGlueJobs(deps: {
  readonly client: GlueClient;
  readonly names: Readonly<Record<GlueJobName, string>>;
}): GlueJobs {
  const { client, names } = deps;

  const failure = (operation: string, job: GlueJobName, error: unknown): Error => {
    const resource = names[job];
    if (
      error instanceof ConcurrentRunsExceededException ||
      error instanceof ResourceNumberLimitExceededException
    )
      return new TransientError(`Glue ${operation} on ${resource}: too many runs at once: it is retried`);
    if (error instanceof EntityNotFoundException)
      return new PermanentError(
        `Glue ${operation} on ${resource}: no such job or run: deploy the stack again`,
      );
    return awsError(error, { store: "Glue", operation, resource });
  };

  return {
    async start(job, args) {
      try {
        const { JobRunId } = await client.send(
          new StartJobRunCommand({ JobName: names[job], Arguments: { ...args } }),
        );
        if (JobRunId !== undefined) return JobRunId;
      } catch (error) {
        throw failure("StartJobRun", job, error);
      }
      throw new TransientError(`Glue StartJobRun on ${names[job]}: the answer names no run: it is retried`);
    },

    async state(job, runId) {
      try {
        const { JobRun } = await client.send(new GetJobRunCommand({ JobName: names[job], RunId: runId }));
        // Its message is left out, for it may quote values: the job's log has it.
        return (JobRun?.JobRunState && STATES[JobRun.JobRunState]) ?? "FAILED";
      } catch (error) {
        throw failure("GetJobRun", job, error);
      }
    },
  };
}
