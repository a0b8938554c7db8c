import type { Clock } from "../../core/domain/clock.ts";
import type { ContextInspector } from "../../core/ports/context-inspector.ts";
import type { RedisClient } from "./client.ts";
import { heldAmong } from "./context-members.ts";
import { contextKey } from "./keys.ts";
import { values } from "./scripts.ts";

/** Looks at contexts in Valkey. */
export const createContextInspector = ({
  redis,
  clock,
}: {
  readonly redis: RedisClient;
  readonly clock: Clock;
}): ContextInspector => ({
  async held(tags) {
    if (tags.length === 0) return [];
    const contexts = await redis.run(async (connection) => {
      const pipeline = connection.pipeline();
      for (const tag of tags) pipeline.zrevrange(contextKey(tag), 0, -1);
      return values(await pipeline.exec());
    });
    const now = clock().getTime();
    return contexts.map((members) => heldAmong(members as string[], now));
  },
});
