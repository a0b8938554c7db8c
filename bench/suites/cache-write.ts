import { Redis } from "ioredis";
import { createRedisClient } from "../../functions/adapters/redis/client.ts";
import { createContextCache } from "../../functions/adapters/redis/context-cache.ts";
import { systemClock } from "../../functions/core/domain/clock.ts";
import type { RoutedMessage } from "../../functions/core/domain/message.ts";
import { storeInCache } from "../../functions/core/use-cases/store-in-cache.ts";
import type { BenchValkey } from "../bench-valkey.ts";
import { ONE_WAY_MS, openDistance } from "../distance.ts";
import { chat } from "../messages.ts";
import { atLeast, number, type Result, spreadText } from "../result.ts";
import { interleave, ratios, spreadOf } from "../statistics.ts";

const ROUNDS = 9;

/** Messages whose time in the server is counted. */
const COUNTED = 1_000;

/** Storing messages in the cache: Hilo's state `StoreInCache` beside four awaited commands a message. */
export async function benchCacheWrite(valkey: BenchValkey): Promise<Result[]> {
  const near = await compare(valkey, valkey.url, 1_000);
  const distance = await openDistance(valkey.port, ONE_WAY_MS);
  try {
    const far = await compare(valkey, distance.url, 200);
    return [
      ...rows(near, "loopback"),
      ...rows(far, `${number(2 * ONE_WAY_MS)} ms away and back`),
      await serverTime(valkey),
    ];
  } finally {
    await distance.close();
  }
}

/** What the server itself works for a message: the least that any way of sending it can take. */
async function serverTime({ admin, url }: BenchValkey): Promise<Result> {
  const client = createRedisClient({ url });
  const cache = createContextCache({ redis: client, clock: systemClock });
  const naive = new Redis(url);
  const messages = chat({ seed: 0, users: 60, count: COUNTED });
  try {
    const hilo = await microseconds(admin, async () => {
      for (let start = 0; start < messages.length; start += 10)
        await storeInCache({ messages: messages.slice(start, start + 10) }, cache);
    });
    const commands = await microseconds(admin, () => fourCommands(naive, messages));
    return {
      what: "the server's own time for a message",
      measured: `${number(hilo)} µs in the script`,
      against: `the four commands: ${number(commands)} µs`,
      figures: { hilo, commands },
    };
  } finally {
    client.close();
    naive.disconnect();
  }
}

/** Time that the server spent on commands of clients for each message, µs. */
async function microseconds(admin: Redis, work: () => Promise<void>): Promise<number> {
  await admin.flushall();
  await admin.config("RESETSTAT");
  await work();
  const info = await admin.info("commandstats");
  const spent = (command: string): number =>
    Number(new RegExp(`^cmdstat_${command}:.*?usec=(\\d+)`, "m").exec(info)?.[1] ?? 0);
  // What a script calls is in the script's time already.
  const script = spent("evalsha");
  const commands = ["hset", "expire", "lpush", "ltrim"].reduce((sum, name) => sum + spent(name), 0);
  return (script > 0 ? script : commands) / COUNTED;
}

type Measured = Readonly<Record<"alone" | "batch10" | "batch100" | "commands", readonly number[]>>;

/** Messages a second of each contestant, from the same messages in the same round. */
async function compare({ admin }: BenchValkey, url: string, count: number): Promise<Measured> {
  const client = createRedisClient({ url });
  const cache = createContextCache({ redis: client, clock: systemClock });
  const naive = new Redis(url, { lazyConnect: true });
  await naive.connect();
  let round = 0;
  const timed = (store: (messages: readonly RoutedMessage[]) => Promise<void>) => async () => {
    await admin.flushall();
    const messages = chat({ seed: round++, users: 60, count });
    const began = performance.now();
    await store(messages);
    return (1_000 * count) / (performance.now() - began);
  };
  const inBatches = (size: number) =>
    timed(async (messages) => {
      for (let start = 0; start < messages.length; start += size)
        await storeInCache({ messages: messages.slice(start, start + size) }, cache);
    });
  try {
    return await interleave(
      {
        alone: inBatches(1),
        batch10: inBatches(10),
        batch100: inBatches(100),
        commands: timed((messages) => fourCommands(naive, messages)),
      },
      ROUNDS,
    );
  } finally {
    client.close();
    naive.disconnect();
  }
}

/**
 * The peer: a session's hash, a context's list. It has none of the guards (once only, order, deletions, generations)
 * and leaves out the list's own expiry, which would be a fifth command.
 */
async function fourCommands(redis: Redis, messages: readonly RoutedMessage[]): Promise<void> {
  for (const message of messages) {
    const session = `session:{${message.tag}}`;
    const context = `recent:{${message.tag}}`;
    const { tag: _, body_hash: _hash, ...content } = message;
    await redis.hset(
      session,
      "session_id",
      message.session_id,
      "last_activity",
      message.first_received_at,
      "generation",
      message.generation,
    );
    await redis.expire(session, 1_800);
    await redis.lpush(context, JSON.stringify(content));
    await redis.ltrim(context, 0, 49);
  }
}

function rows(measured: Measured, where: string): Result[] {
  const perSecond = (values: readonly number[]): string => spreadText(spreadOf(values), " messages/s");
  const row = (name: "alone" | "batch10" | "batch100", what: string): Result => {
    const ratio = spreadOf(ratios(measured[name], measured.commands));
    return {
      what: `storing a message in the cache, ${what}, ${where}`,
      measured: `${spreadText(ratio, " ×")}; ${perSecond(measured[name])}`,
      against: `four awaited commands a message: ${perSecond(measured.commands)}`,
      ...(name === "batch10" && { target: atLeast(10, ratio.median, " ×") }),
      figures: { ratio, hilo: spreadOf(measured[name]), commands: spreadOf(measured.commands) },
    };
  };
  return [row("batch10", "batches of 10"), row("batch100", "batches of 100"), row("alone", "one a call")];
}
