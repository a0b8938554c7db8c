import { randomUUID } from "node:crypto";
import { expect } from "vitest";
import type { Clock } from "../../../functions/core/domain/clock.ts";
import type { StoredMessage } from "../../../functions/core/domain/message.ts";
import {
  type ContextCache,
  type ContextMessage,
  type FillLease,
  IN_FLIGHT_MS,
} from "../../../functions/core/ports/context-cache.ts";
import { aStoredMessage, later } from "../../support/builders.ts";
import { seededRandom } from "../../support/random.ts";

/** Longest time between a message's cache write and its row write. */
const WORKFLOW_MS = 60_000;
const STEPS = 120;

/** One event on its way: cache write, row write, then, where the row says otherwise, the row to the cache. */
interface Run {
  readonly kind: "message" | "edit" | "delete";
  readonly message: StoredMessage;
  /** Its id came before, under another time. */
  readonly moved: boolean;
  step: "cache" | "row" | "apply";
  cachedAt?: number;
}

interface Fill {
  readonly lease: FillLease;
  readonly generation: number;
  rows?: StoredMessage[];
}

/** What the rows hold of a message, and since when both its writes are done. */
interface Known {
  row: StoredMessage;
  cachedAt: number;
  storedAt: number;
}

/**
 * One schedule of writers, duplicates, edits, deletions, fills, evictions, crashes and an erasure on one context,
 * decided by `seed`, against a model that is a plain map of rows. Fails when a hit lacks a message whose writes
 * are both done, shows a deleted or outdated text after its row was applied, or mixes generations.
 * @returns how many reads were hits
 */
