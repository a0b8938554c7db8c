import { randomUUID } from "node:crypto";
import type { Clock } from "../../core/domain/clock.ts";
import type { StoredMessage } from "../../core/domain/message.ts";
import type { CacheOutcome } from "../../core/domain/outcome.ts";
import {
  type CacheWrite,
  CONTEXT_CAPACITY,
  type ContextCache,
  type ContextMessage,
  type FillLease,
  IN_FLIGHT_MS,
} from "../../core/ports/context-cache.ts";
import type { RedisClient } from "./client.ts";
import { contentOf, messagesAmong, positionOf, scoreOf } from "./context-members.ts";
import { applyScript, beginFillScript, commitFillScript, writeScript } from "./context-scripts.ts";
import { contextKey, SESSION_SECONDS, sessionKey } from "./keys.ts";
import { runScript, values } from "./scripts.ts";
import { writeRuns } from "./write-runs.ts";

const CONTEXT_SECONDS = 3_600;

export interface ContextCacheDeps {
  readonly redis: RedisClient;
  readonly clock: Clock;
  /** @default CONTEXT_CAPACITY */
  readonly capacity?: number;
}

/** Contexts in Valkey: one sorted set a person, read with one native command, changed by one script a message. */
export const createContextCache = ({
  redis,
  clock,
  capacity = CONTEXT_CAPACITY,
}: ContextCacheDeps): ContextCache => ({
  async read(tag: string, limit: number): Promise<ContextMessage[] | undefined> {
    // The mark, the contents and, where all are asked for, one more to tell whether older ones exist.
    const last = Math.min(limit, capacity + 1);
    const members = await redis.run((connection) => connection.zrevrange(contextKey(tag), 0, last));
    return messagesAmong(members, limit, clock().getTime());
  },

  async write(writes: readonly CacheWrite[]): Promise<CacheOutcome[]> {
    const now = clock().getTime();
    const runs = writeRuns(writes);
    const replies = await runScript(
      redis,
      writeScript,
      runs.map(({ tag, generation, latest, messages }) => ({
        keys: [contextKey(tag), sessionKey(tag)],
        args: [
          generation,
          now,
          CONTEXT_SECONDS,
          capacity,
          SESSION_SECONDS,
          // An edit or a deletion names its message's session or none ("-"), not the one the person is in.
          messages.length === 0 ? "" : latest.session_id,
          latest.first_received_at,
          ...messages.flatMap((message) => memberArgs(message, false)),
        ],
      })),
    );
    const outcomes: CacheOutcome[] = [];
    for (const [run, { items }] of runs.entries()) {
      const statuses = replies[run] as CacheOutcome["status"][];
      for (const [nth, item] of items.entries()) {
        outcomes[item] = { item, status: statuses[nth] as CacheOutcome["status"] };
      }
    }
    return outcomes;
  },

  async apply(rows: readonly { readonly tag: string; readonly row: StoredMessage }[]): Promise<void> {
    await runScript(
      redis,
      applyScript,
      rows.map(({ tag, row }) => ({
        keys: [contextKey(tag)],
        args: [row.generation, CONTEXT_SECONDS, capacity, ...memberArgs(row, row.deleted)],
      })),
    );
  },

  async invalidate(tags: readonly string[]): Promise<void> {
    if (tags.length === 0) return;
    await redis.run(async (connection) => {
      const pipeline = connection.pipeline();
      for (const tag of tags) pipeline.unlink(contextKey(tag));
      values(await pipeline.exec());
    });
  },

  async beginFill(tag: string, generation: number): Promise<FillLease | undefined> {
    const token = randomUUID();
    const [begun] = await runScript(redis, beginFillScript, [
      { keys: [contextKey(tag)], args: [generation, clock().getTime(), CONTEXT_SECONDS, token] },
    ]);
    return begun === 1 ? { tag, generation, token } : undefined;
  },

  async commitFill(lease: FillLease, rows: readonly StoredMessage[]): Promise<boolean> {
    // Rows of a later generation: the person was erased since the lease began.
    if (rows.some((row) => row.generation > lease.generation)) return false;
    const oldest = rows.length < capacity ? undefined : rows.toSorted(byPlace)[0];
    const [committed] = await runScript(redis, commitFillScript, [
      {
        keys: [contextKey(lease.tag)],
        args: [
          lease.generation,
          clock().getTime(),
          CONTEXT_SECONDS,
          capacity,
          lease.token,
          IN_FLIGHT_MS,
          ...(oldest ? [scoreOf(oldest), positionOf(oldest)] : ["", ""]),
          ...rows
            .filter((row) => row.generation === lease.generation)
            .flatMap((row) => memberArgs(row, row.deleted)),
        ],
      },
    ]);
    return committed === 1;
  },
});

/** Arguments that describe one message to a script: id, score, revision, content. */
const memberArgs = (
  message: ContextMessage | StoredMessage,
  deleted: boolean,
): [id: string, score: number, revision: number, content: string] => [
  message.message_id,
  scoreOf(message),
  message.revision,
  deleted ? "" : contentOf(message),
];

const byPlace = (a: StoredMessage, b: StoredMessage): number =>
  scoreOf(a) - scoreOf(b) || (positionOf(a) < positionOf(b) ? -1 : 1);
