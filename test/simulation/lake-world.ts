import { lakeObjectKey } from "../../functions/core/domain/lake-keys.ts";
import { type StoredMessage, sortKeyOf } from "../../functions/core/domain/message.ts";
import { shardOf } from "../../functions/core/domain/shard.ts";
import type { Completion, LakeObjects } from "../../functions/core/ports/lake-objects.ts";
import { aStoredMessage } from "../support/builders.ts";
import { FakeLake } from "../support/fakes/fake-lake.ts";
import { FakeLakeBucket } from "../support/fakes/fake-lake-bucket.ts";
import type { PlantedBug } from "./planted-bugs.ts";
import { Scheduler } from "./scheduler.ts";
import { stepping } from "./stepping.ts";

export const DAY = "2026-11-20";
export const KEY = lakeObjectKey(DAY, 0, 1);
export const SETTLE_MS = 900_000;
const NOON = `${DAY}T12:00:00.000Z`;
const NIGHT = "2026-11-21T02:30:00.000Z";

/** Stores in memory and the truth about them. */
export class LakeWorld {
  readonly scheduler = new Scheduler();
  readonly lake: FakeLake;
  readonly bug: PlantedBug | undefined;
  /** Every row that was ever written, at its latest state. */
  readonly written = new Map<string, StoredMessage>();
  /** Shards that people of the scenario are in. */
  readonly shards = new Set<number>();
  /** People, and the generation that a receipt says is gone. */
  readonly receipts = new Map<string, number>();
  /** Rows that were announced and that the day's index does not show yet: time waits for them. */
  unsettled = 0;
  /** How the next completion ends: its answer may get lost, before or after it was carried out, or much before. */
  completion: () => "answered" | "lost" | "late" = () => "answered";
  #late = 0;

  constructor(bug?: PlantedBug) {
    this.bug = bug;
    const bucket = bug === "abort that does nothing" ? new LazyBucket() : undefined;
    this.lake = new FakeLake(
      NIGHT,
      [],
      bucket ?? new FakeLakeBucket({ honoursConditions: bug !== "no If-Match" }),
    );
  }

  /** A row in table and index. */
  given(user_id: string, message_id: string, over: Partial<StoredMessage> = {}): StoredMessage {
    const row = aStoredMessage({ user_id, message_id, timestamp: NOON, ...over });
    this.written.set(keyOf(row), row);
    this.lake.rows.put(row);
    this.shards.add(shardOf(user_id));
    return row;
  }

  /** The bucket as an actor sees it: every call is a step, and completions may lose their answers. */
  objects(actor: string): LakeObjects {
    const { bucket } = this.lake;
    const { scheduler } = this;
    return {
      ...forwarded(stepping(scheduler, actor, bucket)),
      open: (key, version) => {
        const file = bucket.open(key, version);
        return {
          byteLength: file.byteLength,
          slice: async (start, end) => {
            await scheduler.step({ actor, name: "read object", footprint: { reads: ["object"] } });
            return file.slice(start, end);
          },
        };
      },
      begin: async (key, about) => {
        const upload = await bucket.begin(key, about);
        const complete = async (replaces: string | undefined): Promise<Completion> => {
          await scheduler.step({ actor, name: "complete", footprint: { writes: ["object", "uploads"] } });
          return this.#complete(upload.uploadId, replaces);
        };
        return { ...upload, complete };
      },
    };
  }

  #complete(uploadId: string, replaces: string | undefined): Completion {
    const { bucket } = this.lake;
    switch (this.completion()) {
      case "answered":
        return bucket.complete(uploadId, replaces);
      case "lost":
        bucket.complete(uploadId, replaces);
        return { status: "unknown" };
      case "late": {
        const actor = `network ${++this.#late}`;
        this.scheduler.start(async () => {
          await this.scheduler.step({
            actor,
            name: "completion arrives",
            footprint: { writes: ["object", "uploads"] },
          });
          bucket.complete(uploadId, replaces);
        });
        return { status: "unknown" };
      }
    }
  }
}

/** A bucket that says an upload is gone and keeps it. */
class LazyBucket extends FakeLakeBucket {
  override async abort(): Promise<void> {}
}

/** A port's methods as own properties, to replace some of them. */
const forwarded = (objects: LakeObjects): LakeObjects => ({
  head: (key) => objects.head(key),
  open: (key, version) => objects.open(key, version),
  begin: (key, about) => objects.begin(key, about),
  abort: (upload) => objects.abort(upload),
});

export const keyOf = (row: StoredMessage): string => JSON.stringify([row.user_id, sortKeyOf(row)]);
