import type { Session, SessionCache } from "../../core/ports/session-cache.ts";
import type { RedisClient } from "./client.ts";
import { SESSION_SECONDS, sessionKey } from "./keys.ts";
import { runScript, script, values } from "./scripts.ts";

const TEXTS = ["session_id", "last_activity", "current_state", "context_summary"] as const;
const OBJECTS = ["cached_responses", "user_preferences"] as const;

/** KEYS session. ARGV generation, life (s), then field and value of each. A later generation starts anew. */
const updateScript = script(`
local held = tonumber(redis.call('HGET', KEYS[1], 'generation'))
if held and held > tonumber(ARGV[1]) then return 0 end
if held and held < tonumber(ARGV[1]) then redis.call('DEL', KEYS[1]) end
redis.call('HSET', KEYS[1], 'generation', ARGV[1])
for at = 3, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[at], ARGV[at + 1]) end
redis.call('EXPIRE', KEYS[1], ARGV[2])
return 1
`);

/** Sessions in Valkey: one hash a person, in the slot of their context, which renews it with every message. */
export const createSessionCache = ({ redis }: { readonly redis: RedisClient }): SessionCache => ({
  async get(tag: string): Promise<Session | undefined> {
    const key = sessionKey(tag);
    const replies = await redis.run(async (connection) =>
      values(await connection.pipeline().hgetall(key).expire(key, SESSION_SECONDS).exec()),
    );
    const { generation, ...fields } = replies[0] as Record<string, string>;
    return generation === undefined ? undefined : sessionOf(fields);
  },

  async update(tag: string, generation: number, fields: Session): Promise<boolean> {
    const [updated] = await runScript(redis, updateScript, [
      { keys: [sessionKey(tag)], args: [generation, SESSION_SECONDS, ...argsOf(fields)] },
    ]);
    return updated === 1;
  },
});

const argsOf = (fields: Session): string[] => [
  ...TEXTS.flatMap((name) => (fields[name] === undefined ? [] : [name, fields[name]])),
  ...OBJECTS.flatMap((name) => (fields[name] === undefined ? [] : [name, JSON.stringify(fields[name])])),
];

const sessionOf = (held: Record<string, string>): Session =>
  Object.fromEntries([
    ...TEXTS.flatMap((name) => (held[name] === undefined ? [] : [[name, held[name]]])),
    ...OBJECTS.flatMap((name) => (held[name] === undefined ? [] : [[name, JSON.parse(held[name])]])),
  ]);
