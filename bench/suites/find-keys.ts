import type { Redis } from "ioredis";
import { contextKey, sessionKey } from "../../functions/adapters/redis/keys.ts";
import type { BenchValkey } from "../bench-valkey.ts";
import { number, type Result, spreadText } from "../result.ts";
import { interleave, ratios, spreadOf } from "../statistics.ts";

const KEYS = 1_000_000;
const ROUNDS = 5;
const TAG = "0123456789abcdef".repeat(4);

/** Finding all keys of one person among a million: by their computed names, and by SCAN. */
export async function benchFindKeys({ admin }: BenchValkey): Promise<Result[]> {
  await admin.flushall();
  await fill(admin);
  const time = await interleave(
    {
      computed: () => timed(() => byName(admin)),
      scan: () => timed(() => byScan(admin)),
    },
    ROUNDS,
  );
  const ratio = spreadOf(ratios(time.scan, time.computed));
  await admin.flushall();
  return [
    {
      what: `finding a person's keys among ${number(KEYS)}`,
      measured: spreadText(spreadOf(time.computed), " ms"),
      against: `SCAN MATCH, COUNT 1,000: ${spreadText(spreadOf(time.scan), " ms")}, ${spreadText(ratio, " ×")}`,
      figures: { computed: spreadOf(time.computed), scan: spreadOf(time.scan), ratio },
    },
  ];
}

async function fill(redis: Redis): Promise<void> {
  const part = 10_000;
  for (let start = 0; start < KEYS - 2; start += part) {
    const pairs: string[] = [];
    for (let index = start; index < Math.min(start + part, KEYS - 2); index++)
      pairs.push(contextKey(index.toString(16).padStart(64, "0")), "");
    await redis.mset(...pairs);
  }
  await redis.mset(contextKey(TAG), "", sessionKey(TAG), "");
  const held = await redis.dbsize();
  if (held !== KEYS) throw new Error(`${held} keys are held, not ${KEYS}`);
}

/** Both keys of a person are computed from the tag, so that asking for them is finding them. */
async function byName(redis: Redis): Promise<number> {
  return redis.exists(contextKey(TAG), sessionKey(TAG));
}

async function byScan(redis: Redis): Promise<number> {
  const found = new Set<string>();
  let cursor = "0";
  do {
    const [next, keys] = await redis.scan(cursor, "MATCH", `*{${TAG}}`, "COUNT", 1_000);
    for (const key of keys) found.add(key);
    cursor = next;
  } while (cursor !== "0");
  return found.size;
}

async function timed(find: () => Promise<number>): Promise<number> {
  const began = performance.now();
  const found = await find();
  if (found !== 2) throw new Error(`found ${found} of 2 keys`);
  return performance.now() - began;
}
