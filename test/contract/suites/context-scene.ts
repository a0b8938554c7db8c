import { randomUUID } from "node:crypto";
import { beforeEach } from "vitest";
import type { Clock } from "../../../functions/core/domain/clock.ts";
import type { MessageKind, StoredMessage } from "../../../functions/core/domain/message.ts";
import type { ContextCache } from "../../../functions/core/ports/context-cache.ts";
import { aStoredMessage, later, NOW } from "../../support/builders.ts";

/** Opens a cache that holds `capacity` messages a person, or as many as the product's. */
export type OpenContextCache = (clock: Clock, capacity?: number) => ContextCache;

/** A row of `at` seconds after the fixed moment, named after it. */
export const row = (at: number, over: Partial<StoredMessage> = {}): StoredMessage =>
  aStoredMessage({ message_id: `m${at}`, timestamp: later(at * 1_000), content: `text ${at}`, ...over });

/** One cache, another person and the same moment for each test. */
export function contextScene(open: OpenContextCache) {
  let now = NOW;
  let tag = "";
  const cache = open(() => new Date(now));
  beforeEach(() => {
    now = NOW;
    tag = randomUUID();
  });
  return {
    cache,
    tag: () => tag,
    goTo(moment: string): void {
      now = moment;
    },
    read: (limit: number) => cache.read(tag, limit),
    async write(message: StoredMessage, kind: MessageKind = "message") {
      const [outcome] = await cache.write([{ tag, generation: message.generation, kind, message }]);
      return outcome?.status;
    },
    apply: (changed: StoredMessage) => cache.apply([{ tag, row: changed }]),
    evict: () => cache.invalidate([tag]),
    begin: (generation = 1) => cache.beginFill(tag, generation),
    async fill(rows: readonly StoredMessage[], generation = 1): Promise<boolean> {
      const lease = await cache.beginFill(tag, generation);
      return lease !== undefined && cache.commitFill(lease, rows);
    },
    idsOf: async (limit = 10) => (await cache.read(tag, limit))?.map(({ message_id }) => message_id),
    textsOf: async (limit = 10) => (await cache.read(tag, limit))?.map(({ content }) => content),
  };
}
