import type { Clock } from "../domain/clock.ts";
import { PermanentError } from "../domain/errors.ts";
import { stagedRun, stagingFolder } from "../domain/staging.ts";
import type { GlueJobName, GlueJobs, GlueRunState } from "../ports/glue-jobs.ts";
import type { GlueTableExports } from "../ports/glue-table-exports.ts";

export interface GlueJobDeps {
  readonly jobs: GlueJobs;
  readonly tableExports: GlueTableExports;
  readonly bucket: string;
  readonly clock: Clock;
  /** Part of a run's name that no other run has: letters and digits. */
  readonly newId: () => string;
}

/** A run as the caller asks about it again. */
export interface GlueRun {
  readonly runId: string;
  readonly state: GlueRunState;
}

/** Days that are exported at about the same time share one export of the table, which costs by its size. */
const SHARED_MS = 15 * 60_000;
/** Run ids that name DynamoDB's export, on which Spark waits: `export|<day>|<id>`. */
const EXPORT = "export";

/**
 * Starts a job for a UTC day. Repeated, it stages once more beside what is staged, which harms nothing.
 * @throws TransientError | PermanentError
 */
export async function startGlueJob(job: GlueJobName, day: string, deps: GlueJobDeps): Promise<GlueRun> {
  const now = deps.clock();
  if (job === "export-conversations") {
    const window = Math.floor(now.getTime() / SHARED_MS) * SHARED_MS;
    const id = await deps.tableExports.start(`hilo-${window}`);
    return { runId: [EXPORT, day, id].join("|"), state: "RUNNING" };
  }
  const runId = await startSpark(job, day, now.toISOString(), `s3://${deps.bucket}/conversations/`, deps);
  return { runId, state: "RUNNING" };
}

/**
 * How a run stands. Where it waited for DynamoDB's export and that is there, starts Spark: the answer then has
 * another id to ask about.
 * @throws TransientError | PermanentError
 */
export async function askGlueJob(job: GlueJobName, runId: string, deps: GlueJobDeps): Promise<GlueRun> {
  if (!runId.startsWith(`${EXPORT}|`)) return { runId, state: await deps.jobs.state(job, runId) };
  const [, day, id] = runId.split("|");
  if (day === undefined || id === undefined)
    throw new PermanentError("glue: runId is none that was given out");
  const found = await deps.tableExports.state(id);
  if (found.state !== "SUCCEEDED") return { runId, state: found.state };
  const input = `s3://${deps.bucket}/${found.folder}`;
  return { runId: await startSpark(job, day, found.exportedAt, input, deps), state: "RUNNING" };
}

function startSpark(
  job: GlueJobName,
  day: string,
  takenAt: string,
  input: string,
  { jobs, bucket, newId }: GlueJobDeps,
): Promise<string> {
  return jobs.start(job, {
    "--date": day,
    "--s3-input-path": input,
    "--s3-output-path": `s3://${bucket}/${stagingFolder(job, day)}${stagedRun(takenAt, newId())}/`,
  });
}
