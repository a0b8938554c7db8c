import { strFromU8, unzipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { openZip } from "../../../../functions/adapters/zip/zip-archive.ts";
import { PermanentError, TransientError } from "../../../../functions/core/domain/errors.ts";
import { KeyChain } from "../../../../functions/core/domain/key-chain.ts";
import { type ErasableStoreName, storesOf } from "../../../../functions/core/domain/personal-stores.ts";
import {
  type PreserveHeldDeps,
  preserveHeld,
  refreshHeld,
} from "../../../../functions/core/use-cases/preserve-held.ts";
import { later, NOW } from "../../../support/builders.ts";
import { FakeHoldsBucket } from "../../../support/fakes/fake-holds-bucket.ts";
import { FakeIdentities } from "../../../support/fakes/fake-identities.ts";
import { FakeLegalHolds } from "../../../support/fakes/fake-legal-holds.ts";
import {
  createFakePersonalStore,
  type FakePersonalStore,
} from "../../../support/fakes/fake-personal-store.ts";

const ANA = "whatsapp:+34600000001";
const ALIAS = "web:ana";
const BEA = "web:bea";
const keys = new KeyChain({ k1: "a key that is long enough for the holds" });

function world() {
  const stores = Object.fromEntries(
    storesOf().map((store) => [store, createFakePersonalStore({ store })]),
  ) as Record<ErasableStoreName, FakePersonalStore>;
  const bucket = new FakeHoldsBucket();
  const holds = new FakeLegalHolds();
  const identities = new FakeIdentities();
  let moment = 0;
  const deps: PreserveHeldDeps = {
    stores,
    openArchive: openZip,
    clock: () => new Date(later(1_000 * moment++)),
    holds,
    identities,
    keys,
    objects: bucket,
    versions: bucket,
    texts: bucket,
  };
  const hold = (user: string) =>
    holds.set({ tag: keys.tag(user), set_at: NOW, actor: "arn:counsel", reason: "case 7" });
  const zips = () => bucket.keys().filter((key) => key.endsWith(".zip"));
  const textOf = (key: string) =>
    Object.values(unzipSync(bucket.bytes(key)))
      .map((bytes) => strFromU8(bytes))
      .join("\n");
  const write = (user: string, name: string, value: unknown, store: ErasableStoreName = "quarantine") =>
    stores[store].put({ user_id: user, name, generation: 1, value });
  return { stores, bucket, holds, identities, deps, hold, zips, textOf, write };
}

describe("copies of held people's data", () => {
  it("hold everything there is, under all ids, and name nobody in their keys", async () => {
    const { bucket, identities, deps, hold, zips, textOf, write } = world();
    for (const alias of [ANA, ALIAS])
      await identities.link({ alias, person_id: "person_1", valid_from: NOW });
    write(ANA, "a", "canary-1");
    write(ALIAS, "b", "canary-2", "cache");
    write(BEA, "c", "canary-3");
    await hold(ANA);
    expect(await preserveHeld(ANA, deps)).toBe(true);
    const [zip = ""] = zips();
    expect(zips()).toHaveLength(1);
    for (const canary of ["canary-1", "canary-2"]) expect(textOf(zip)).toContain(canary);
    expect(textOf(zip)).not.toContain("canary-3");
    for (const key of bucket.keys()) {
      expect(key).toMatch(/^holds\/[0-9a-f]{64}\//);
      expect(key).not.toContain("34600000001");
    }
  });

  it("are made for nobody who is not held", async () => {
    const { bucket, deps, write } = world();
    write(ANA, "a", 1);
    await expect(preserveHeld(ANA, deps)).rejects.toThrow(PermanentError);
    expect(bucket.keys()).toEqual([]);
  });

  it("are made anew only when something changed, and none is lost while the hold lasts", async () => {
    const { stores, deps, hold, zips, textOf, write } = world();
    write(ANA, "a", "canary-1");
    await hold(ANA);
    await preserveHeld(ANA, deps);
    expect(await preserveHeld(ANA, deps)).toBe(false);
    expect(await refreshHeld(deps)).toEqual({ held: 1, copied: 0, removed: 0, lacking: 0 });
    expect(zips()).toHaveLength(1);
    // A row expires, another one comes.
    const gone = createFakePersonalStore();
    Object.assign(stores, { quarantine: gone });
    write(ANA, "b", "canary-2");
    expect(await refreshHeld(deps)).toMatchObject({ held: 1, copied: 1 });
    expect(zips()).toHaveLength(2);
    expect(zips().map(textOf).join()).toContain("canary-1");
    expect(textOf(zips()[1] ?? "")).toContain("canary-2");
  });

  it("hold no copies of copies", async () => {
    const { deps, hold, zips, textOf, write } = world();
    write(ANA, "an older copy", "canary-old", "holds");
    await hold(ANA);
    await preserveHeld(ANA, deps);
    expect(textOf(zips()[0] ?? "")).not.toContain("canary-old");
  });

  it("go with every version when the hold is lifted, and only then", async () => {
    const { bucket, holds, deps, hold, write } = world();
    for (const user of [ANA, BEA]) {
      write(user, "a", user);
      await hold(user);
      await preserveHeld(user, deps);
    }
    await deps.objects.begin(`holds/${keys.tag(ANA)}/unfinished.zip`, {
      exportId: "x",
      contentType: "application/zip",
    });
    await holds.lift(keys.tag(ANA));
    expect(await refreshHeld(deps)).toEqual({ held: 1, copied: 0, removed: 1, lacking: 0 });
    expect(bucket.keys().filter((key) => key.includes(keys.tag(ANA)))).toEqual([]);
    expect(bucket.keys()).toHaveLength(2);
    expect(bucket.pending()).toBe(0);
  });

  it("are not written once the hold is lifted, however long they took", async () => {
    const { bucket, stores, holds, deps, hold, write } = world();
    write(ANA, "a", "canary-1");
    await hold(ANA);
    let lifted: unknown;
    const slow = createFakePersonalStore({
      onStep: async () => {
        if (lifted !== undefined) return;
        lifted = await holds.lift(keys.tag(ANA));
        // What `hilo hold lift` does: whoever lifted it is told that the copies are gone.
        await refreshHeld(deps);
      },
    });
    expect(await preserveHeld(ANA, { ...deps, stores: { ...stores, search: slow } })).toBe(false);
    expect(lifted).toBe(true);
    expect(bucket.keys()).toEqual([]);
    expect(bucket.pending()).toBe(0);
  });

  it("are told to lack where a hold was set without one", async () => {
    const { deps, hold } = world();
    await hold(ANA);
    expect(await refreshHeld(deps)).toEqual({ held: 0, copied: 0, removed: 0, lacking: 1 });
  });

  it("are nothing where a store cannot be read; the others are looked after all the same", async () => {
    const { bucket, stores, deps, hold, zips, write } = world();
    for (const user of [ANA, BEA]) {
      write(user, "a", user);
      await hold(user);
    }
    await preserveHeld(BEA, deps);
    const failing = createFakePersonalStore({
      onStep: () => {
        throw new TransientError("OpenSearch is unreachable");
      },
    });
    await expect(preserveHeld(ANA, { ...deps, stores: { ...stores, search: failing } })).rejects.toThrow(
      TransientError,
    );
    expect(zips()).toHaveLength(1);
    // The person is found the next day, by what was written first.
    expect(await refreshHeld(deps)).toEqual({ held: 2, copied: 1, removed: 0, lacking: 0 });
    expect(zips()).toHaveLength(2);
    expect(bucket.pending()).toBe(0);
  });

  it("leave no unfinished upload when a store fails between looking and writing", async () => {
    const { bucket, stores, deps, hold, zips, write } = world();
    write(ANA, "a", 1);
    await hold(ANA);
    let reads = 0;
    const failing = createFakePersonalStore({
      onStep: () => {
        reads += 1;
        if (reads > 1) throw new TransientError("OpenSearch is unreachable");
      },
    });
    await expect(preserveHeld(ANA, { ...deps, stores: { ...stores, search: failing } })).rejects.toThrow(
      TransientError,
    );
    expect(reads).toBe(2);
    expect([zips(), bucket.pending()]).toEqual([[], 0]);
  });

  it("survive a new hash key: the folder stays, the hold under the new tag is found", async () => {
    const { bucket, holds, deps, hold, write } = world();
    write(ANA, "a", 1);
    await hold(ANA);
    await preserveHeld(ANA, deps);
    const rotated = new KeyChain({
      k1: "a key that is long enough for the holds",
      k2: "another key that is long enough for holds",
      lookups: "k2",
    });
    await holds.lift(keys.tag(ANA));
    await holds.set({ tag: rotated.tag(ANA), set_at: NOW, actor: "arn:counsel", reason: "case 7" });
    expect(await refreshHeld({ ...deps, keys: rotated })).toEqual({
      held: 1,
      copied: 0,
      removed: 0,
      lacking: 0,
    });
    expect(bucket.keys()).toHaveLength(2);
  });
});
