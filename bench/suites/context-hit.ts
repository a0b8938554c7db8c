import { createRedisClient } from "../../functions/adapters/redis/client.ts";
import { createContextCache } from "../../functions/adapters/redis/context-cache.ts";
import { contextKey } from "../../functions/adapters/redis/keys.ts";
import { systemClock } from "../../functions/core/domain/clock.ts";
import type { MessageMetadata, StoredMessage } from "../../functions/core/domain/message.ts";
import type { ContextCache } from "../../functions/core/ports/context-cache.ts";
import type { BenchValkey } from "../bench-valkey.ts";
import { ONE_WAY_MS, openDistance } from "../distance.ts";
import { chat } from "../messages.ts";
import { atMost, number, type Result, spreadText } from "../result.ts";
import { interleave, ratios, spreadOf } from "../statistics.ts";

const ROUNDS = 11;
const CALLS = 400;
/** Messages asked for: what a bot puts before its model. */
const LIMIT = 20;
/** As `PerformAnalytics` fills it in. */
const ANALYSIS: MessageMetadata = {
  sentiment: "positive",
  sentiment_score: 0.4411,
  intent: "order_status",
  language: "es",
};

/** A context that is in the cache: round trips, and its time beside a PING on the same connection. */
export async function benchContextHit(valkey: BenchValkey): Promise<Result[]> {
  const { admin, port, url } = valkey;
  await admin.flushall();
  const near = await measure(valkey, url);
  const distance = await openDistance(port, ONE_WAY_MS);
  try {
    return [
      ...near,
      ...(await measure(valkey, distance.url, `, ${number(2 * ONE_WAY_MS)} ms away and back`)),
    ];
  } finally {
    await distance.close();
  }
}

async function measure({ admin }: BenchValkey, url: string, where?: string): Promise<Result[]> {
  const redis = createRedisClient({ url });
  try {
    const cache = createContextCache({ redis, clock: systemClock });
    const tag = await fill(cache, 3, {});
    const analysedTag = await fill(cache, 4, ANALYSIS);
    const hit = async (limit: number, of = tag): Promise<void> => {
      const messages = await cache.read(of, limit);
      if (messages?.length !== limit) throw new Error(`the context is no hit for ${limit} messages`);
    };
    const trips = await countTrips(admin, CALLS, () => hit(LIMIT));
    const time = await interleave(
      {
        hit: () => eachTakes(() => hit(LIMIT)),
        analysed: () => eachTakes(() => hit(LIMIT, analysedTag)),
        command: () =>
          eachTakes(() => redis.run((connection) => connection.zrevrange(contextKey(tag), 0, LIMIT))),
        ping: () => eachTakes(() => redis.run((connection) => connection.ping())),
      },
      ROUNDS,
    );
    const pings = spreadOf(time.ping);
    const row = (what: string, values: readonly number[], isTarget: boolean): Result => {
      const ratio = spreadOf(ratios(values, time.ping));
      return {
        what: `${what}${where ?? ", loopback"}`,
        measured: `${spreadText(ratio, " ×")}; ${spreadText(spreadOf(values), " µs")}`,
        against: `PING on the same connection: ${spreadText(pings, " µs")}`,
        ...(isTarget && { target: atMost(1.3, ratio.median, " ×") }),
        figures: { ratio, hit: spreadOf(values), ping: pings },
      };
    };
    const counted: Result = {
      what: "context hit, round trips",
      measured: `${number(trips.reads)} read by the server and ${number(trips.commands)} command a hit`,
      against: `counted by the server over ${CALLS} hits`,
      target: { text: "= 1", met: trips.reads === 1 && trips.commands === 1 },
      figures: { ...trips },
    };
    return [
      ...(where === undefined ? [counted] : []),
      row(`context hit of ${LIMIT} messages`, time.hit, true),
      row(`context hit of ${LIMIT} messages, each with its analysis`, time.analysed, false),
      row("its command alone, reply not parsed into messages", time.command, false),
    ];
  } finally {
    redis.close();
  }
}

/** A person with 30 messages, filled from rows as `read-context` does after a miss. */
async function fill(cache: ContextCache, seed: number, metadata: MessageMetadata): Promise<string> {
  const rows = chat({ seed, users: 1, count: 30 }).map(
    (message): StoredMessage => ({ ...message, metadata, revision: 1, deleted: false }),
  );
  const [first] = chat({ seed, users: 1, count: 1 });
  const lease = first && (await cache.beginFill(first.tag, 1));
  if (!lease || !(await cache.commitFill(lease, rows))) throw new Error("the context was not filled");
  return lease.tag;
}

/** Median of the time of each call, µs. */
async function eachTakes(call: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let count = 0; count < CALLS; count++) {
    const began = performance.now();
    await call();
    times.push(1_000 * (performance.now() - began));
  }
  return spreadOf(times).median;
}

/** What the server says it read and ran for each call; its own question about it does not count. */
async function countTrips(
  admin: BenchValkey["admin"],
  calls: number,
  call: () => Promise<unknown>,
): Promise<{ reads: number; commands: number }> {
  const counters = async (): Promise<{ reads: number; commands: number }> => {
    const info = await admin.info("stats");
    const value = (name: string): number => Number(new RegExp(`^${name}:(\\d+)`, "m").exec(info)?.[1]);
    return { reads: value("total_reads_processed"), commands: value("total_commands_processed") };
  };
  await call();
  const before = await counters();
  for (let count = 0; count < calls; count++) await call();
  const after = await counters();
  return {
    reads: (after.reads - before.reads - 1) / calls,
    commands: (after.commands - before.commands - 1) / calls,
  };
}
