import { inGroups } from "../../core/domain/batches.ts";
import { type ErasureTarget, isNothing, NOTHING_HELD, type StoreCounts } from "../../core/domain/erasure.ts";
import { failedAfter } from "../../core/domain/erasure-errors.ts";
import type { PersonalRecord, PersonalStore } from "../../core/ports/personal-store.ts";
import type { RedisClient } from "./client.ts";
import { messageOf } from "./context-members.ts";
import { contextKey, sessionKey } from "./keys.ts";
import { runScript, script, values } from "./scripts.ts";

/** Calls of the script in one round trip: a function that must end does so in time, and others get their turn. */
const BATCH = 100;

/**
 * One person's keys under one tag. KEYS context, session. ARGV generation, `erase` or `look`. Answers with the number of
 * keys of generations up to this one, and their bytes. A context of a later generation stays; what holds no generation,
 * or is of another type, was not written by this version and goes.
 */
const settleScript = script(`
local limit, keys, bytes = tonumber(ARGV[1]), 0, 0

local function contents(key, kind)
  if kind == 'zset' then return redis.call('ZRANGE', key, 0, -1) end
  if kind == 'hash' then return redis.call('HGETALL', key) end
  if kind == 'string' then return { redis.call('GET', key) } end
  return {}
end

local function generation_of(key, kind)
  if kind == 'hash' then return tonumber(redis.call('HGET', key, 'generation')) end
  if kind ~= 'zset' then return nil end
  for _, member in ipairs(redis.call('ZRANGEBYSCORE', key, '-inf', '-inf')) do
    local generation = string.match(member, '^=(%d+) ')
    if generation then return tonumber(generation) end
  end
end

for _, key in ipairs(KEYS) do
  local kind = redis.call('TYPE', key).ok
  if kind ~= 'none' and (generation_of(key, kind) or 1) <= limit then
    keys = keys + 1
    for _, value in ipairs(contents(key, kind)) do bytes = bytes + #value end
    if ARGV[2] == 'erase' then redis.call('UNLINK', key) end
  end
end
return { keys, bytes }
`);

/**
 * The cache as a store of personal data: contexts and sessions, under keys computed from each of a person's tags, so
 * that nothing is searched. The generation is compared and the key removed in one script: a context that begins anew
 * meanwhile is not touched. Bytes are those of members and fields.
 */
export function createCacheStore({ redis }: { readonly redis: RedisClient }): PersonalStore {
  async function settle(targets: readonly ErasureTarget[], what: "erase" | "look"): Promise<StoreCounts[]> {
    const counts: StoreCounts[] = targets.map(() => NOTHING_HELD);
    const calls = targets.flatMap((target, nth) =>
      tagsOf(target).map((tag) => ({
        nth,
        keys: [contextKey(tag), sessionKey(tag)],
        args: [target.generation, what],
      })),
    );
    for (const [position, reply] of (await runScript(redis, settleScript, calls)).entries()) {
      const [items, bytes] = reply as [number, number];
      const nth = calls[position]?.nth ?? -1;
      const held = counts[nth] ?? NOTHING_HELD;
      counts[nth] = { ...held, items: held.items + items, bytes: held.bytes + bytes };
    }
    return counts;
  }

  const look = async (targets: readonly ErasureTarget[]): Promise<StoreCounts[]> => {
    const counts: StoreCounts[] = [];
    for (const part of inGroups(targets, BATCH)) counts.push(...(await settle(part, "look")));
    return counts;
  };

  return {
    count: look,
    // Nothing but the keys themselves says what is there: there is no index that could be wrong.
    verify: look,

    async erase(targets, pace) {
      const removed: StoreCounts[] = targets.map(() => NOTHING_HELD);
      // What an earlier call erased takes none of this one's time.
      const held = await look(targets);
      const due = targets.filter((_, nth) => !isNothing(held[nth] ?? NOTHING_HELD));
      for (const part of inGroups(due, BATCH)) {
        if (!pace.hasTime()) return { done: false, removed };
        try {
          const free = new Set((await pace.unheld(part)).map(({ user_id }) => user_id));
          const going = part.filter(({ user_id }) => free.has(user_id));
          for (const [nth, counts] of (await settle(going, "erase")).entries()) {
            removed[targets.indexOf(going[nth] as ErasureTarget)] = counts;
          }
        } catch (error) {
          throw failedAfter(error, removed);
        }
      }
      return { done: true, removed };
    },

    async *export({ tags }): AsyncGenerator<PersonalRecord> {
      for (const [nth, tag] of tags.entries()) {
        const [members, session] = await redis.run(async (connection) =>
          values(
            await connection.pipeline().zrevrange(contextKey(tag), 0, -1).hgetall(sessionKey(tag)).exec(),
          ),
        );
        const messages = (members as string[]).flatMap((member) => messageOf(member) ?? []);
        const suffix = nth === 0 ? "" : ` ${nth + 1}`;
        if (messages.length > 0) yield { kind: "json", name: `context${suffix}`, value: messages };
        if (Object.keys(session as object).length > 0)
          yield { kind: "json", name: `session${suffix}`, value: session };
      }
    },
  };
}

const tagsOf = ({ tag, tags }: ErasureTarget): string[] => [...new Set([...tags, tag])];
