import { strict as assert } from "node:assert";
import { liveGeneration } from "../../functions/core/domain/fence.ts";
import { canonicalText } from "../../functions/core/domain/lake-hash.ts";
import { compareLakeKeys, compareStates } from "../../functions/core/domain/lake-order.ts";
import type { LakeRow } from "../../functions/core/domain/lake-row.ts";
import { lakeRowOf } from "../../functions/core/domain/lake-row-of.ts";
import { exportDayObject } from "../../functions/core/use-cases/export-day-object.ts";
import { finishDay } from "../../functions/core/use-cases/finish-day.ts";
import { tagOf } from "../support/builders.ts";
import { rowsOfBytes } from "../support/fakes/fake-lake-row-files.ts";
import { DAY, KEY, type LakeWorld, SETTLE_MS } from "./lake-world.ts";

/** Looks at a world after every step and at the end. */
export class Invariants {
  readonly #world: LakeWorld;
  readonly #rows = new Map<string, readonly LakeRow[]>();
  /** What readers of the lake saw last, by key. */
  #seen = new Map<string, LakeRow>();
  #version = "";

  constructor(world: LakeWorld) {
    this.#world = world;
  }

  /** @throws AssertionError */
  check(): void {
    this.#nothingErasedRemains();
    this.#everyoneIsIndexed();
    this.#nobodyElseIsLost();
    if (this.#world.lake.days.isClean(DAY)) this.#equalsTheTable("a clean day");
  }

  /** A last export and its reading back end well, whatever happened before, and nothing lands after. */
  async finish(): Promise<void> {
    const { lake } = this.#world;
    this.check();
    lake.now = new Date(lake.now.getTime() + 2 * SETTLE_MS);
    await exportDayObject({ day: DAY, object: 0, objects: 1 }, lake.exportDeps());
    const report = await finishDay(DAY, lake.finishDeps(SETTLE_MS));
    assert.deepEqual(report.reasons, []);
    this.check();
    this.#equalsTheTable("the day in the end");
  }

  #rowsOf({
    versionId,
    bytes,
  }: {
    readonly versionId: string;
    readonly bytes: Uint8Array;
  }): readonly LakeRow[] {
    const rows = this.#rows.get(versionId) ?? rowsOfBytes(bytes);
    this.#rows.set(versionId, rows);
    return rows;
  }

  get #current(): readonly LakeRow[] {
    const version = this.#world.lake.bucket.versions(KEY).at(-1);
    return version ? this.#rowsOf(version) : [];
  }

  #isLive = (row: LakeRow): boolean =>
    row.generation >= BigInt(liveGeneration(this.#world.lake.fences.get(tagOf(row.user_id))));

  #nothingErasedRemains(): void {
    const { receipts, lake } = this.#world;
    if (receipts.size === 0) return;
    for (const version of lake.bucket.versions(KEY)) {
      for (const row of this.#rowsOf(version)) {
        const erased = receipts.get(row.user_id) ?? 0;
        assert.ok(row.generation > BigInt(erased), `residue: ${row.message_id} is there after the receipt`);
      }
    }
  }

  #everyoneIsIndexed(): void {
    for (const { user_id, generation } of this.#current) {
      const entered = this.#world.lake.people.generationOf(KEY, user_id) ?? 0;
      assert.ok(BigInt(entered) >= generation, "somebody in the object is not in the index");
    }
  }

  /** What was in the lake stays there, or in a later state, unless its person was erased. */
  #nobodyElseIsLost(): void {
    const version = this.#world.lake.bucket.versions(KEY).at(-1);
    if (version === undefined || version.versionId === this.#version) return;
    this.#version = version.versionId;
    const rows = this.#rowsOf(version);
    const now = new Map(rows.map((row) => [nameOf(row), row]));
    for (const [name, before] of this.#seen) {
      if (!this.#isLive(before)) continue;
      const row = now.get(name);
      assert.ok(
        row && compareStates(row, before) >= 0,
        `collateral: ${before.message_id} is lost or went back`,
      );
    }
    for (const [index, row] of rows.entries()) {
      const next = rows[index + 1];
      assert.ok(next === undefined || compareLakeKeys(row, next) < 0, "the object is not in order");
    }
    this.#seen = now;
  }

  #equalsTheTable(what: string): void {
    const wanted = [...this.#world.written.values()].map(lakeRowOf).filter(this.#isLive);
    const held = this.#current.filter(this.#isLive);
    assert.deepEqual(
      held.map(canonicalText).sort(),
      wanted.map(canonicalText).sort(),
      `${what} is not what the table says`,
    );
  }
}

const nameOf = ({ user_id, timestamp, message_id }: LakeRow): string =>
  JSON.stringify([user_id, timestamp, message_id]);
