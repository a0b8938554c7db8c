import { randomUUID } from "node:crypto";
import { createServer } from "node:net";
import { afterAll, describe, expect, it } from "vitest";
import { createRedisClient, type RedisClient } from "../../../functions/adapters/redis/client.ts";
import { createContextCache } from "../../../functions/adapters/redis/context-cache.ts";
import { createSessionCache } from "../../../functions/adapters/redis/session-cache.ts";
import { systemClock } from "../../../functions/core/domain/clock.ts";
import { CONTEXT_CAPACITY } from "../../../functions/core/ports/context-cache.ts";
import { aStoredMessage, fixedClock, later } from "../../support/builders.ts";
import { seededRandom } from "../../support/random.ts";
import { openRedis } from "./engine.ts";

const { redis, outside, url, close } = await openRedis();
afterAll(close);
const cache = createContextCache({ redis, clock: systemClock });
const row = (at: number, over = {}) =>
  aStoredMessage({ message_id: `m${at}`, timestamp: later(at * 1_000), content: `CANARIO ${at}`, ...over });
const writesOf = (tag: string, count: number) =>
  Array.from({ length: count }, (_, at) => ({
    tag,
    generation: 1,
    kind: "message" as const,
    message: row(at),
  }));

async function fill(tag: string, count: number): Promise<void> {
  const lease = await cache.beginFill(tag, 1);
  expect(
    lease &&
      (await cache.commitFill(
        lease,
        Array.from({ length: count }, (_, at) => row(at)),
      )),
  ).toBe(true);
}

/** Packets that `work` sends to Valkey, and the commands in them, seen from the connection. */
async function trafficOf(work: (client: RedisClient) => Promise<unknown>) {
  const client = createRedisClient({ url });
  const sent: string[] = [];
  const stream = (await client.run(async (connection) => connection.stream)) as unknown as {
    write: (data: string | Buffer) => boolean;
  };
  const original = stream.write.bind(stream);
  stream.write = (data) => {
    sent.push(String(data));
    return original(data);
  };
  await work(client);
  client.close();
  const commands = sent.flatMap((packet) =>
    [...packet.matchAll(/\*\d+\r\n\$\d+\r\n([a-z]+)\r\n/gi)].map(([, name]) => name),
  );
  return { packets: sent.length, commands };
}

