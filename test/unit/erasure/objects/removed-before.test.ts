import { expect, it } from "vitest";
import { removedBefore } from "../../../../functions/core/domain/erasure-errors.ts";
import { TransientError } from "../../../../functions/core/domain/errors.ts";
import { ANA, BEA, DAY, ObjectScene, PACE } from "./scene.ts";

it("copies for holds: what went before a failure is told", async () => {
  const scene = new ObjectScene();
  const targets = scene.fence(ANA, BEA);
  for (const { tag } of targets) scene.bucket.put(`holds/${tag}/a.zip`, new Uint8Array(3));
  let calls = 0;
  const versions = new Proxy(scene.bucket, {
    get(bucket, name) {
      const value = Reflect.get(bucket, name, bucket);
      if (typeof value !== "function") return value;
      if (name !== "remove") return value.bind(bucket);
      return async (...args: Parameters<typeof bucket.remove>) => {
        if (++calls === 2) throw new TransientError("S3: SlowDown");
        return bucket.remove(...args);
      };
    },
  });
  const error = await scene
    .stores({ versions })
    .holds.erase(targets, PACE)
    .catch((e: unknown) => e);
  expect(error).toBeInstanceOf(TransientError);
  expect(removedBefore(error)).toMatchObject([{ versions: 1 }, { versions: 0 }]);
});

it("own objects: what went before the holds could not be asked is told", async () => {
  const scene = new ObjectScene();
  const targets = scene.fence(ANA);
  for (let n = 0; n < 26; n++) {
    await scene.lake.people.add(`media/${DAY}/${n}.jpg`, [{ user_id: ANA, generation: 1 }]);
    scene.bucket.put(`media/${DAY}/${n}.jpg`, new Uint8Array(3));
  }
  let asked = 0;
  const pace = {
    ...PACE,
    unheld: async (all: typeof targets) => {
      if (++asked === 2) throw new TransientError("DynamoDB: throttled");
      return all;
    },
  };
  const error = await scene
    .stores()
    .media.erase(targets, pace)
    .catch((e: unknown) => e);
  expect(error).toBeInstanceOf(TransientError);
  expect(removedBefore(error)).toMatchObject([{ objects: 25 }]);
});
