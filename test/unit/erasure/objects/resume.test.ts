import { describe, expect, it } from "vitest";
import { isNothing } from "../../../../functions/core/domain/erasure.ts";
import { Life } from "./killed.ts";
import { ANA, aMessageOf, BEA, DAY, eraseAll, keyOf, ObjectScene, PACE } from "./scene.ts";

const OTHER_DAY = "2026-11-17";
const DAYS = [OTHER_DAY, DAY];

/** Two days of two people, one of which was exported twice, so that there is an old version. */
async function aLake(): Promise<ObjectScene> {
  const scene = new ObjectScene(DAYS.flatMap((day) => [aMessageOf(ANA, day), aMessageOf(BEA, day)]));
  await scene.export(...DAYS);
  scene.lake.rows.put(aMessageOf(BEA, OTHER_DAY, { message_id: "late" }));
  await scene.export(OTHER_DAY);
  return scene;
}

/** The first so many calls, then death. @returns how many calls it made */
async function runUntil(scene: ObjectScene, targets: ReturnType<ObjectScene["fence"]>, life: Life) {
  const deps = scene.deps();
  const { lake } = scene.stores({
    people: life.of(deps.people),
    objects: life.of(scene.bucket),
    versions: life.of(scene.bucket),
    days: life.of(scene.lake.days),
    rows: life.of(deps.rows),
    notes: life.of(deps.notes),
  });
  await lake.erase(targets, PACE).catch(() => undefined);
  return life.calls;
}

describe("an erasure that is killed at any call of a port and started again", () => {
  for (const takesEffect of [false, true]) {
    it(`ends as if it had not been, where the last call ${takesEffect ? "still had its effect" : "never happened"}`, async () => {
      const whole = await aLake();
      const calls = await runUntil(whole, whole.fence(ANA), new Life(Number.MAX_SAFE_INTEGER));
      expect(calls).toBeGreaterThan(25);
      let dirty = 0;
      for (let death = 0; death < calls; death++) {
        const scene = await aLake();
        const targets = scene.fence(ANA);
        await runUntil(scene, targets, new Life(death, takesEffect));

        // Nothing of the others is gone at any moment, and who is in an object is in the index.
        for (const day of DAYS) {
          expect(scene.peopleIn(keyOf(day)), `death at ${death}`).toContain(BEA);
          for (const user of scene.peopleIn(keyOf(day)))
            expect(scene.lake.people.generationOf(keyOf(day), user), `death at ${death}`).toBeDefined();
        }

        const { lake } = scene.stores();
        await eraseAll(lake, targets);
        expect((await lake.verify(targets)).every(isNothing), `death at ${death}`).toBe(true);
        for (const day of DAYS) {
          expect(scene.rowsEverywhere(keyOf(day), ANA), `death at ${death}`).toEqual([]);
          expect(scene.peopleIn(keyOf(day)), `death at ${death}`).toEqual([BEA]);
          if (scene.lake.days.isClean(day)) {
            expect(await scene.isConsistent(day), `death at ${death}: clean and wrong`).toBe(true);
            continue;
          }
          // Killed between commit and record: the next export mends what is recorded.
          dirty += 1;
          await scene.export(day);
          expect(await scene.isConsistent(day), `death at ${death}: not mended`).toBe(true);
          expect(scene.peopleIn(keyOf(day)), `death at ${death}`).toEqual([BEA]);
        }
      }
      expect(dirty).toBeGreaterThan(0);
      expect(dirty).toBeLessThan(calls / 2);
    });
  }
});
