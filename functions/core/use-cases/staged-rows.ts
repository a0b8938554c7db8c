import { PermanentError } from "../domain/errors.ts";
import type { LakeRow } from "../domain/lake-row.ts";
import type { LakeObjects } from "../ports/lake-objects.ts";
import type { LakeRowFiles } from "../ports/lake-row-files.ts";
import type { LakeRowSource } from "../ports/lake-row-source.ts";
import type { StagedFile, StagedFiles } from "../ports/staged-files.ts";

/** Spark's sign that a run wrote all of its files. */
const DONE = "_SUCCESS";
const PAGE_ROWS = 250;

export interface StagedRowsDeps {
  readonly staged: StagedFiles;
  readonly objects: Pick<LakeObjects, "head" | "open">;
  readonly files: Pick<LakeRowFiles, "read">;
}

/** Rows that the job `export-conversations` staged: `staging/export-conversations/<day>/<run>/shard=<n>/*.parquet`. */
export const createStagedRowSource = (deps: StagedRowsDeps): LakeRowSource => ({
  streams(day, shards) {
    const run = latestRun(`staging/export-conversations/${day}/`, deps.staged);
    // Whoever reads a stream learns of it; until then it is nobody's unhandled rejection.
    run.catch(() => undefined);
    return shards.map((shard) => shardPages(run, shard, deps));
  },
});

/**
 * Files of the latest whole run below a job's folder of a day, in the order of their keys.
 * @throws PermanentError where no run came to its end
 */
export async function latestRun(folder: string, staged: StagedFiles): Promise<readonly StagedFile[]> {
  const files = await staged.list(folder);
  const done = files
    .filter(({ key }) => key.endsWith(`/${DONE}`))
    .sort((a, b) => (a.modifiedAt < b.modifiedAt ? -1 : 1))
    .at(-1);
  if (done === undefined)
    throw new PermanentError(`lake: nothing is staged in ${folder}: run its Glue job first`);
  const run = done.key.slice(0, -DONE.length);
  return files.filter(({ key }) => key.startsWith(run));
}

/** A shard's rows in the lake's order: Spark sorts each shard into files that follow each other. */
async function* shardPages(
  run: Promise<readonly StagedFile[]>,
  shard: number,
  { objects, files }: StagedRowsDeps,
): AsyncGenerator<readonly LakeRow[]> {
  const own = (await run).filter(({ key }) => key.includes(`/shard=${shard}/`) && key.endsWith(".parquet"));
  for (const { key } of own) {
    const version = await objects.head(key);
    if (version === undefined) throw new PermanentError(`lake: ${key} is gone: run the Glue job again`);
    let page: LakeRow[] = [];
    for await (const row of files.read(objects.open(key, version))) {
      page.push(row);
      if (page.length < PAGE_ROWS) continue;
      yield page;
      page = [];
    }
    if (page.length > 0) yield page;
  }
}
