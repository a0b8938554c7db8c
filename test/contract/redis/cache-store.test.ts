import { randomUUID } from "node:crypto";
import { afterAll, describe, expect, it } from "vitest";
import { createCacheStore } from "../../../functions/adapters/redis/cache-store.ts";
import { createRedisClient, type RedisClient } from "../../../functions/adapters/redis/client.ts";
import { createContextCache } from "../../../functions/adapters/redis/context-cache.ts";
import { createSessionCache } from "../../../functions/adapters/redis/session-cache.ts";
import { TransientError } from "../../../functions/core/domain/errors.ts";
import { aStoredMessage, fixedClock, tagOf } from "../../support/builders.ts";
import { aPace, aTarget } from "../../support/erasure-targets.ts";
import { type Placed, personalStoreSuite } from "../suites/personal-store.ts";
import { openRedis } from "./engine.ts";

const { redis, outside, close } = await openRedis();
const away = createRedisClient({ url: "redis://127.0.0.1:1" });
afterAll(() => {
  away.close();
  return close();
});

const cache = createContextCache({ redis, clock: fixedClock() });
const sessions = createSessionCache({ redis });
const store = createCacheStore({ redis });

/** A context, filled whole, and a session, under the tag. */
async function place({ user_id, generation, canary = "hola" }: Placed, tag = tagOf(user_id)): Promise<void> {
  const row = aStoredMessage({
    user_id,
    generation,
    content: canary,
    session_id: `s-${canary}`,
    metadata: { intent: canary, nota: canary },
    tool_calls: [{ tool: "buscar", args: { q: canary }, result: canary }],
    media: { caption: canary },
  });
  const lease = await cache.beginFill(tag, generation);
  if (lease) await cache.commitFill(lease, [row]);
  await sessions.update(tag, generation, {
    session_id: row.session_id,
    current_state: canary,
    context_summary: canary,
    cached_responses: { a: canary },
    user_preferences: { language: canary },
  });
}

/** All values of all keys, not only of those that Hilo knows how to name. */
async function everything(): Promise<string> {
  const values: unknown[] = [];
  for (const key of await outside.keys("*")) {
    const type = await outside.type(key);
    if (type === "zset") values.push(key, await outside.zrangebyscore(key, "-inf", "+inf"));
    else if (type === "hash") values.push(key, await outside.hgetall(key));
    else values.push(key, type === "string" ? await outside.get(key) : await outside.dump(key));
  }
  return JSON.stringify(values);
}

const namesOf = (tag: string): [string, string] => [`context:{${tag}}`, `session:{${tag}}`];

personalStoreSuite("Valkey", async () => ({
  store,
  place: async (data) => {
    await Promise.all(data.map((one) => place(one)));
  },
  heldOf: (userId) => outside.exists(...namesOf(tagOf(userId))),
  raw: everything,
  itemsOfOne: 2,
  isSingle: true,
  many: 250,
  steps: 3,
  dying(at) {
    let moments = 0;
    const live = (): void => {
      if (moments++ >= at) throw new TransientError("killed");
    };
    const mortal: RedisClient = {
      ...redis,
      async run(work) {
        live();
        const result = await redis.run(work);
        live();
        return result;
      },
    };
    return createCacheStore({ redis: mortal });
  },
  away: createCacheStore({ redis: away }),
  name: /Valkey/,
}));

describe("The cache, erased", () => {
  const aPerson = (): string => `web:${randomUUID()}`;

  it("finds what was written under every key of the chain", async () => {
    const user_id = aPerson();
    const tags = [`old-${randomUUID()}`, `new-${randomUUID()}`] as const;
    for (const tag of tags) await place({ user_id, generation: 1, canary: tag }, tag);
    const target = aTarget(user_id, { tag: tags[1], tags });
    const exported: string[] = [];
    for await (const { name } of store.export(target)) exported.push(name);
    expect(exported).toEqual(["context", "session", "context 2", "session 2"]);
    expect((await store.count([target]))[0]?.items).toBe(4);
    expect((await store.erase([target], aPace())).removed[0]?.items).toBe(4);
    expect(await outside.exists(...tags.flatMap(namesOf))).toBe(0);
  });

  it("leaves a context that began anew, whole, while the session of before goes", async () => {
    const user_id = aPerson();
    const tag = tagOf(user_id);
    await place({ user_id, generation: 1 });
    const row = aStoredMessage({ user_id, generation: 2, content: "nueva" });
    const lease = await cache.beginFill(tag, 2);
    if (lease) await cache.commitFill(lease, [row]);
    expect((await store.erase([aTarget(user_id)], aPace())).removed[0]?.items).toBe(1);
    expect(await sessions.get(tag)).toBeUndefined();
    expect((await cache.read(tag, 1))?.[0]?.content).toBe("nueva");
  });

  it("removes what another version wrote: without generation, or of another type", async () => {
    const people = [aPerson(), aPerson(), aPerson(), aPerson()];
    const [list, text, unmarked, fields] = people.map((id) => namesOf(tagOf(id)));
    await outside.rpush(list?.[0] ?? "", "a", "b");
    await outside.set(text?.[0] ?? "", "CANARIO");
    await outside.zadd(unmarked?.[0] ?? "", 1, "CANARIO");
    await outside.hset(fields?.[1] ?? "", { current_state: "CANARIO" });
    const { removed } = await store.erase(
      people.map((id) => aTarget(id)),
      aPace(),
    );
    expect(removed.map(({ items }) => items)).toEqual([1, 1, 1, 1]);
    expect(await outside.exists(...people.flatMap((id) => namesOf(tagOf(id))))).toBe(0);
  });

  it("asks for no key but the person's: a script a person, no KEYS, no SCAN", async () => {
    const people = Array.from({ length: 20 }, aPerson);
    for (const user_id of people) await place({ user_id, generation: 1 });
    await outside.config("RESETSTAT");
    await store.erase(
      people.map((id) => aTarget(id)),
      aPace(),
    );
    const stats = await outside.info("commandstats");
    const calls = (name: string) => Number(new RegExp(`cmdstat_${name}:calls=(\\d+)`).exec(stats)?.[1] ?? 0);
    // Once to look, once to erase.
    expect([calls("evalsha"), calls("unlink")]).toEqual([40, 40]);
    expect(stats).not.toMatch(/cmdstat_(keys|scan)/);
  });
});
