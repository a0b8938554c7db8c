import type { LocalConfig } from "../config.ts";
import type { Engine } from "./engine.ts";
import { createMiniStack } from "./ministack.ts";
import { createOpenSearch } from "./opensearch.ts";
import { createValkey } from "./valkey.ts";

/** The engines of the local stage. Trino (Athena) and Spark (Glue) will stand here as two more modules. */
export function createEngines(config: LocalConfig): readonly Engine[] {
  return [createMiniStack(config), createValkey(config), createOpenSearch(config)];
}
