import { strict as assert } from "node:assert";
import { canonicalText } from "../../functions/core/domain/lake-hash.ts";
import { compareStates } from "../../functions/core/domain/lake-order.ts";
import type { LakeRow } from "../../functions/core/domain/lake-row.ts";
import { lakeRowOf } from "../../functions/core/domain/lake-row-of.ts";
import { sortKeyOf } from "../../functions/core/domain/message.ts";
import { rowsOfBytes } from "../support/fakes/fake-lake-row-files.ts";
import { keyOfDay } from "./erasure-lake.ts";
import { DAYS, type ErasureWorld, type SentEvent } from "./erasure-world.ts";

/** Something that a store holds of a person. */
export interface Piece {
  readonly place: string;
  readonly user_id: string;
  readonly generation: number;
  readonly text: string;
}

const TABLES = ["rows", "records", "conversations", "profiles"] as const;

/** Everything that is held, read from the stores themselves. */
function* piecesOf(world: ErasureWorld): Generator<Piece> {
  for (const user_id of world.peopleHeld()) {
    for (const table of TABLES) {
      for (const { generation } of world.tables.heldOf(table, user_id))
        yield { place: table, user_id, generation, text: "" };
    }
    for (const { content, generation } of world.tables.allRows(user_id)) {
      yield { place: "rows", user_id, generation, text: content };
    }
    const context = world.contexts.get(world.keys.tag(user_id));
    if (context) {
      const { generation } = context;
      yield { place: "cache", user_id, generation, text: "" };
      for (const { message } of context.held.values()) {
        if (message) yield { place: "cache", user_id, generation, text: message.content };
      }
    }
  }
  for (const { user_id, generation, content } of world.search.pieces()) {
    yield { place: "search", user_id, generation, text: content };
  }
  if (world.hasLake) yield* lakePieces(world);
  for (const { user_id, generation = 1, body } of world.quarantine.entries) {
    yield { place: "quarantine", user_id, generation, text: "text" in body ? body.text : "" };
  }
}

/** Rows in every version of the days' objects and in unfinished uploads, and what the index of objects says. */
function* lakePieces(world: ErasureWorld): Generator<Piece> {
  const files: Uint8Array[] = [];
  for (const key of world.bucket.keys()) files.push(...world.bucket.versions(key).map(({ bytes }) => bytes));
  for (const upload of world.bucket.pending()) {
    files.push(Buffer.concat((upload as { readonly chunks?: Uint8Array[] }).chunks ?? []));
  }
  for (const bytes of files) {
    for (const { user_id, generation, content } of rowsIn(bytes)) {
      yield { place: "lake", user_id, generation: Number(generation), text: String(content ?? "") };
    }
  }
  for (const { user_id, generation } of world.people.entries()) {
    yield { place: "object index", user_id, generation, text: "" };
  }
}

/** Versions never change, so each is read once. */
const read = new WeakMap<Uint8Array, readonly LakeRow[]>();

function rowsIn(bytes: Uint8Array): readonly LakeRow[] {
  const rows = read.get(bytes) ?? (bytes.byteLength > 4 ? rowsOfBytes(bytes) : []);
  read.set(bytes, rows);
  return rows;
}

/** Looks at a world after every step: what was promised gone is gone, for ever. */
export class ErasureOracle {
  readonly #world: ErasureWorld;
  /** Promises that were seen kept once: what breaks them later came back. */
  readonly #kept = new Set<string>();
  readonly #seen = new Map<
    string,
    { readonly bytes: Uint8Array; readonly rows: ReadonlyMap<string, LakeRow> }
  >();

  constructor(world: ErasureWorld) {
    this.#world = world;
  }

