import { type App, Tags } from "aws-cdk-lib";
import type { StageConfig } from "./config.ts";
import { BiStack } from "./stacks/bi-stack.ts";
import { CacheStack } from "./stacks/cache-stack.ts";
import { DataStack } from "./stacks/data-stack.ts";
import { ErasureStack } from "./stacks/erasure-stack.ts";
import { LakeStack } from "./stacks/lake-stack.ts";
import { NetworkStack } from "./stacks/network-stack.ts";
import { PipelineStack } from "./stacks/pipeline-stack.ts";
import { SavedQueriesStack } from "./stacks/saved-queries-stack.ts";
import { SearchStack } from "./stacks/search-stack.ts";
import { type CacheAccess, givenCache, givenSearch, type SearchAccess } from "./store-access.ts";

/**
 * Adds the stacks of a stage to an app, by lifetime: data, network, cache, search, pipeline, lake, erasure, saved
 * queries, BI. They name no account and no region, so that any stage is synthesised without either.
 */
export function addStage(app: App, stage: StageConfig): void {
  Tags.of(app).add("hilo:stage", stage.name);
  const data = new DataStack(app, "Data", stage);
  const cache = cacheAccess(app, stage, data);
  const search = searchAccess(app, stage, data);
  const pipeline = new PipelineStack(app, "Pipeline", { stage, data, cache, search });
  const lake = new LakeStack(app, "Lake", { stage, data });
  // Its alarms go to the pipeline's topic.
  lake.addStackDependency(pipeline);
  // Its alarms go to the pipeline's topic, too.
  new ErasureStack(app, "Erasure", { stage, data, cache, search, catalog: lake.catalog }).addStackDependency(
    pipeline,
  );
  if (stage.savedQueries) {
    new SavedQueriesStack(app, "SavedQueries", { stage, catalog: lake.catalog }).addStackDependency(lake);
  }
  if (stage.quicksightPrincipal !== undefined) {
    const props = { stage, data, catalog: lake.catalog, principal: stage.quicksightPrincipal };
    new BiStack(app, "Bi", props).addStackDependency(lake);
  }
}

function cacheAccess(app: App, stage: StageConfig, data: DataStack): CacheAccess {
  if (stage.cache.kind === "endpoint") return givenCache(stage.cache.url);
  const network = new NetworkStack(app, "Network", { stage, logKey: data.operationsKey });
  return new CacheStack(app, "Cache", { stage, shape: stage.cache, network, key: data.dataKey }).access;
}

function searchAccess(app: App, stage: StageConfig, data: DataStack): SearchAccess {
  if (stage.search.kind === "endpoint") return givenSearch(stage.search.url);
  const keys = { key: data.dataKey, logKey: data.operationsKey };
  return new SearchStack(app, "Search", { stage, shape: stage.search, ...keys }).access;
}
