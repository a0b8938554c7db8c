import type { CacheWrite, ContextMessage } from "../../core/ports/context-cache.ts";

/** Messages one script call takes: far below what Lua can pass to a command. */
const MAX_MESSAGES = 100;

/** What one script call does: adds one person's messages, in order and each id once, or, without any, drops the context. */
export interface WriteRun {
  readonly tag: string;
  readonly generation: number;
  /** Where in the batch it comes from. */
  readonly items: readonly number[];
  readonly messages: readonly ContextMessage[];
  /** The message that the session remembers: the latest to arrive, of equal ones the last. */
  readonly latest: ContextMessage;
}

interface OpenRun extends WriteRun {
  readonly items: number[];
  readonly messages: ContextMessage[];
  readonly ids: Set<string>;
  latest: ContextMessage;
}

/** Cuts a batch into script calls. Each person's are in the order of the batch; persons do not touch each other. */
export function writeRuns(writes: readonly CacheWrite[]): WriteRun[] {
  const runs: OpenRun[] = [];
  const open = new Map<string, OpenRun>();
  for (const [item, { tag, generation, kind, message }] of writes.entries()) {
    const run = open.get(tag);
    if (kind === "message" && run && takes(run, generation, message)) {
      run.items.push(item);
      run.messages.push(message);
      run.ids.add(message.message_id);
      if (message.first_received_at >= run.latest.first_received_at) run.latest = message;
      continue;
    }
    const messages = kind === "message" ? [message] : [];
    const ids = new Set([message.message_id]);
    const begun = { tag, generation, items: [item], messages, ids, latest: message };
    runs.push(begun);
    if (kind === "message") open.set(tag, begun);
    else open.delete(tag);
  }
  return runs;
}

const takes = (run: OpenRun, generation: number, { message_id }: ContextMessage): boolean =>
  run.generation === generation && run.messages.length < MAX_MESSAGES && !run.ids.has(message_id);
