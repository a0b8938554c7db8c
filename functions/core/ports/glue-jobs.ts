/** The Spark jobs, by the names of their folders in `glue-jobs/`. */
export type GlueJobName = "daily-conversation-analytics" | "export-conversations";

/** `FAILED`: it ended in another way than well. */
export type GlueRunState = "RUNNING" | "SUCCEEDED" | "FAILED";

/** Runs of Spark jobs. */
export interface GlueJobs {
  /** Starts a run. @returns its id @throws TransientError when too many run already or the service is away; PermanentError */
  start(job: GlueJobName, args: Readonly<Record<string, string>>): Promise<string>;

  /** @throws TransientError | PermanentError when nobody knows of such a run */
  state(job: GlueJobName, runId: string): Promise<GlueRunState>;
}
