import { afterAll } from "vitest";
import { createContextCache } from "../../../functions/adapters/redis/context-cache.ts";
import { createFakeContextCache } from "../../support/fakes/fake-context-cache.ts";
import { describeContextFills } from "../suites/context-fills.ts";
import { describeContextMessages } from "../suites/context-messages.ts";
import type { OpenContextCache } from "../suites/context-scene.ts";
import { openRedis } from "./engine.ts";

const { redis, close } = await openRedis();
afterAll(close);

const inMemory: OpenContextCache = (clock, capacity) =>
  createFakeContextCache({ clock, ...(capacity !== undefined && { capacity }) });
const valkey: OpenContextCache = (clock, capacity) =>
  createContextCache({ redis, clock, ...(capacity !== undefined && { capacity }) });

describeContextMessages("in memory", inMemory);
describeContextMessages("Valkey", valkey);
describeContextFills("in memory", 2_000, inMemory);
describeContextFills("Valkey", 400, valkey);
