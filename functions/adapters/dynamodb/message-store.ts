import { GetCommand } from "@aws-sdk/lib-dynamodb";
import { mapBounded } from "../../core/domain/batches.ts";
import { TransientError } from "../../core/domain/errors.ts";
import { liveGeneration } from "../../core/domain/fence.ts";
import type { RoutedMessage } from "../../core/domain/message.ts";
import type { RowOutcome } from "../../core/domain/outcome.ts";
import { planUserBatch, type UserState } from "../../core/domain/user-batch.ts";
import type { MessageStore } from "../../core/ports/message-store.ts";
import { applyAnalyses } from "./apply-analyses.ts";
import { call } from "./call.ts";
import { lateRowMarks } from "./day-marks.ts";
import { eventChunks } from "./event-chunks.ts";
import { fenceOf } from "./fence-item.ts";
import { ledgerCheck } from "./ledger-check.ts";
import { planItems } from "./plan-items.ts";
import { backOff } from "./retry.ts";
import { MAX_TRIES, type MessageStoreDeps, type ResolvedDeps } from "./store-deps.ts";
import { transact } from "./transact.ts";
import { type PersonEvents, readUserState, readUserStates } from "./user-state.ts";

/** Persons whose transactions run at the same time. */
const CONCURRENT_USERS = 8;
type Result = Omit<RowOutcome, "item">;

/** The durable store of messages in DynamoDB: one transaction per person and batch. */
export function createMessageStore(deps: MessageStoreDeps): MessageStore {
  const resolved: ResolvedDeps = { random: Math.random, ...deps };
  return {
    store: (messages) => store(resolved, messages),
    applyAnalyses: (updates) => applyAnalyses(resolved, updates),
  };
}

async function store(deps: ResolvedDeps, messages: readonly RoutedMessage[]): Promise<RowOutcome[]> {
  const groups = Map.groupBy(messages.keys(), (index) => messages[index]?.user_id ?? "");
  const persons = [...groups].map(([userId, items]) => {
    return { userId, items, chunks: eventChunks(items.flatMap((item) => messages[item] ?? [])) };
  });
  const states = await readAhead(
    deps,
    persons.map(({ userId, chunks: [events = []] }) => ({ userId, events })),
  );
  const errors: Error[] = [];
  const outcomes = await mapBounded([...persons.keys()], CONCURRENT_USERS, async (index) => {
    const { items, chunks } = persons[index] as (typeof persons)[number];
    const results = await storePerson(deps, chunks, states[index]).catch((error: unknown) => {
      if (!(error instanceof TransientError)) throw error;
      errors.push(error);
      return items.map((): Result => ({ status: "failed", reason: error.message }));
    });
    return items.map((item, position): RowOutcome => ({ item, ...(results[position] ?? LOST_RESULT) }));
  });
  // One person's hot partition harms nobody else; when nobody could be stored the store itself is at fault.
  if (errors[0] && errors.length === groups.size) throw errors[0];
  return outcomes.flat().sort((a, b) => a.item - b.item);
}

const LOST_RESULT: Result = { status: "failed", reason: "DynamoDB: the plan left out a message" };

/** Reads for all persons at once; nothing where that fails, so that one person's hot partition harms nobody else. */
async function readAhead(deps: ResolvedDeps, persons: readonly PersonEvents[]): Promise<UserState[]> {
  if (persons.length < 2) return [];
  return readUserStates(deps, persons).catch((error: unknown) => {
    if (error instanceof TransientError) return [];
    throw error;
  });
}

/**
 * Stores one person's events, in order; after a part that was not stored the later ones are not tried.
 * @param state what was read for the first part
 */
async function storePerson(
  deps: ResolvedDeps,
  chunks: readonly (readonly RoutedMessage[])[],
  state: UserState | undefined,
): Promise<Result[]> {
  const results: Result[] = [];
  for (const [index, chunk] of chunks.entries()) {
    const part = await storeChunk(deps, chunk, index === 0 ? state : undefined);
    results.push(...part);
    const [first] = part;
    if (first && part.every(({ status }) => status === "failed" || status === "stale-generation")) {
      const untried = chunks.slice(index + 1).flat();
      return [...results, ...untried.map(() => first)];
    }
  }
  return results;
}

/**
 * Reads, plans and writes one transaction. Whatever speaks against the write (another writer, a throttle,
 * a call that broke off) leads to a new reading, plan and token, so that the conditions decide.
 * @param ahead what was read for the first try
 */
async function storeChunk(
  deps: ResolvedDeps,
  events: readonly RoutedMessage[],
  ahead: UserState | undefined,
): Promise<readonly Result[]> {
  const { client, tables, clock, random } = deps;
  const event = events.find(({ generation }) => generation === Math.max(...events.map((e) => e.generation)));
  if (event === undefined) return [];
  const { user_id: userId, tag, generation } = event;
  let cause = "conflict";
  const markLate = lateRowMarks(deps);
  for (let attempt = 0; attempt < MAX_TRIES; attempt += 1) {
    if (attempt > 0) await backOff(attempt - 1, random);
    const known = attempt === 0 ? ahead : undefined;
    const plan = planUserBatch(known ?? (await readUserState(deps, { userId, events })), events);
    const puts = planItems(plan, tables, clock());
    if (puts.length === 0) {
      return (await isLive(deps, tag, generation)) ? plan.outcomes : stale(events);
    }
    await markLate(plan.rows.map(({ next }) => next));
    const result = await transact(client, tables.contexts, [
      ...puts,
      ledgerCheck(tables.ledger, tag, generation),
    ]);
    if (result.status === "committed") return plan.outcomes;
    if (result.status === "unmet" && result.positions.has(puts.length)) return stale(events);
    cause = result.status === "unmet" ? "conflict" : result.cause;
    if (result.status === "rejected") break;
  }
  const reason = `DynamoDB TransactWriteItems on ${tables.contexts}: ${cause}`;
  if (cause === "unreachable" || cause === "unavailable") throw new TransientError(reason);
  return events.map(() => ({ status: "failed", reason }));
}

const stale = (events: readonly RoutedMessage[]): Result[] =>
  events.map(() => ({ status: "stale-generation" }));

/** A batch of nothing but duplicates writes nothing, so the fence is asked by a reading of its own. */
async function isLive({ client, tables }: ResolvedDeps, tag: string, generation: number): Promise<boolean> {
  const command = new GetCommand({ TableName: tables.ledger, Key: { tag }, ConsistentRead: true });
  const { Item: fence } = await call("GetItem", tables.ledger, client.send(command));
  return liveGeneration(fence && fenceOf(fence, tables.ledger)) === generation;
}
