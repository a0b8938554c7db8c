import type { ErasureTarget } from "../../../../functions/core/domain/erasure.ts";
import { KeyChain } from "../../../../functions/core/domain/key-chain.ts";
import { lakeObjectKey } from "../../../../functions/core/domain/lake-keys.ts";
import type { LakeRow } from "../../../../functions/core/domain/lake-row.ts";
import type { StoredMessage } from "../../../../functions/core/domain/message.ts";
import type { UserRow } from "../../../../functions/core/domain/user-tables.ts";
import type { ErasePace, PersonalStore } from "../../../../functions/core/ports/personal-store.ts";
import type { ObjectStoresDeps } from "../../../../functions/core/use-cases/erasure/object-deps.ts";
import { createObjectStores } from "../../../../functions/core/use-cases/erasure/object-stores.ts";
import { memoryNotes } from "../../../../functions/core/use-cases/erasure/request-notes.ts";
import { exportDayObject } from "../../../../functions/core/use-cases/export-day-object.ts";
import { finishDay } from "../../../../functions/core/use-cases/finish-day.ts";
import { aStoredMessage, later, tagOf } from "../../../support/builders.ts";
import { FakeLake } from "../../../support/fakes/fake-lake.ts";
import { FakeLakeBucket } from "../../../support/fakes/fake-lake-bucket.ts";
import { rowsOfBytes } from "../../../support/fakes/fake-lake-row-files.ts";
import { fakePersonObjects } from "../../../support/fakes/fake-person-objects.ts";
import { fakeRowRemoval } from "../../../support/fakes/fake-row-removal.ts";

export const ANA = "whatsapp:+34600000001";
export const BEA = "whatsapp:+34600000002";
export const DAY = "2026-11-18";
/** When everything is written, unless a test says otherwise. */
const WRITTEN = "2026-11-20T12:00:00.000Z";
const WRITER_LIFE_MS = 900_000;

/** Time enough and nobody held. */
export const PACE: ErasePace = { hasTime: () => true, unheld: async (targets) => targets };

export const keyOf = (day: string): string => lakeObjectKey(day, 0, 1);

/** A message of a person at noon of a day. */
export const aMessageOf = (
  user_id: string,
  day: string,
  over: Partial<StoredMessage> = {},
): StoredMessage => {
  const timestamp = `${day}T12:00:00.000Z`;
  const message_id = over.message_id ?? `m-${day}`;
  return aStoredMessage({ user_id, message_id, timestamp, first_received_at: timestamp, ...over });
};

/** A lake in memory that is exported to, and erased from. */
export class ObjectScene {
  readonly lake: FakeLake;
  readonly keys = new KeyChain({ k1: "k1".repeat(20) });
  /** Of the request. */
  readonly notes = memoryNotes();
  #ids = 0;

  constructor(rows: readonly StoredMessage[] = []) {
    const bucket: FakeLakeBucket = new FakeLakeBucket({ clock: () => this.lake.now });
    this.lake = new FakeLake(WRITTEN, rows, bucket);
  }

  get bucket(): FakeLakeBucket {
    return this.lake.bucket;
  }

  deps(over: Partial<ObjectStoresDeps> = {}): ObjectStoresDeps {
    const { bucket, days, people } = this.lake;
    return {
      people: fakePersonObjects(people),
      index: people,
      objects: bucket,
      versions: bucket,
      days,
      rows: fakeRowRemoval(),
      userRows: () => fakeRowRemoval<UserRow>(),
      keys: this.keys,
      notes: this.notes,
      writerLifeMs: WRITER_LIFE_MS,
      newId: () => `removal-${++this.#ids}`,
      sleep: async () => undefined,
      random: () => 0.5,
      ...over,
    };
  }

  stores(over: Partial<ObjectStoresDeps> = {}) {
    return createObjectStores(this.deps(over));
  }

  /** Exports days and finishes them. */
  async export(...days: string[]): Promise<void> {
    for (const day of days) {
      await exportDayObject({ day, object: 0, objects: 1 }, this.lake.exportDeps());
      await finishDay(day, this.lake.finishDeps());
    }
  }

  /** Whether a day is clean and what it says of itself is so. */
  async isConsistent(day: string): Promise<boolean> {
    return this.lake.days.isClean(day) && (await finishDay(day, this.lake.finishDeps())).state === "clean";
  }

  /** Fences people and lets the drain pass; their rows leave the table, as the eraser of tables removes them. */
  fence(...people: string[]): ErasureTarget[] {
    const targets = people.map((user_id) => {
      const generation = (this.lake.fences.get(tagOf(user_id))?.generation ?? 0) + 1;
      this.lake.fence(user_id, generation);
      const tag = tagOf(user_id);
      return { user_id, tag, tags: [tag], generation, fenced_at: this.lake.now.toISOString() };
    });
    this.lake.now = new Date(later(WRITER_LIFE_MS + 1000, this.lake.now.toISOString()));
    for (const { user_id, generation } of targets) {
      for (const row of this.lake.rows.all()) {
        if (row.user_id === user_id && row.generation <= generation) this.lake.rows.remove(row);
      }
    }
    return targets;
  }

  /** Rows of a person in every version of an object. */
  rowsEverywhere(key: string, userId: string): LakeRow[] {
    return this.bucket
      .versions(key)
      .flatMap(({ bytes }) => rowsOfBytes(bytes))
      .filter((row) => row.user_id === userId);
  }

  /** People in an object's current version. */
  peopleIn(key: string): string[] {
    return [...new Set(this.lake.lakeRows(key).map((row) => row.user_id))];
  }
}

/** Erases until it is done. @returns what was removed, in all, of the first target */
export async function eraseAll(
  store: PersonalStore,
  targets: readonly ErasureTarget[],
  pace: ErasePace = PACE,
): Promise<{ readonly calls: number; readonly removed: readonly Record<string, number>[] }> {
  const removed: Record<string, number>[] = targets.map(() => ({}));
  for (let calls = 1; calls < 1000; calls++) {
    const result = await store.erase(targets, pace);
    for (const [position, counts] of result.removed.entries()) {
      const mine = removed[position] ?? {};
      for (const [name, count] of Object.entries(counts)) mine[name] = (mine[name] ?? 0) + count;
    }
    if (result.done) return { calls, removed };
  }
  throw new Error("it never ended");
}