describe("Contexts in Valkey", () => {
  it("answers a hit with one native command", async () => {
    const tag = randomUUID();
    await fill(tag, CONTEXT_CAPACITY);
    const traffic = await trafficOf(async (client) => {
      const shown = await createContextCache({ redis: client, clock: systemClock }).read(tag, 20);
      expect(shown).toHaveLength(20);
    });
    expect(traffic).toEqual({ packets: 1, commands: ["zrevrange"] });
  });

  it("writes a batch in one round trip, one script call a person", async () => {
    const [tag, other] = [randomUUID(), randomUUID()];
    await cache.write(writesOf(tag, 1)); // the script is known from here on
    const mixed = writesOf(tag, 10).map((write, at) => (at % 3 === 0 ? { ...write, tag: other } : write));
    const traffic = await trafficOf((client) =>
      createContextCache({ redis: client, clock: systemClock }).write(mixed),
    );
    expect(traffic).toEqual({ packets: 1, commands: ["evalsha", "evalsha"] });
  });

  it("leaves after a batch what its messages leave one by one", { timeout: 60_000 }, async () => {
    const random = seededRandom(11);
    const below = (limit: number) => Math.floor(random() * limit);
    const small = createContextCache({ redis, clock: fixedClock(), capacity: 4 });
    const heldOf = async (tag: string) => outside.zrange(`context:{${tag}}`, "0", "-1", "WITHSCORES");
    const sessionOf = (tag: string) => outside.hgetall(`session:{${tag}}`);
    for (let round = 0; round < 150; round += 1) {
      const [together, apart] = [randomUUID(), randomUUID()];
      const lease =
        round % 3 === 0 ? undefined : await Promise.all([together, apart].map((t) => small.beginFill(t, 1)));
      const rows = Array.from({ length: below(6) }, (_, at) => row(6 + at * 3));
      for (const held of lease ?? []) if (held) await small.commitFill(held, rows);
      for (let batch = 0; batch < 3; batch += 1) {
        const writes = Array.from({ length: 1 + below(8) }, () => {
          const at = below(20);
          return {
            generation: below(20) === 0 ? 2 : 1,
            kind: below(12) === 0 ? ("edit" as const) : ("message" as const),
            message: row(at, { first_received_at: later(at) }),
          };
        });
        // Deletions make room above a horizon: below it nothing may be taken in all the same.
        const gone = [0, 1].map(() => row(6 + 3 * below(5), { deleted: true, content: "", revision: 2 }));
        for (const tag of round % 2 === 0 ? [together, apart] : [])
          await small.apply(gone.map((of) => ({ tag, row: of })));
        await small.write(writes.map((write) => ({ ...write, tag: together })));
        for (const write of writes) await small.write([{ ...write, tag: apart }]);
        expect(await heldOf(together), `round ${round}`).toEqual(await heldOf(apart));
        expect(await sessionOf(together), `round ${round}`).toEqual(await sessionOf(apart));
      }
    }
  });

  it("takes nothing in below the horizon, however much of a batch lies there", async () => {
    const tag = randomUUID();
    const small = createContextCache({ redis, clock: systemClock, capacity: 4 });
    const lease = await small.beginFill(tag, 1);
    if (!lease) throw new Error("no lease");
    await small.commitFill(
      lease,
      [10, 11, 12, 13].map((at) => row(at)),
    );
    const gone = [11, 12].map((at) => ({ tag, row: row(at, { deleted: true, content: "", revision: 2 }) }));
    await small.apply(gone);
    const written = await small.write(writesOf(tag, 3));
    expect(written.map(({ status }) => status)).toEqual(["older", "older", "older"]);
    expect((await small.read(tag, 2))?.map(({ message_id }) => message_id)).toEqual(["m13", "m10"]);
    expect(await small.read(tag, 3)).toBeUndefined();
  });

  it("takes what another version wrote for a miss, and fills over it", async () => {
    const tag = randomUUID();
    await fill(tag, 2);
    const { message_id, timestamp } = row(5);
    const foreign = `${timestamp} 000000 ${message_id} 1 {"message_id":"${message_id}"}`;
    await outside.zadd(`context:{${tag}}`, Date.parse(timestamp) + 1e14, foreign);
    expect(await cache.read(tag, 2)).toBeUndefined();
    await outside.zadd(`context:{${tag}}`, -(Date.parse(timestamp) + 1e14), `#${message_id}`);
    await fill(tag, 6);
    expect((await cache.read(tag, 2))?.map(({ content }) => content)).toEqual(["CANARIO 5", "CANARIO 4"]);
  });

  it("goes on when the server has forgotten its scripts", async () => {
    const tag = randomUUID();
    await fill(tag, 0);
    await outside.script("FLUSH");
    const outcomes = await cache.write(writesOf(tag, 10));
    expect(outcomes.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => "applied"));
    await outside.script("FLUSH");
    await cache.apply([{ tag, row: row(3, { revision: 2, content: "CANARIO editado" }) }]);
    expect((await cache.read(tag, 10))?.map(({ revision }) => revision)).toEqual([
      1, 1, 1, 1, 1, 1, 2, 1, 1, 1,
    ]);
  });

  it("lives an hour after the last write, and so does the session for half an hour", async () => {
    const tag = randomUUID();
    await cache.write(writesOf(tag, 2));
    expect(await outside.ttl(`context:{${tag}}`)).toBeGreaterThan(3_590);
    expect(await outside.ttl(`session:{${tag}}`)).toBeGreaterThan(1_795);
    expect(await createSessionCache({ redis }).get(tag)).toEqual({
      session_id: row(1).session_id,
      last_activity: row(1).first_received_at,
    });
  });

  it("keeps the later activity and the later generation of a session", async () => {
    const tag = randomUUID();
    const write = (at: number, generation: number, session_id: string) =>
      cache.write([{ tag, generation, kind: "message", message: row(at, { session_id }) }]);
    const sessionId = async () => (await createSessionCache({ redis }).get(tag))?.session_id;
    await write(5, 1, "later");
    await write(4, 1, "earlier");
    expect(await sessionId()).toBe("later");
    await createSessionCache({ redis }).update(tag, 1, { context_summary: "CANARIO" });
    await write(3, 2, "next generation");
    await write(9, 1, "erased");
    expect(await sessionId()).toBe("next generation");
    expect(await outside.hget(`session:{${tag}}`, "context_summary")).toBeNull();
  });

  it("keeps the person's session through an edit or a deletion, which name another or none", async () => {
    const tag = randomUUID();
    const message = row(1, { session_id: "s-now" });
    await cache.write([{ tag, generation: 1, kind: "message", message }]);
    for (const kind of ["edit", "delete"] as const) {
      await cache.write([{ tag, generation: 1, kind, message: row(5, { session_id: "-" }) }]);
      expect(await createSessionCache({ redis }).get(tag)).toEqual({
        session_id: "s-now",
        last_activity: message.first_received_at,
      });
    }
  });

  it("does not grow with the messages that pass through", async () => {
    const tag = randomUUID();
    await fill(tag, CONTEXT_CAPACITY);
    await cache.write(writesOf(tag, 300));
    for (let at = 250; at < 300; at += 1)
      await cache.apply([{ tag, row: row(at, { deleted: true, revision: 2 }) }]);
    await cache.write(writesOf(tag, 400));
    expect(await outside.zcard(`context:{${tag}}`)).toBeLessThanOrEqual(2 * CONTEXT_CAPACITY + 4);
  });

  it("begins anew where only deletions pile up", async () => {
    const tag = randomUUID();
    await fill(tag, 0);
    const gone = Array.from({ length: 4 * CONTEXT_CAPACITY + 1 }, (_, at) => ({
      tag,
      row: row(at, { deleted: true, revision: 2 }),
    }));
    await cache.apply(gone);
    expect(await outside.exists(`context:{${tag}}`)).toBe(0);
  });
});

