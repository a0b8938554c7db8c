import { afterAll } from "vitest";
import { createContextCache } from "../../../functions/adapters/redis/context-cache.ts";
import { createFakeContextCache } from "../../support/fakes/fake-context-cache.ts";
import { describeContextCache } from "../suites/context-cache.ts";
import { openRedis } from "./engine.ts";

const { redis, close } = await openRedis();
afterAll(close);

describeContextCache("in memory", 2_000, (clock, capacity) =>
  createFakeContextCache({ clock, ...(capacity !== undefined && { capacity }) }),
);
describeContextCache("Valkey", 400, (clock, capacity) =>
  createContextCache({ redis, clock, ...(capacity !== undefined && { capacity }) }),
);
