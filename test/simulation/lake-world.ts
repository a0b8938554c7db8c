import { lakeObjectKey } from "../../functions/core/domain/lake-keys.ts";
import { type StoredMessage, sortKeyOf } from "../../functions/core/domain/message.ts";
import { shardOf } from "../../functions/core/domain/shard.ts";
import type { LakeObjects } from "../../functions/core/ports/lake-objects.ts";
import { aStoredMessage } from "../support/builders.ts";
import { FakeLake } from "../support/fakes/fake-lake.ts";
import { FakeLakeBucket } from "../support/fakes/fake-lake-bucket.ts";
import { steppingObjects } from "./lake-steps.ts";
import type { PlantedBug } from "./planted-bugs.ts";
import { Scheduler } from "./scheduler.ts";

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
    const { scheduler, lake } = this;
    return steppingObjects(
      {
        bucket: lake.bucket,
        completion: () => this.completion(),
        step: (step) => scheduler.step(step),
        arriveLater: (name, footprint, arrive) => {
          const network = `network ${++this.#late}`;
          scheduler.start(async () => {
            await scheduler.step({ actor: network, name, footprint });
            arrive();
          });
        },
      },
      actor,
    );
  }
}

/** A bucket that says an upload is gone and keeps it. */
class LazyBucket extends FakeLakeBucket {
  override async abort(): Promise<void> {}
}

export const keyOf = (row: StoredMessage): string => JSON.stringify([row.user_id, sortKeyOf(row)]);