export async function runContextSchedule(
  seed: number,
  capacity: number,
  open: (clock: Clock, capacity: number) => ContextCache,
): Promise<number> {
  let now = Date.parse("2026-11-20T12:00:00.000Z");
  const cache = open(() => new Date(now), capacity);
  const random = seededRandom(seed);
  const tag = randomUUID();
  const known = new Map<string, Known>();
  const evictions: number[] = [];
  let runs: Run[] = [];
  let fills: Fill[] = [];
  let generation = 1;
  let made = 0;
  let hits = 0;

  const pick = <T>(items: readonly T[]): T | undefined => items[Math.floor(random() * items.length)];
  const without = <T>(items: readonly T[], item: T): T[] => items.filter((other) => other !== item);
  const unfinished = (id: string): Run[] => runs.filter(({ message }) => message.message_id === id);

  function start(): void {
    const target = random() < 0.45 ? pick([...known.values()])?.row : undefined;
    if (!target || target.generation !== generation) {
      made += 1;
      // Few times, so that many are equal; some far behind, so that they fall below the horizon.
      const timestamp = later(Math.floor(random() * 12) * 1_000 + (random() < 0.2 ? -60_000 : made * 700));
      const message = aStoredMessage({
        message_id: `m${made}`,
        timestamp,
        first_received_at: later(Math.floor(random() * 3), timestamp),
        position: Math.floor(random() * 2),
        content: `g${generation} m${made} r1`,
        generation,
      });
      runs.push({ kind: "message", message, moved: false, step: "cache" });
      return;
    }
    const kind = pick(["message", "edit", "delete"] as const) ?? "message";
    const moved = kind === "message" && random() < 0.3;
    const content = `g${generation} ${target.message_id} r1`;
    const timestamp = moved ? later(500, target.timestamp) : target.timestamp;
    runs.push({
      kind,
      message: { ...target, content, timestamp, revision: 1, deleted: false },
      moved,
      step: "cache",
    });
  }

  /** The row write: the first message wins, edits and deletions raise the revision. */
  function store(run: Run): "stored" | "other" | "refused" {
    const { message, kind } = run;
    if (message.generation !== generation) return "refused";
    const held = known.get(message.message_id);
    if (!held) {
      known.set(message.message_id, { row: message, cachedAt: run.cachedAt ?? now, storedAt: now });
      return "stored";
    }
    const revision = held.row.revision + 1;
    if (kind === "edit" && !held.row.deleted) {
      held.row = { ...held.row, revision, content: `g${generation} ${message.message_id} r${revision}` };
    } else if (kind === "delete" && !held.row.deleted) {
      held.row = { ...held.row, revision, content: "", deleted: true };
    }
    return "other";
  }

  async function advance(run: Run): Promise<void> {
    if (run.step !== "cache" && now - (run.cachedAt ?? now) > WORKFLOW_MS) {
      // The workflow ran out of time; the queue delivers the message again.
      run.step = "cache";
      return;
    }
    if (run.step === "cache") {
      run.cachedAt = now;
      run.step = "row";
      const { message, kind } = run;
      await cache.write([{ tag, generation: message.generation, kind, message }]);
      if (kind !== "message") evictions.push(now);
    } else if (run.step === "row") {
      const outcome = store(run);
      if (outcome === "other") run.step = "apply";
      else runs = without(runs, run);
      if (outcome === "refused") {
        await cache.invalidate([tag]);
        evictions.push(now);
      }
    } else {
      const row = known.get(run.message.message_id)?.row;
      if (row) await cache.apply([{ tag, row }]);
      runs = without(runs, run);
    }
  }

  async function proceed(fill: Fill): Promise<void> {
    if (!fill.rows) {
      fill.rows = newestRows().slice(0, capacity);
      return;
    }
    fills = without(fills, fill);
    const filled = await cache.commitFill(fill.lease, fill.rows);
    // The ledger is asked again after every fill.
    if (filled && fill.generation !== generation) await cache.invalidate([tag]);
  }

  const newestRows = (): StoredMessage[] =>
    [...known.values()].map(({ row }) => row).sort((a, b) => (placeOf(a) < placeOf(b) ? 1 : -1));

  async function check(limit: number): Promise<void> {
    const shown = await cache.read(tag, limit);
    if (!shown) return;
    hits += 1;
    const trace = `seed ${seed}: ${JSON.stringify(shown.map(({ content, revision }) => [content, revision]))}`;
    const places = shown.map(placeOf);
    expect(places, trace).toEqual(places.toSorted().reverse());
    expect(new Set(shown.map(({ message_id }) => message_id)).size, trace).toBe(shown.length);
    expect(shown.length, trace).toBeLessThanOrEqual(limit);
    expect(new Set(shown.map(({ content }) => content.split(" ")[0])).size, trace).toBeLessThanOrEqual(1);
    for (const message of shown) checkShown(message, trace);
    const oldest = shown.length === limit ? (places.at(-1) ?? "") : "";
    for (const { row, cachedAt, storedAt } of known.values()) {
      if (row.deleted || placeOf(row) < oldest || unfinished(row.message_id).length > 0) continue;
      const wasLost = evictions.some((at) => at >= cachedAt && at <= storedAt);
      if (wasLost && now < storedAt + IN_FLIGHT_MS) continue;
      expect(
        shown.map(({ message_id }) => message_id),
        `${trace} lacks ${row.content}`,
      ).toContain(row.message_id);
    }
  }

  function checkShown(message: ContextMessage, trace: string): void {
    const held = known.get(message.message_id);
    const open = unfinished(message.message_id);
    if (!held || open.some(({ moved }) => moved)) return;
    if (open.every(({ kind }) => kind === "message")) {
      expect(held.row.deleted, `${trace} shows deleted ${message.message_id}`).toBe(false);
      expect(message.content, trace).toBe(held.row.content);
    }
  }

  for (let step = 0; step < STEPS; step += 1) {
    const dice = random();
    if (dice < 0.13) start();
    else if (dice < 0.45) {
      const run = pick(runs);
      if (run) await advance(run);
    } else if (dice < 0.58) {
      const lease = await cache.beginFill(tag, generation);
      if (lease) fills.push({ lease, generation });
    } else if (dice < 0.8) {
      // The newest fill mostly: only its lease can be alive.
      const fill = random() < 0.8 ? fills.at(-1) : pick(fills);
      if (fill) await proceed(fill);
    } else if (dice < 0.82) {
      // A crash: the message comes again from the beginning.
      const run = pick(runs);
      if (run) run.step = "cache";
    } else if (dice < 0.83) fills = [];
    else if (dice < 0.85) {
      await cache.invalidate([tag]);
      evictions.push(now);
    } else if (dice < 0.93) now += Math.floor(random() * 50_000);
    else if (dice < 0.935) {
      generation += 1;
      known.clear();
      await cache.invalidate([tag]);
      evictions.push(now);
    }
    await check(1 + Math.floor(random() * (capacity + 2)));
  }
  return hits;
}

const placeOf = (message: ContextMessage | StoredMessage): string =>
  `${message.timestamp} ${message.first_received_at} ${message.position} ${message.message_id}`;
