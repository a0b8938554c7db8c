import { createLakeRowFiles } from "../functions/adapters/parquet/lake-row-files.ts";
import { createLakeRowRemoval, createMessageRowRemoval } from "../functions/adapters/parquet/row-removal.ts";
import { DAY_MS } from "../functions/core/domain/day.ts";
import type { ErasureTarget } from "../functions/core/domain/erasure.ts";
import { isNothing } from "../functions/core/domain/erasure.ts";
import { KeyChain } from "../functions/core/domain/key-chain.ts";
import { LakeRowsHash } from "../functions/core/domain/lake-hash.ts";
import { lakeObjectKey, objectItem } from "../functions/core/domain/lake-keys.ts";
import type { LakeRow } from "../functions/core/domain/lake-row.ts";
import type { UserRow } from "../functions/core/domain/user-tables.ts";
import type { LakePerson } from "../functions/core/ports/lake-people.ts";
import { createObjectStores } from "../functions/core/use-cases/erasure/object-stores.ts";
import { memoryNotes } from "../functions/core/use-cases/erasure/request-notes.ts";
import { FakeLakeBucket } from "../test/support/fakes/fake-lake-bucket.ts";
import { FakeLakeDays } from "../test/support/fakes/fake-lake-days.ts";
import { BENCH_DAY, benchUser, chatOf } from "./lake-rows.ts";

const files = createLakeRowFiles("hyparquet");
const rows = createMessageRowRemoval();
const NOW = new Date("2026-11-21T00:00:00.000Z");

/** Calls of the bucket and the objects that they were about. */
export interface ObjectCalls {
  readonly read: number;
  readonly written: number;
  readonly calls: number;
}

/** A lake whose bucket and tables are in memory and whose files are real. */
export class BenchLake {
  readonly #bucket = new FakeLakeBucket({ clock: () => NOW });
  readonly #days = new FakeLakeDays(() => NOW);
  readonly #byUser = new Map<string, Map<string, number>>();
  readonly #read = new Set<string>();
  #calls = 0;
  #written = 0;

  /** Writes the object of a day, so many days before the bench's, as an export does: recorded, indexed, clean. */
  async addDay(daysAgo: number, people: readonly number[], messagesEach: number): Promise<void> {
    const time = Date.parse(`${BENCH_DAY}T00:00:00.000Z`) - daysAgo * DAY_MS;
    const day = new Date(time).toISOString().slice(0, 10);
    const key = lakeObjectKey(day, 0, 1);
    const hash = new LakeRowsHash();
    const chunks: Uint8Array[] = [];
    const count = await files.write(tell(dayRows(people, messagesEach, daysAgo), hash), async (chunk) => {
      chunks.push(chunk);
    });
    await this.#index.add(
      key,
      people.map((person) => ({ user_id: benchUser(person), generation: 1 })),
    );
    const { versionId, etag, bytes } = this.#bucket.put(key, Buffer.concat(chunks), `export-${day}`);
    const upload = { key, uploadId: `upload-${day}` };
    await this.#days.open(day, 1);
    await this.#days.recordUpload({ day, item: objectItem(0), upload, fenceSequence: 0 });
    const about = { exportId: `export-${day}`, marks: {}, readAt: NOW.toISOString() };
    const sums = { rows: count, bytes: bytes.byteLength, contentHash: hash.digest() };
    const manifest = { key, versionId, etag, ...about, ...sums };
    await this.#days.record({ day, item: objectItem(0), upload, manifest });
    await this.#days.markClean(await this.#days.read(day));
  }

  /** Erases people in one request, from the plan's count to the verification. @returns milliseconds and calls */
  async erase(people: readonly number[]): Promise<ObjectCalls & { readonly ms: number }> {
    const targets = people.map((person): ErasureTarget => {
      const user_id = benchUser(person);
      return { user_id, tag: user_id, tags: [user_id], generation: 1, fenced_at: NOW.toISOString() };
    });
    this.#read.clear();
    [this.#calls, this.#written] = [0, 0];
    const { lake } = this.#stores();
    const began = performance.now();
    await lake.count(targets);
    await lake.erase(targets, { hasTime: () => true, unheld: async (all) => all });
    const left = await lake.verify(targets);
    const ms = performance.now() - began;
    if (!left.every(isNothing)) throw new Error("somebody is left");
    if ((await this.#days.dirtyDays()).length > 0) throw new Error("a day is not clean any more");
    return { ms, read: this.#read.size, written: this.#written, calls: this.#calls };
  }

  readonly #index = {
    add: async (key: string, people: readonly LakePerson[]): Promise<number> => {
      for (const { user_id, generation } of people) {
        const objects = this.#byUser.get(user_id) ?? new Map<string, number>();
        this.#byUser.set(user_id, objects.set(key, generation));
      }
      return people.length;
    },
  };

  #stores() {
    const counted = this.#counting();
    const byUser = this.#byUser;
    return createObjectStores({
      people: {
        async *list(user_id, prefix) {
          for (const [key, generation] of byUser.get(user_id) ?? [])
            if (key.startsWith(prefix)) yield { user_id, key, generation };
        },
        remove: async (entries) =>
          entries.filter(({ user_id, key }) => byUser.get(user_id)?.delete(key)).length,
      },
      index: this.#index,
      objects: counted,
      versions: counted,
      days: this.#days,
      rows,
      userRows: ({ schema }) => createLakeRowRemoval<UserRow>(schema),
      keys: new KeyChain({ k1: "k".repeat(40) }),
      notes: memoryNotes(),
      writerLifeMs: 0,
    });
  }

  #counting(): FakeLakeBucket {
    return new Proxy(this.#bucket, {
      get: (bucket, name) => {
        const value: unknown = Reflect.get(bucket, name, bucket);
        if (typeof value !== "function") return value;
        return (...args: unknown[]) => {
          this.#calls += 1;
          if (name === "open") this.#read.add(String(args[0]));
          if (name === "begin") this.#written += 1;
          return Reflect.apply(value, bucket, args) as unknown;
        };
      },
    });
  }
}

function* dayRows(people: readonly number[], messagesEach: number, daysAgo: number): Generator<LakeRow> {
  const shift = daysAgo * DAY_MS;
  for (const person of people) {
    for (const row of chatOf(person, messagesEach)) {
      const utcDay = Math.floor((row.timestamp - shift) / DAY_MS);
      yield { ...row, timestamp: row.timestamp - shift, utc_day: utcDay };
    }
  }
}

async function* tell(all: Iterable<LakeRow>, hash: LakeRowsHash): AsyncGenerator<LakeRow> {
  for (const row of all) {
    hash.add(row);
    yield row;
  }
}
