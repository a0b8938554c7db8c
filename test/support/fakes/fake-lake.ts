import type { Clock } from "../../../functions/core/domain/clock.ts";
import type { Fence } from "../../../functions/core/domain/fence.ts";
import type { LakeRow } from "../../../functions/core/domain/lake-row.ts";
import type { StoredMessage } from "../../../functions/core/domain/message.ts";
import type { ErasureLedger } from "../../../functions/core/ports/erasure-ledger.ts";
import type { ExportDeps } from "../../../functions/core/use-cases/export-day-object.ts";
import type { FinishDeps } from "../../../functions/core/use-cases/finish-day.ts";
import { tagOf } from "../builders.ts";
import { seededRandom } from "../random.ts";
import { createFakeErasureLedger } from "./fake-erasure-ledger.ts";
import { FakeLakeBucket } from "./fake-lake-bucket.ts";
import { FakeLakeDays } from "./fake-lake-days.ts";
import { FakeLakePeople } from "./fake-lake-people.ts";
import { fakeLakeRowFiles, rowsOfBytes } from "./fake-lake-row-files.ts";
import { FakeLakeRows } from "./fake-lake-rows.ts";

/** All stores that an export touches, in memory, and a clock that is set by hand. */
export class FakeLake {
  now: Date;
  readonly clock: Clock = () => this.now;
  readonly bucket: FakeLakeBucket;
  readonly days = new FakeLakeDays(this.clock);
  readonly people = new FakeLakePeople();
  readonly rows: FakeLakeRows;
  readonly fences = new Map<string, Fence>();
  readonly ledger: ErasureLedger = createFakeErasureLedger(this);
  readonly files = fakeLakeRowFiles;
  readonly keys = { tag: tagOf };
  #ids = 0;

  constructor(now: string, rows: readonly StoredMessage[] = [], bucket = new FakeLakeBucket()) {
    this.now = new Date(now);
    this.rows = new FakeLakeRows(rows);
    this.bucket = bucket;
  }

  /** What an export is wired to; waits take no time. */
  exportDeps(): ExportDeps {
    return {
      days: this.days,
      source: this.rows,
      objects: this.bucket,
      files: this.files,
      ledger: this.ledger,
      people: this.people,
      keys: this.keys,
      clock: this.clock,
      newId: () => `export-${++this.#ids}`,
      sleep: async () => undefined,
      random: seededRandom(1),
    };
  }

  finishDeps(settleMs = 900_000): FinishDeps {
    const { days, bucket: objects, files, people, clock } = this;
    return { days, objects, files, people, clock, settleMs, hasSideFiles: false };
  }

  /** A fence as an erasure sets it: the ledger's entry and the number of fences in one transaction. */
  fence(userId: string, generation = 1): void {
    this.fences.set(tagOf(userId), { generation, fenced_at: this.now.toISOString() });
    this.days.raiseFence();
  }

  /** Rows of an object's current version. */
  lakeRows(key: string): LakeRow[] {
    const current = this.bucket.versions(key).at(-1);
    return current ? rowsOfBytes(current.bytes) : [];
  }
}
