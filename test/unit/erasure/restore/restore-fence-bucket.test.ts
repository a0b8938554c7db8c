import { describe, expect, it } from "vitest";
import { isNothing } from "../../../../functions/core/domain/erasure.ts";
import {
  fenceRestoredBucket,
  type RestoredBucketDeps,
} from "../../../../functions/core/use-cases/restore-fence-bucket.ts";
import { NOW } from "../../../support/builders.ts";
import { createFakeErasureLedger } from "../../../support/fakes/fake-erasure-ledger.ts";
import { fakeLakeRowFiles } from "../../../support/fakes/fake-lake-row-files.ts";
import { FakeLegalHolds } from "../../../support/fakes/fake-legal-holds.ts";
import { ANA, aMessageOf, BEA, DAY, keyOf, ObjectScene } from "../objects/scene.ts";

const KEY = keyOf(DAY);
const [OWNED, ORPHAN] = ["media/images/a.jpg", "media/images/b.jpg"];

/** A bucket of two people, of whom Ana was erased since the backup; `fencedMeanwhile` more fences come while it is read. */
async function aRestoredBucket(fencedMeanwhile = 0) {
  const scene = new ObjectScene([aMessageOf(ANA, DAY), aMessageOf(BEA, DAY)]);
  await scene.export(DAY);
  for (const key of [OWNED, ORPHAN]) scene.bucket.put(key, Buffer.from("image"), "");
  const fences = new Map([[scene.keys.tag(ANA), { generation: 1, fenced_at: NOW }]]);
  let sequence = 1;
  const { rows, userRows } = scene.deps();
  const deps: RestoredBucketDeps = {
    ledger: createFakeErasureLedger({ fences }),
    days: { fenceSequence: async () => sequence },
    holds: new FakeLegalHolds(),
    keys: scene.keys,
    objects: scene.bucket,
    versions: scene.bucket,
    rows,
    userRows,
    async *ownedKeys() {
      yield OWNED;
    },
    peopleIn: (key, file) => (key === KEY ? named(file) : undefined),
  };
  async function* named(file: Parameters<RestoredBucketDeps["peopleIn"]>[1]) {
    if (sequence <= fencedMeanwhile) sequence += 1;
    for await (const { user_id, generation } of fakeLakeRowFiles.read(file))
      yield { name: user_id, generation: Number(generation) };
  }
  return { scene, deps };
}

describe("running the fences over a restored bucket", () => {
  it("removes who was erased, and what nobody owns any more", async () => {
    const { scene, deps } = await aRestoredBucket();
    const report = await fenceRestoredBucket(1, deps);
    expect(scene.peopleIn(KEY)).toEqual([BEA]);
    expect(scene.bucket.versions(KEY)).toHaveLength(1);
    expect(scene.bucket.keys()).toContain(OWNED);
    expect(scene.bucket.versions(ORPHAN)).toEqual([]);
    expect(report).toMatchObject({ people: 2, fenced: 1, fences: 1, unresolved: 0 });
    expect(isNothing(report.remaining)).toBe(true);
    expect(report.removed).toMatchObject({ rows: 1 });
  });

  it("looks again when somebody is fenced meanwhile, and counts what it removed once", async () => {
    const { deps } = await aRestoredBucket(1);
    const report = await fenceRestoredBucket(1, deps);
    expect(report).toMatchObject({ people: 1, fenced: 0, fences: 2, removed: { rows: 1 } });
  });

  it.each(["athena-results/x", "backups/x", "holds/x", "raw-exports/x", "staging/x"])(
    "refuses a bucket with %s",
    async (key) => {
      const { scene, deps } = await aRestoredBucket();
      scene.bucket.put(key, Buffer.from("copy"), "");
      await expect(fenceRestoredBucket(1, deps)).rejects.toThrow(key.slice(0, -1));
      expect(scene.peopleIn(KEY)).toEqual([ANA, BEA]);
    },
  );
});
