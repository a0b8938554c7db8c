import { randomUUID } from "node:crypto";
import type { Clock } from "../../../functions/core/domain/clock.ts";
import type { StoredMessage } from "../../../functions/core/domain/message.ts";
import type { CacheOutcome } from "../../../functions/core/domain/outcome.ts";
import {
  type CacheWrite,
  CONTEXT_CAPACITY,
  type ContextCache,
  type ContextMessage,
  IN_FLIGHT_MS,
} from "../../../functions/core/ports/context-cache.ts";

const LIFE_MS = 3_600_000;

/** `message` is absent where the message was deleted. */
interface Held {
  readonly place: string;
  readonly revision: number;
  readonly message?: ContextMessage;
}

/** One person's context as the fake keeps it. */
export interface FakeContext {
  readonly generation: number;
  readonly born: number;
  expires: number;
  lease?: string;
  completeUntil?: number;
  /** Every message above it is held. */
  horizon?: string;
  readonly held: Map<string, Held>;
}

/** A context cache in memory. */
export function createFakeContextCache({
  clock,
  capacity = CONTEXT_CAPACITY,
  contexts = new Map(),
}: {
  readonly clock: Clock;
  readonly capacity?: number;
  /** What is held, by tag: to look at it, to lose it, to put a replica's in its place. */
  readonly contexts?: Map<string, FakeContext>;
}): ContextCache {
  const now = (): number => clock().getTime();

  function live(tag: string): FakeContext | undefined {
    const context = contexts.get(tag);
    if (context && context.expires > now()) return context;
    contexts.delete(tag);
    return undefined;
  }

  /** The context in which `generation` may write; a lower generation's is dropped. */
  function enter(tag: string, generation: number, create: boolean): FakeContext | "newer" | undefined {
    const present = live(tag);
    if (present && present.generation > generation) return "newer";
    if (present && present.generation === generation) return present;
    contexts.delete(tag);
    if (!create) return undefined;
    const begun: FakeContext = { generation, born: now(), expires: now() + LIFE_MS, held: new Map() };
    contexts.set(tag, begun);
    return begun;
  }

  function put(context: FakeContext, id: string, incoming: Held, isRow: boolean): "applied" | "older" {
    const present = context.held.get(id);
    if (present && !present.message) return "older";
    if (present && incoming.message) {
      if (present.revision > incoming.revision) return "older";
      if (present.revision === incoming.revision && !isRow) return "applied";
    }
    context.held.set(id, incoming);
    settle(context);
    return context.held.has(id) ? "applied" : "older";
  }

  function settle(context: FakeContext): void {
    const contents = [...context.held.values()]
      .filter((held) => held.message)
      .map(({ place }) => place)
      .sort();
    const surplus = contents.filter((place) => place >= (context.horizon ?? "")).at(-capacity - 1);
    if (surplus !== undefined) context.horizon = surplus;
    const horizon = context.horizon;
    if (horizon === undefined) return;
    for (const [id, { place, message }] of context.held) {
      const isBelow = message ? place < horizon : place.slice(0, 24) < horizon.slice(0, 24);
      if (isBelow || (message && place === surplus)) context.held.delete(id);
    }
  }

  return {
    async read(tag, limit) {
      const context = live(tag);
      if (!context || (context.completeUntil ?? 0) <= now()) return undefined;
      const messages = [...context.held.values()]
        .sort((a, b) => (a.place < b.place ? 1 : -1))
        .flatMap(({ message }) => (message ? [structuredClone(message)] : []));
      if (messages.length < limit && context.horizon !== undefined) return undefined;
      return messages.slice(0, limit);
    },

    async write(writes) {
      return writes.map((write, item): CacheOutcome => ({ item, status: writeOne(write) }));
    },

    async apply(rows) {
      for (const { tag, row } of rows) {
        const context = live(tag) && enter(tag, row.generation, false);
        if (!context || context === "newer") continue;
        delete context.lease;
        context.expires = now() + LIFE_MS;
        put(context, row.message_id, heldOf(row), true);
      }
    },

    async invalidate(tags) {
      for (const tag of tags) contexts.delete(tag);
    },

    async beginFill(tag, generation) {
      const context = enter(tag, generation, true);
      if (!context || context === "newer") return undefined;
      context.lease = randomUUID();
      return { tag, generation, token: context.lease };
    },

    async commitFill({ tag, generation, token }, rows) {
      const context = live(tag);
      if (context?.generation !== generation || context.lease !== token) return false;
      if (rows.some((row) => row.generation > generation)) return false;
      delete context.lease;
      const [oldest] = rows.map(placeOf).sort();
      if (rows.length >= capacity && oldest !== undefined && oldest > (context.horizon ?? "")) {
        context.horizon = oldest;
      }
      for (const row of rows) {
        if (row.generation === generation) put(context, row.message_id, heldOf(row), true);
      }
      settle(context);
      const sureFrom = context.born + IN_FLIGHT_MS;
      context.completeUntil = now() < sureFrom ? sureFrom : Number.POSITIVE_INFINITY;
      context.expires = now() + LIFE_MS;
      return true;
    },
  };

  function writeOne({ tag, generation, kind, message }: CacheWrite): CacheOutcome["status"] {
    const context = enter(tag, generation, kind === "message");
    if (context === "newer") return "older";
    if (!context || kind !== "message") {
      contexts.delete(tag);
      return "invalidated";
    }
    delete context.lease;
    context.expires = now() + LIFE_MS;
    const held = { place: placeOf(message), revision: message.revision, message: pick(message) };
    return put(context, message.message_id, held, false);
  }
}

/** Texts in the order shown: all parts but the last have one length. */
const placeOf = (message: ContextMessage | StoredMessage): string =>
  `${message.timestamp} ${message.first_received_at} ${String(message.position).padStart(6, "0")} ${message.message_id}`;

const heldOf = (row: StoredMessage): Held => ({
  place: placeOf(row),
  revision: row.revision,
  ...(!row.deleted && { message: pick(row) }),
});

const KEPT = [
  "message_id",
  "session_id",
  "conversation_id",
  "timestamp",
  "first_received_at",
  "position",
  "message_type",
  "role",
  "content",
  "metadata",
  "revision",
  "reply_to",
  "tool_calls",
  "media",
  "ai_model_used",
  "edited_at",
] as const;

const pick = (message: ContextMessage | StoredMessage): ContextMessage =>
  structuredClone(
    Object.fromEntries(
      KEPT.filter((name) => message[name] !== undefined).map((name) => [name, message[name]]),
    ),
  ) as unknown as ContextMessage;