describe("Valkey that cannot be used", () => {
  const failureOf = async (client: RedisClient): Promise<{ error: Error; took: number }> => {
    const started = performance.now();
    const tag = randomUUID();
    const work = createContextCache({ redis: client, clock: systemClock }).write(writesOf(tag, 3));
    const error = await work.then(
      () => new Error("did not fail"),
      (reason: unknown) => reason as Error,
    );
    client.close();
    expect(error.message).not.toMatch(new RegExp(`CANARIO|m1|${tag}|Secreta`));
    return { error, took: performance.now() - started };
  };

  it("fails fast where nothing listens", async () => {
    const { error, took } = await failureOf(createRedisClient({ url: "redis://127.0.0.1:1" }));
    expect(error).toMatchObject({ name: "TransientError" });
    expect(error.message).toMatch(/Valkey: no answer \(network, ECONNREFUSED\).*security group/);
    expect(took).toBeLessThan(1_500);
  });

  it("fails fast where nothing answers", async () => {
    const silent = createServer(() => {}).listen(0, "127.0.0.1");
    await new Promise((resolve) => silent.once("listening", resolve));
    const address = silent.address();
    const port = typeof address === "object" && address ? address.port : 0;
    const { error, took } = await failureOf(createRedisClient({ url: `redis://127.0.0.1:${port}` }));
    expect(error).toMatchObject({ name: "TransientError" });
    expect(took).toBeLessThan(2_500);
    silent.close();
  });

  it("says that the password is wrong", async () => {
    const { error } = await failureOf(createRedisClient({ url: url.replace("//", "//nadie:Secreta@") }));
    expect(error).toMatchObject({ name: "PermanentError" });
    expect(error.message).toMatch(/Valkey: credentials or permission refused \(WRONGPASS\)/);
  });

  it("connects once the password has been mended", async () => {
    const user = `u${randomUUID().slice(0, 8)}`;
    const client = createRedisClient({ url: url.replace("//", `//${user}:Secreta@`) });
    const ping = () => client.run((connection) => connection.ping());
    await expect(ping()).rejects.toThrow("WRONGPASS");
    await outside.acl("SETUSER", user, "on", ">Secreta", "+ping", "+hello");
    expect(await ping()).toBe("PONG");
    await outside.acl("DELUSER", user);
    client.close();
  });

  it("says that a command is not permitted", async () => {
    const user = `u${randomUUID().slice(0, 8)}`;
    await outside.acl("SETUSER", user, "on", ">Secreta", "+hello");
    const { error } = await failureOf(createRedisClient({ url: url.replace("//", `//${user}:Secreta@`) }));
    await outside.acl("DELUSER", user);
    expect(error).toMatchObject({ name: "PermanentError" });
    expect(error.message).toContain("(NOPERM)");
  });

  it("keeps the text out of a refused command's error", async () => {
    const tag = randomUUID();
    await outside.set(`context:{${tag}}`, "CANARIO");
    const error = await cache.read(tag, 5).catch((reason: unknown) => reason as Error);
    expect(error).toMatchObject({ name: "PermanentError" });
    expect(String(error)).toMatch(/command refused \(WRONGTYPE\)/);
    expect(String(error)).not.toMatch(/CANARIO|context:/);
    await outside.del(`context:{${tag}}`);
  });

  it("works again after its connection was cut", async () => {
    const client = createRedisClient({ url });
    const id = await client.run((connection) => connection.client("ID"));
    await outside.client("KILL", "ID", id);
    const tag = randomUUID();
    expect(await createContextCache({ redis: client, clock: systemClock }).write(writesOf(tag, 1))).toEqual([
      { item: 0, status: "applied" },
    ]);
    client.close();
  });
});
