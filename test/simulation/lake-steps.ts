import type { Completion, LakeObjects, LakeVersions } from "../../functions/core/ports/lake-objects.ts";
import type { PersonObjects } from "../../functions/core/ports/person-objects.ts";
import type { FakeLakeBucket } from "../support/fakes/fake-lake-bucket.ts";
import type { Footprint, Step } from "./scheduler.ts";
import { stepping } from "./stepping.ts";

/** Who is asked for leave before each step. */
export interface Stepper {
  step(step: Step): Promise<void>;
}

/** A bucket whose completions may lose their answers. */
export interface StepBucket extends Stepper {
  readonly bucket: FakeLakeBucket;
  /** How the next completion ends: its answer may get lost, before or after it was carried out, or much before. */
  completion(): "answered" | "lost" | "late";
  /** Something that was sent and arrives later, whatever became of who sent it. */
  arriveLater(name: string, footprint: Footprint, arrive: () => void): void;
}

const COMPLETES: Footprint = { writes: ["object", "uploads"] };

/** The bucket as an actor sees it: every call is a step. */
export function steppingObjects(world: StepBucket, actor: string): LakeObjects {
  const { bucket } = world;
  const objects = stepping(world, actor, bucket);
  const complete = (uploadId: string, replaces: string | undefined): Completion => {
    switch (world.completion()) {
      case "answered":
        return bucket.complete(uploadId, replaces);
      case "lost":
        bucket.complete(uploadId, replaces);
        return { status: "unknown" };
      case "late":
        world.arriveLater("completion arrives", COMPLETES, () => void bucket.complete(uploadId, replaces));
        return { status: "unknown" };
    }
  };
  return {
    head: (key) => objects.head(key),
    abort: (upload) => objects.abort(upload),
    open: (key, version) => {
      const file = bucket.open(key, version);
      return {
        byteLength: file.byteLength,
        slice: async (start, end) => {
          await world.step({ actor, name: "read object", footprint: { reads: ["object"] } });
          return file.slice(start, end);
        },
      };
    },
    begin: async (key, about) => {
      const upload = await bucket.begin(key, about);
      return {
        ...upload,
        complete: async (replaces) => {
          await world.step({ actor, name: "complete", footprint: COMPLETES });
          return complete(upload.uploadId, replaces);
        },
      };
    },
  };
}

/** Its versions and uploads as an eraser lists and removes them. */
export function steppingVersions(world: StepBucket, actor: string): LakeVersions {
  const { bucket } = world;
  const listed = async function* <T>(
    name: string,
    reads: readonly string[],
    items: () => AsyncIterable<T>,
  ): AsyncGenerator<T> {
    await world.step({ actor, name, footprint: { reads } });
    const found: T[] = [];
    for await (const item of items()) found.push(item);
    yield* found;
  };
  return {
    list: (key) => bucket.list(key),
    entries: (key) => listed("list versions", ["object"], () => bucket.entries(key)),
    below: (prefix) => bucket.below(prefix),
    uploads: (prefix) => listed("list uploads", ["uploads"], () => bucket.uploads(prefix)),
    remove: async (versions) => {
      await world.step({ actor, name: "remove versions", footprint: { writes: ["object"] } });
      await bucket.remove(versions);
    },
  };
}

/** The index of objects by person as an eraser sees it. */
export const steppingPersonObjects = (
  world: Stepper,
  actor: string,
  people: PersonObjects,
): PersonObjects => ({
  async *list(userId, prefix) {
    await world.step({ actor, name: "list objects", footprint: { reads: ["index"] } });
    yield* people.list(userId, prefix);
  },
  async remove(entries) {
    await world.step({ actor, name: "remove entries", footprint: { writes: ["index"] } });
    return people.remove(entries);
  },
});
