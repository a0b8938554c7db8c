import type { LocalConfig } from "../config.ts";
import { createAthena } from "./athena.ts";
import type { Engine } from "./engine.ts";
import { createMiniStack } from "./ministack.ts";
import { createOpenSearch } from "./opensearch.ts";
import { createTrino } from "./trino.ts";
import { createValkey } from "./valkey.ts";

/** The engines of the local stage; without a port for Athena, neither it nor its engine. */
export function createEngines(config: LocalConfig): readonly Engine[] {
  const { athena, trino } = config.ports;
  return [
    createMiniStack(config),
    createValkey(config),
    createOpenSearch(config),
    ...(athena === null || trino === null
      ? []
      : [createTrino(config, trino), createAthena(config, athena, trino)]),
  ];
}
