import type { Clock } from "../../../functions/core/domain/clock.ts";
import { PermanentError } from "../../../functions/core/domain/errors.ts";
import { SHARDS } from "../../../functions/core/domain/shard.ts";
import type { DayMarks } from "../../../functions/core/ports/day-marks.ts";
import type {
  LakeDay,
  LakeDays,
  LakeItem,
  LakeManifest,
  ShardMark,
} from "../../../functions/core/ports/lake-days.ts";
import type { UploadName } from "../../../functions/core/ports/lake-objects.ts";

interface HeldItem {
  manifest?: LakeManifest;
  upload?: UploadName;
}

interface HeldDay {
  objects?: number;
  isClean: boolean;
  /** The upload of a removal that made a clean day dirty. */
  pausedFor?: string;
  readonly marks: Map<number, ShardMark>;
  readonly items: Map<string, HeldItem>;
}

/** The table `lake-days` and the number of fences in memory; each method is one transaction. */
export class FakeLakeDays implements LakeDays, DayMarks {
  readonly #days = new Map<string, HeldDay>();
  readonly #clock: Clock;
  #fences = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Part of a fence's transaction. */
  raiseFence(): void {
    this.#fences += 1;
  }

  /** True when the day says that it is clean, and nothing of it that it is not. */
  isClean(day: string): boolean {
    const held = this.#days.get(day);
    if (held === undefined || !held.isClean) return false;
    return [...held.marks.values()].every(({ isDirty }) => !isDirty);
  }

  async bump(day: string, shard: number) {
    const { marks } = this.#held(day);
    const mark = (marks.get(shard)?.mark ?? 0) + 1;
    marks.set(shard, { shard, mark, markedAt: this.#clock().toISOString(), isDirty: true });
  }

  async fenceSequence() {
    return this.#fences;
  }

  async read(day: string): Promise<LakeDay> {
    const held = this.#days.get(day);
    const items = [...(held?.items ?? [])].map(([name, item]): [string, LakeItem] => [name, { ...item }]);
    return {
      day,
      ...(held?.objects !== undefined && { objects: held.objects }),
      state: held?.objects === undefined ? "missing" : held.isClean ? "clean" : "dirty",
      marks: [...(held?.marks.values() ?? [])].sort((a, b) => a.shard - b.shard),
      items: new Map(items),
    };
  }

  async open(day: string, objects: number) {
    const held = this.#held(day);
    if (held.objects !== undefined && held.objects !== objects) {
      throw new PermanentError(`lake: ${day} was exported with another number of objects than ${objects}`);
    }
    held.objects = objects;
    held.isClean = false;
    delete held.pausedFor;
  }

  async recordUpload(entry: Parameters<LakeDays["recordUpload"]>[0]) {
    if (this.#fences !== entry.fenceSequence) return "overtaken" as const;
    const item = this.#item(entry.day, entry.item);
    const recorded = item.upload?.uploadId;
    if (recorded !== undefined && recorded !== entry.upload.uploadId && recorded !== entry.gone?.uploadId) {
      return "foreign" as const;
    }
    item.upload = { ...entry.upload };
    const held = this.#held(entry.day);
    if (entry.removal && (held.isClean || held.pausedFor === entry.upload.uploadId)) {
      held.pausedFor = entry.upload.uploadId;
    } else delete held.pausedFor;
    held.isClean = false;
    return "recorded" as const;
  }

  async forgetUpload(day: string, name: string, upload: UploadName) {
    const item = this.#item(day, name);
    if (item.upload?.uploadId === upload.uploadId) delete item.upload;
  }

  async record(entry: Parameters<LakeDays["record"]>[0]) {
    const item = this.#item(entry.day, entry.item);
    const isMine = entry.upload
      ? item.upload?.uploadId === entry.upload.uploadId ||
        (item.upload === undefined && item.manifest?.exportId === entry.manifest.exportId)
      : item.upload === undefined && item.manifest?.versionId === undefined;
    if (!isMine) return false;
    item.manifest = structuredClone(entry.manifest);
    delete item.upload;
    const held = this.#held(entry.day);
    if (entry.removal && entry.upload && held.pausedFor === entry.upload.uploadId) {
      held.isClean = true;
      delete held.pausedFor;
    }
    return true;
  }

  async markClean(seen: LakeDay) {
    const held = this.#held(seen.day);
    const marks = new Map(seen.marks.map(({ shard, mark }) => [shard, mark]));
    for (let shard = 0; shard < SHARDS; shard++) {
      if (held.marks.get(shard)?.mark !== marks.get(shard)) return false;
    }
    for (const [name, { manifest }] of seen.items) {
      const item = this.#item(seen.day, name);
      if (item.upload || item.manifest?.exportId !== manifest?.exportId) return false;
    }
    if (held.objects === undefined || held.objects !== seen.objects) return false;
    for (const [shard, mark] of held.marks) held.marks.set(shard, { ...mark, isDirty: false });
    held.isClean = true;
    delete held.pausedFor;
    return true;
  }

  async recordedUploads() {
    return [...this.#days].flatMap(([day, { items }]) =>
      [...items].flatMap(([item, { upload }]) => (upload ? [{ day, item, upload }] : [])),
    );
  }

  async dirtyDays() {
    const isDirty = ({ objects, isClean, marks }: HeldDay) =>
      (objects !== undefined && !isClean) || [...marks.values()].some((mark) => mark.isDirty);
    return [...this.#days].flatMap(([day, held]) => (isDirty(held) ? [day] : [])).sort();
  }

  async recordedDays(days: readonly string[]) {
    return new Set(days.filter((day) => this.#days.get(day)?.objects !== undefined));
  }

  #held(day: string): HeldDay {
    const held = this.#days.get(day) ?? { isClean: false, marks: new Map(), items: new Map() };
    this.#days.set(day, held);
    return held;
  }

  #item(day: string, name: string): HeldItem {
    const { items } = this.#held(day);
    const item = items.get(name) ?? {};
    items.set(name, item);
    return item;
  }
}
