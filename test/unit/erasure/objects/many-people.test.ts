import { describe, expect, it } from "vitest";
import { createHoldCopies } from "../../../../functions/core/use-cases/erasure/folder-objects.ts";
import { ObjectScene, PACE } from "./scene.ts";

const PEOPLE = 1000;
const targetsOf = (scene: ObjectScene) =>
  scene.fence(...Array.from({ length: PEOPLE }, (_, n) => `whatsapp:+3460000${String(n).padStart(4, "0")}`));

/** Copies for holds of a bucket whose lists take a moment; says how many ran at once, and how many there were. */
function slowCopies(scene: ObjectScene) {
  const { objects, versions } = scene.deps();
  const seen = { lists: 0, running: 0, atOnce: 0 };
  const slow = <T>(list: (prefix: string) => AsyncIterable<T>) =>
    async function* (prefix: string): AsyncGenerator<T> {
      seen.lists += 1;
      seen.running += 1;
      seen.atOnce = Math.max(seen.atOnce, seen.running);
      await new Promise((resolve) => setImmediate(resolve));
      seen.running -= 1;
      yield* list(prefix);
    };
  const listing = {
    entries: (key: string) => versions.entries(key),
    below: slow((prefix) => versions.below(prefix)),
    uploads: slow((prefix) => versions.uploads(prefix)),
    remove: (gone: Parameters<typeof versions.remove>[0]) => versions.remove(gone),
  };
  return { seen, store: createHoldCopies({ objects, versions: { ...versions, ...listing } }) };
}

describe("copies for holds of many people", () => {
  it.each(["count", "verify"] as const)("are listed for several of them at once: %s", async (call) => {
    const scene = new ObjectScene();
    const { seen, store } = slowCopies(scene);
    await store[call](targetsOf(scene));
    expect(seen.lists).toBe(2 * PEOPLE);
    expect(seen.atOnce).toBeGreaterThanOrEqual(8);
  });

  it("are not looked for any more when time is over, and the next call goes on", async () => {
    const scene = new ObjectScene();
    const { seen, store } = slowCopies(scene);
    const targets = targetsOf(scene);
    const last = `holds/${targets.at(-1)?.tag}/copy.zip`;
    scene.bucket.put(last, Buffer.from("kept"), "");
    let asked = 0;
    const { done } = await store.erase(targets, { ...PACE, hasTime: () => ++asked <= 10 });
    expect(done).toBe(false);
    expect(seen.lists).toBeLessThan(100);
    expect(await store.erase(targets, PACE)).toMatchObject({ done: true });
    expect(scene.bucket.versions(last)).toEqual([]);
  });
});
