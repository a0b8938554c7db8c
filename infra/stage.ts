import { type App, Tags } from "aws-cdk-lib";
import type { StageConfig } from "./config.ts";
import { DataStack } from "./stacks/data-stack.ts";
import { PipelineStack } from "./stacks/pipeline-stack.ts";
import { givenCache, givenSearch } from "./store-access.ts";

/**
 * Adds the stacks of a stage to an app, by lifetime: network, data, cache, search, pipeline. They name no
 * account and no region, so that any stage is synthesised without either.
 */
export function addStage(app: App, stage: StageConfig): void {
  Tags.of(app).add("hilo:stage", stage.name);
  const data = new DataStack(app, "Data", stage);
  const cache = givenCache(stage.cache.kind === "endpoint" ? stage.cache.url : "");
  const search = givenSearch(stage.search.kind === "endpoint" ? stage.search.url : "");
  new PipelineStack(app, "Pipeline", { stage, data, cache, search });
}
