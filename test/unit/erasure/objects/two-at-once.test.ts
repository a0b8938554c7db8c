import { setTimeout } from "node:timers/promises";
import { expect, it } from "vitest";
import { lakeObjectKey } from "../../../../functions/core/domain/lake-keys.ts";
import { shardOf } from "../../../../functions/core/domain/shard.ts";
import { exportDayObject } from "../../../../functions/core/use-cases/export-day-object.ts";
import { finishDay } from "../../../../functions/core/use-cases/finish-day.ts";
import { aMessageOf, DAY, eraseAll, ObjectScene } from "./scene.ts";

it("a day of several objects stays clean where two of them lose people at once", async () => {
  const users = Array.from({ length: 40 }, (_, n) => `web:${n}`);
  const [even, odd] = [0, 1].map((part) => users.filter((user) => shardOf(user) % 2 === part));
  const scene = new ObjectScene(users.map((user) => aMessageOf(user, DAY)));
  for (const object of [0, 1])
    await exportDayObject({ day: DAY, object, objects: 2 }, scene.lake.exportDeps());
  await finishDay(DAY, scene.lake.finishDeps());
  expect(scene.lake.days.isClean(DAY)).toBe(true);
  const targets = scene.fence(even?.[0] ?? "", odd?.[0] ?? "");

  // Between recording an upload and completing it there is time for the other one to be recorded.
  const { bucket } = scene;
  const begin = bucket.begin.bind(bucket);
  bucket.begin = async (key, about) => {
    const upload = await begin(key, about);
    const complete: typeof upload.complete = async (replaces) => {
      await setTimeout(10);
      return upload.complete(replaces);
    };
    return { ...upload, complete };
  };
  await eraseAll(scene.stores().lake, targets);
  for (const object of [0, 1]) expect(bucket.versions(lakeObjectKey(DAY, object, 2))).toHaveLength(1);
  expect(scene.lake.days.isClean(DAY)).toBe(true);
});
