import { describe, expect, it } from "vitest";
import { latestRun, partsIn, runTakenAt, stagedRun } from "../../../functions/core/domain/staging.ts";
import type { GlueRunState } from "../../../functions/core/ports/glue-jobs.ts";
import type { TableExport } from "../../../functions/core/ports/glue-table-exports.ts";
import {
  askGlueJob,
  type GlueJobDeps,
  type GlueRun,
  startGlueJob,
} from "../../../functions/core/use-cases/run-glue-job.ts";
import { createRunGlueJobHandler } from "../../../functions/handlers/run-glue-job/handler.ts";
import { createLog } from "../../../functions/runtime/logger.ts";
import { fixedClock } from "../../support/builders.ts";

const DAY = "2026-11-19";

/** Glue and DynamoDB's exports in memory: runs end, and exports come, when told to. */
class Services {
  readonly runs = new Map<string, { args: Readonly<Record<string, string>>; state: GlueRunState }>();
  readonly exports = new Map<string, TableExport>();
  now = "2026-11-20T02:31:00.000Z";
  #ids = 0;

  deps(): GlueJobDeps {
    return {
      jobs: {
        start: async (job, args) => {
          const id = `${job}-${this.runs.size}`;
          this.runs.set(id, { args, state: "RUNNING" });
          return id;
        },
        state: async (_job, id) => this.runs.get(id)?.state ?? "FAILED",
      },
      tableExports: {
        start: async (token) => {
          const id = `arn:aws:dynamodb:eu-west-1:1:table/t/export/${token}`;
          if (!this.exports.has(id)) this.exports.set(id, { state: "RUNNING" });
          return id;
        },
        state: async (id) => this.exports.get(id) ?? { state: "FAILED" },
      },
      bucket: "b",
      clock: fixedClock(this.now),
      newId: () => `id${++this.#ids}`,
    };
  }

  exported(): void {
    for (const id of this.exports.keys())
      this.exports.set(id, {
        state: "SUCCEEDED",
        folder: "raw-exports/AWSDynamoDB/01-a/",
        exportedAt: "2026-11-20T02:31:05.123Z",
      });
  }
}

describe("running a job of Glue", () => {
  it("stages each start in a folder of its own", async () => {
    const services = new Services();
    const first = await startGlueJob("daily-conversation-analytics", DAY, services.deps());
    const second = await startGlueJob("daily-conversation-analytics", DAY, services.deps());
    expect(first).toEqual({ runId: "daily-conversation-analytics-0", state: "RUNNING" });
    expect([...services.runs.values()].map(({ args }) => args)).toEqual([
      {
        "--date": DAY,
        "--s3-input-path": "s3://b/conversations/",
        "--s3-output-path": `s3://b/staging/daily-conversation-analytics/${DAY}/20261120T023100000Z-id1/`,
      },
      expect.objectContaining({
        "--s3-output-path": `s3://b/staging/daily-conversation-analytics/${DAY}/20261120T023100000Z-id2/`,
      }),
    ]);
    expect(second.runId).not.toBe(first.runId);
  });

  it("waits for DynamoDB's export, then for Spark, by the run it was last told of", async () => {
    const services = new Services();
    const job = "export-conversations";
    const waiting = await startGlueJob(job, DAY, services.deps());
    expect(await askGlueJob(job, waiting.runId, services.deps())).toEqual(waiting);
    expect(services.runs.size).toBe(0);

    services.exported();
    const running = await askGlueJob(job, waiting.runId, services.deps());
    expect(running).toEqual({ runId: "export-conversations-0", state: "RUNNING" });
    expect(services.runs.get(running.runId)?.args).toEqual({
      "--date": DAY,
      "--s3-input-path": "s3://b/raw-exports/AWSDynamoDB/01-a/",
      // Named for when the table was exported, not for when Spark ran.
      "--s3-output-path": `s3://b/staging/export-conversations/${DAY}/20261120T023105123Z-id1/`,
    });
    const run = services.runs.get(running.runId);
    if (run) run.state = "SUCCEEDED";
    expect(await askGlueJob(job, running.runId, services.deps())).toMatchObject({ state: "SUCCEEDED" });
  });

  it("exports the table once for days that are exported together", async () => {
    const services = new Services();
    await startGlueJob("export-conversations", "2026-11-18", services.deps());
    await startGlueJob("export-conversations", "2026-11-19", services.deps());
    expect(services.exports.size).toBe(1);
    services.now = "2026-11-20T02:45:00.000Z";
    await startGlueJob("export-conversations", "2026-11-18", services.deps());
    expect(services.exports.size).toBe(2);
  });

  it("says when the export of the table failed", async () => {
    const services = new Services();
    const { runId } = await startGlueJob("export-conversations", DAY, services.deps());
    services.exports.set(runId.split("|")[2] ?? "", { state: "FAILED" });
    expect((await askGlueJob("export-conversations", runId, services.deps())).state).toBe("FAILED");
  });

  it.each([
    { job: "daily-conversation-analytics", arguments: { "--date": "2026-02-30" } },
    { job: "daily-conversation-analytics", arguments: { "--date": DAY, "--s3-output-path": "s3://other/" } },
    { job: "another", arguments: { "--date": DAY } },
    { job: "export-conversations", runId: "" },
  ])("refuses %j", async (input) => {
    const services = new Services();
    const handler = createRunGlueJobHandler({ ...services.deps(), log: createLog() });
    await expect(handler(input)).rejects.toThrow();
    expect(services.runs.size + services.exports.size).toBe(0);
  });

  it("starts by the input of the state machine", async () => {
    const services = new Services();
    const handler = createRunGlueJobHandler({ ...services.deps(), log: createLog() });
    const input = { job: "daily-conversation-analytics", arguments: { "--date": DAY } };
    const run: GlueRun = await handler(input);
    expect(await handler({ job: input.job, runId: run.runId })).toEqual(run);
  });
});

describe("folders of runs", () => {
  const folder = "staging/j/2026-11-19/";

  it("say when what is in them was taken", () => {
    expect(runTakenAt(stagedRun("2026-11-20T02:31:05.123Z", "x"))).toBe("2026-11-20T02:31:05.123Z");
    expect(() => runTakenAt("tmp")).toThrow("named as no run is");
  });

  it("of which the latest that was finished counts", () => {
    const runs = ["20261120T000000000Z-b", "20261121T000000000Z-a", "20261122T000000000Z-a"];
    const keys = [
      ...runs.map((run) => `${folder}${run}/shard=1/part-00000-x.zstd.parquet`),
      ...runs.slice(0, 2).map((run) => `${folder}${run}/_SUCCESS`),
    ];
    const found = latestRun(folder, keys, "_SUCCESS");
    expect(found?.run).toBe(runs[1]);
    expect(partsIn(found?.keys ?? [], `${folder}${runs[1]}/shard=1/`)).toEqual([keys[1]]);
    expect(latestRun(folder, keys.slice(0, 3), "_SUCCESS")).toBeUndefined();
  });

  it("hold files in the order of their parts, and what Spark left half done is none", () => {
    const keys = [
      "part-00010-u.parquet",
      "part-00009-u.parquet",
      "_SUCCESS",
      "_temporary/0/part-00000-u.parquet",
    ];
    expect(
      partsIn(
        keys.map((key) => `${folder}${key}`),
        folder,
      ),
    ).toEqual([`${folder}part-00009-u.parquet`, `${folder}part-00010-u.parquet`]);
  });
});
