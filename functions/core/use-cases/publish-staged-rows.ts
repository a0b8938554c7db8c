import { PermanentError } from "../domain/errors.ts";
import type { LakeRow } from "../domain/lake-row.ts";
import { latestRun, partsIn, runTakenAt, stagingFolder } from "../domain/staging.ts";
import type { LakeObjects } from "../ports/lake-objects.ts";
import type { LakeRowFiles } from "../ports/lake-row-files.ts";
import type { LakeRowSource } from "../ports/lake-row-source.ts";
import type { StagedFiles } from "../ports/staged-files.ts";
import { inPages } from "./merge-pages.ts";
import { stagedRows } from "./publish-staged-files.ts";

export interface StagedRowsDeps {
  readonly staged: StagedFiles;
  readonly objects: Pick<LakeObjects, "head" | "open">;
  readonly files: Pick<LakeRowFiles, "read">;
}

/**
 * Rows of a day as Spark staged them from DynamoDB's own export: of the latest run that was finished, a folder a shard.
 * @throws PermanentError where none was finished
 */
export function createStagedRowSource(deps: StagedRowsDeps): LakeRowSource {
  const runs = new Map<string, ReturnType<typeof find>>();

  async function find(day: string) {
    const folder = stagingFolder("export-conversations", day);
    const found = latestRun(folder, await deps.staged.keys(folder), "_SUCCESS");
    if (!found) {
      throw new PermanentError(`lake: no rows of ${day} are staged: run the job export-conversations for it`);
    }
    return { ...found, folder: `${folder}${found.run}/` };
  }

  /** Asked once, so that all shards come from one run. */
  const runOf = (day: string): ReturnType<typeof find> => {
    const run = runs.get(day) ?? find(day);
    runs.set(day, run);
    run.catch(() => runs.delete(day));
    return run;
  };

  async function* rows(day: string, shard: number): AsyncGenerator<LakeRow> {
    const { folder, keys } = await runOf(day);
    yield* stagedRows(partsIn(keys, `${folder}shard=${shard}/`), deps);
  }

  return {
    async takenAt(day) {
      // What was staged since is looked for at every attempt.
      runs.delete(day);
      return runTakenAt((await runOf(day)).run);
    },
    streams: (day, shards) => shards.map((shard) => inPages(rows(day, shard))),
  };
}
