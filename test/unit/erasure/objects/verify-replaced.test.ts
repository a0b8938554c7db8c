import { expect, it } from "vitest";
import { fakePersonObjects } from "../../../support/fakes/fake-person-objects.ts";
import { ANA, aMessageOf, BEA, DAY, keyOf, ObjectScene } from "./scene.ts";

it("looks again where the version that it reads is replaced meanwhile by somebody who leaves the person in", async () => {
  const KEY = keyOf(DAY);
  const scene = new ObjectScene([aMessageOf(ANA, DAY), aMessageOf(BEA, DAY)]);
  await scene.export(DAY);
  const targets = scene.fence(ANA);
  // The index does not say so, as where it missed them: the verification is what finds them.
  await scene.notes.add([KEY]);
  await fakePersonObjects(scene.lake.people).remove([{ user_id: ANA, key: KEY, generation: 1 }]);
  // Another request rewrites the object without its own people, and removes the version that it replaced.
  const { bucket } = scene;
  const [old] = bucket.versions(KEY);
  if (!old) throw new Error("nothing exported");
  const open = bucket.open.bind(bucket);
  let isReplaced = false;
  bucket.open = (key, version) => {
    if (!isReplaced) {
      isReplaced = true;
      bucket.put(key, old.bytes, "another-removal");
      bucket.removeVersion(key, old.versionId);
    }
    return open(key, version);
  };
  expect(scene.rowsEverywhere(KEY, ANA)).toHaveLength(1);
  expect(await scene.stores().lake.verify(targets)).toMatchObject([{ objects: 1, versions: 1, rows: 1 }]);
});
