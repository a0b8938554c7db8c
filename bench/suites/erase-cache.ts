import type { Redis } from "ioredis";
import { createCacheStore } from "../../functions/adapters/redis/cache-store.ts";
import { createRedisClient } from "../../functions/adapters/redis/client.ts";
import { createContextCache } from "../../functions/adapters/redis/context-cache.ts";
import { contextKey } from "../../functions/adapters/redis/keys.ts";
import { aStoredMessage, fixedClock, tagOf } from "../../test/support/builders.ts";
import { aPace, aTarget } from "../../test/support/erasure-targets.ts";
import type { BenchValkey } from "../bench-valkey.ts";
import { atLeast, number, type Result, spreadText } from "../result.ts";
import { interleave, ratios, spreadOf } from "../statistics.ts";

const KEYS = 1_000_000;
const ROUNDS = 7;
const PEOPLE = 25;
const MESSAGES = 20;

/** Erasing a person's context and session among a million keys: the eraser's way, and SCAN with DEL. */
export async function benchEraseCache({ url, admin }: BenchValkey): Promise<Result[]> {
  await admin.flushall();
  await fill(admin);
  const redis = createRedisClient({ url });
  const store = createCacheStore({ redis });
  const cache = createContextCache({ redis, clock: fixedClock() });
  const people = Array.from({ length: PEOPLE }, (_, nth) => `whatsapp:+3460000${nth}`);

  const write = async (users: readonly string[]): Promise<void> => {
    const writes = users.flatMap((user_id) =>
      Array.from({ length: MESSAGES }, (_, nth) => ({
        tag: tagOf(user_id),
        generation: 1,
        kind: "message" as const,
        message: aStoredMessage({ user_id, message_id: `m-${nth}` }),
      })),
    );
    await cache.write(writes);
  };
  /** Milliseconds; a context and a session of each must be gone. */
  const timed = async (users: readonly string[], erase: () => Promise<number>): Promise<number> => {
    await write(users);
    const began = performance.now();
    const removed = await erase();
    const took = performance.now() - began;
    const held = await admin.dbsize();
    if (removed !== 2 * users.length || held !== KEYS)
      throw new Error(`${removed} keys were removed, ${held} are left`);
    return took;
  };
  const byStore = async (users: readonly string[]): Promise<number> => {
    const { removed } = await store.erase(
      users.map((user_id) => aTarget(user_id)),
      aPace(),
    );
    return removed.reduce((sum, { items }) => sum + items, 0);
  };

  const one = people.slice(0, 1);
  try {
    const time = await interleave(
      {
        computed: () => timed(one, () => byStore(one)),
        people: () => timed(people, () => byStore(people)),
        scan: () => timed(one, () => byScan(admin, tagOf(one[0] ?? ""))),
      },
      ROUNDS,
    );
    const spread = spreadOf(ratios(time.scan, time.computed));
    return [
      {
        what: `erasing a person among ${number(KEYS)} keys`,
        measured: spreadText(spreadOf(time.computed), " ms"),
        against: `SCAN MATCH, COUNT 1,000, and DEL: ${spreadText(spreadOf(time.scan), " ms")}, ${spreadText(spread, " ×")}`,
        target: atLeast(500, spread.median, " ×"),
        figures: { computed: spreadOf(time.computed), scan: spreadOf(time.scan), ratio: spread },
      },
      {
        what: `erasing ${PEOPLE} people among them in one call`,
        measured: spreadText(spreadOf(time.people), " ms"),
        against: "one person",
        figures: { people: spreadOf(time.people) },
      },
    ];
  } finally {
    redis.close();
    await admin.flushall();
  }
}

async function fill(redis: Redis): Promise<void> {
  const part = 10_000;
  for (let start = 0; start < KEYS; start += part) {
    const pairs: string[] = [];
    for (let index = start; index < start + part; index++)
      pairs.push(contextKey(index.toString(16).padStart(64, "0")), "");
    await redis.mset(...pairs);
  }
}

async function byScan(redis: Redis, tag: string): Promise<number> {
  let removed = 0;
  let cursor = "0";
  do {
    const [next, keys] = await redis.scan(cursor, "MATCH", `*{${tag}}`, "COUNT", 1_000);
    if (keys.length > 0) removed += await redis.del(...keys);
    cursor = next;
  } while (cursor !== "0");
  return removed;
}