  /** @throws AssertionError */
  check(): void {
    const { promises, hasLake } = this.#world;
    if (hasLake) for (const day of DAYS) this.#nobodyIsLost(keyOfDay(day));
    if (promises.size === 0) return;
    const gone = new Set(this.#world.sent.filter((event) => this.#isGone(event)).map(({ canary }) => canary));
    for (const { place, user_id, generation, text } of piecesOf(this.#world)) {
      if (!this.#world.places.has(place)) continue;
      const promised = promises.get(user_id);
      const isForbidden = promised !== undefined && generation <= promised.generation;
      const canary = isForbidden ? undefined : canaryIn(text);
      if (!isForbidden && (canary === undefined || !gone.has(canary))) continue;
      const what = this.#kept.has(user_id) ? "resurrection" : "residue";
      assert.fail(`${what}: ${place} holds generation ${generation} of ${user_id} after the receipt`);
    }
    for (const user_id of promises.keys()) this.#kept.add(user_id);
  }

  /** What readers of the lake saw stays there, or in a later state, unless its person was erased. */
  #nobodyIsLost(key: string): void {
    const [current] = this.#world.bucket.versions(key).slice(-1);
    const seen = this.#seen.get(key);
    if (current === undefined || current.bytes === seen?.bytes) return;
    const rows = new Map(rowsIn(current.bytes).map((row) => [nameOf(row), row]));
    for (const [name, before] of seen?.rows ?? []) {
      if (before.generation < BigInt(this.#world.generationOf(before.user_id))) continue;
      const row = rows.get(name);
      assert.ok(row && compareStates(row, before) >= 0, "collateral: a row of the lake is lost or went back");
    }
    this.#seen.set(key, { bytes: current.bytes, rows });
  }

  #isGone({ user_id, time }: SentEvent): boolean {
    const promised = this.#world.promises.get(user_id);
    return promised !== undefined && time <= promised.fenced_at;
  }

  /** Everybody else's data, and the next generation's, is there as it was sent, and in every store the same. */
  checkRows(): void {
    const { tables, places, promises } = this.#world;
    // Where the scenario leaves the tables alone, nobody's rows go.
    if (promises.size > 0 && !places.has("rows")) return;
    const held = tables.everyRow().map((row) => ({
      user_id: row.user_id,
      message_id: row.message_id,
      generation: row.generation,
      content: row.content,
      deleted: row.deleted,
    }));
    assert.deepEqual(
      sorted(held),
      sorted(expectedRows(this.#world)),
      "collateral: rows are not what was sent",
    );
  }

  /** What people wrote after their erasure is found, whatever the index remembers of what they wrote before. */
  checkReturned(): void {
    const { tables, search } = this.#world;
    const nameOf = (row: { user_id: string; message_id: string; generation: number }) =>
      JSON.stringify([row.user_id, row.message_id, row.generation]);
    const found = new Set([...search.pieces()].map(nameOf));
    const lost = tables.everyRow().filter((row) => row.generation > 1 && !found.has(nameOf(row)));
    assert.deepEqual(lost.map(nameOf), [], "collateral: the index lacks what was written after an erasure");
  }

  /** The index holds what the table says. */
  checkIndex(): void {
    const { tables, search, places, promises } = this.#world;
    if (promises.size > 0 && !(places.has("rows") && places.has("search"))) return;
    const states = (
      items: Iterable<{
        user_id: string;
        message_id: string;
        timestamp: string;
        generation: number;
        revision: number;
        content: string;
      }>,
    ) =>
      sorted(
        [...items].map(({ user_id, message_id, timestamp, generation, revision, content }) => ({
          key: sortKeyOf({ timestamp, message_id }),
          user_id,
          generation,
          revision,
          content,
        })),
      );
    assert.deepEqual(
      states(search.pieces()),
      states(tables.everyRow()),
      "collateral: the index is not what the table says",
    );
  }

  /** Every context that is cached holds what the table says. */
  async checkCache(): Promise<void> {
    const { tables, cache, keys, places, promises } = this.#world;
    if (promises.size > 0 && !places.has("rows")) return;
    const rows = tables.everyRow();
    for (const user_id of this.#world.peopleHeld()) {
      const cached = await cache.read(keys.tag(user_id), 10);
      if (cached === undefined) continue;
      const live = rows
        .filter((row) => row.user_id === user_id && !row.deleted)
        .map(({ content }) => content);
      assert.deepEqual(
        sorted(cached.map(({ content }) => content)),
        sorted(live),
        "collateral: the cache is not what the table says",
      );
    }
  }
}

/** A day of the lake that is clean is what the table says. */
export function checkDay(world: ErasureWorld, day: string, reasons: readonly string[]): void {
  assert.deepEqual(reasons, [], `collateral: ${day} does not become clean`);
  const [current] = world.bucket.versions(keyOfDay(day)).slice(-1);
  const held = current ? rowsIn(current.bytes).map(canonicalText) : [];
  const rows = world.tables.everyRow().filter(({ timestamp }) => timestamp.startsWith(day));
  const wanted = rows.map((row) => canonicalText(lakeRowOf(row)));
  assert.deepEqual(
    held.toSorted(),
    wanted.toSorted(),
    `collateral: the lake's ${day} is not what the table says`,
  );
}

/** Rows that must be there in the end, from what was sent and the fences alone. */
function expectedRows(world: ErasureWorld) {
  const expected = [];
  for (const user_id of world.peopleHeld()) {
    const fence = world.tables.fences.get(world.keys.tag(user_id));
    const live = world.sent.filter(
      (event) => event.user_id === user_id && (fence === undefined || event.time > fence.fenced_at),
    );
    for (const [message_id, events] of Map.groupBy(live, (event) => event.message_id)) {
      const message = events.find(({ kind }) => kind === "message");
      if (message === undefined) continue;
      const deleted = events.some(({ kind }) => kind === "delete");
      const [edit] = events
        .filter(({ kind }) => kind === "edit")
        .sort((a, b) => (a.timestamp < b.timestamp ? 1 : -1));
      const content = deleted ? "" : (edit ?? message).canary;
      expected.push({ user_id, message_id, generation: (fence?.generation ?? 0) + 1, content, deleted });
    }
  }
  return expected;
}

const nameOf = ({ user_id, timestamp, message_id }: LakeRow): string =>
  JSON.stringify([user_id, String(timestamp), message_id]);

const sorted = <T>(items: readonly T[]): T[] =>
  items.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));

const canaryIn = (text: string): string | undefined => /canary-\d+/.exec(text)?.[0];
