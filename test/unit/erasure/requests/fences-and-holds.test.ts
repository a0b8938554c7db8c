import { describe, expect, it } from "vitest";
import { PermanentError } from "../../../../functions/core/domain/errors.ts";
import { KeyChain } from "../../../../functions/core/domain/key-chain.ts";
import { storesOf } from "../../../../functions/core/domain/personal-stores.ts";
import { fencePeople } from "../../../../functions/core/use-cases/erasure/fence-people.ts";
import { later } from "../../../support/builders.ts";
import { DRAIN_SECONDS, idsOf, Scene } from "./scene.ts";

const ANA = "whatsapp:+34600000001";
const ANA_TG = "telegram:1";
const ANA_WEB = "web:ana";
const LUIS = "whatsapp:+346000000012";

const fence = (scene: Scene, request_id: string) =>
  scene.call("fence-people", (deps) => fencePeople({ request_id }, deps));

describe("fencing", () => {
  it("goes on until no new id is found", async () => {
    const scene = new Scene();
    scene.fill(ANA, ANA_TG, ANA_WEB);
    await scene.link(ANA, "p1");
    const id = await scene.approved(ANA);
    let fences = 0;
    scene.gate = async ({ method, moment }) => {
      // Each fence finds another link made meanwhile.
      if (method !== "fence" || moment !== "after") return;
      fences += 1;
      if (fences === 1) await scene.link(ANA_TG, "p1");
      if (fences === 2) await scene.link(ANA_WEB, "p1");
    };
    await fence(scene, id);
    expect(idsOf((await scene.subject(id)).targets)).toEqual([ANA_TG, ANA_WEB, ANA]);
    scene.gate = () => {};
    expect(await scene.run(id)).toBe("completed");
    expect(scene.left([ANA, ANA_TG, ANA_WEB])).toBe(0);
  });

  it("leaves alone who an id turns out to be shared with after the approval", async () => {
    const scene = new Scene();
    scene.fill(ANA, ANA_TG, LUIS);
    await scene.link(ANA, "p1");
    const id = await scene.approved(ANA);
    await scene.link(ANA_TG, "p1");
    await scene.link(ANA_TG, "p2");
    await scene.link(LUIS, "p2");
    expect(await scene.run(id)).toBe("completed");
    expect(scene.left([ANA])).toBe(0);
    expect(scene.left([ANA_TG, LUIS])).toBeGreaterThan(0);
    expect((await scene.subject(id)).undecided).toEqual([ANA_TG]);
    expect(JSON.parse((await scene.person(id)).receipt ?? "")).toMatchObject({ undecided_ids: 1 });
  });

  it("fences an id of two people of a request once", async () => {
    const scene = new Scene();
    const id = await scene.approved(ANA, LUIS);
    await scene.link(ANA, "p1");
    await scene.link(LUIS, "p1");
    await fence(scene, id);
    const targets = (await scene.requests.subjects(id)).map((subject) => idsOf(subject.targets));
    expect(targets).toEqual([[ANA], [LUIS]]);
    expect(scene.fenced.get(scene.keys.tag(ANA))?.generation).toBe(1);
  });

  it("drains from the last fence on, and not again when resumed", async () => {
    const scene = new Scene();
    const id = await scene.approved(ANA);
    scene.gate = ({ method, moment }) => {
      if (method === "fence" && moment === "after") scene.pass(7);
    };
    const began = scene.now;
    expect(await fence(scene, id)).toMatchObject({ drainSeconds: DRAIN_SECONDS, people: 1, held: 0 });
    expect(Date.parse((await scene.request(id)).drained_at ?? "")).toBe(began + (7 + DRAIN_SECONDS) * 1000);
    scene.pass(100);
    expect((await fence(scene, id)).drainSeconds).toBe(DRAIN_SECONDS - 100);
    scene.pass(DRAIN_SECONDS);
    expect((await fence(scene, id)).drainSeconds).toBe(0);
    expect(scene.fenced.get(scene.keys.tag(ANA))?.generation).toBe(1);
  });

  it("drains anew where a crash kept the drain from being written down", async () => {
    const scene = new Scene();
    const id = await scene.approved(ANA);
    scene.gate = ({ method, moment }) => {
      if (method === "setStore" && moment === "before") throw new PermanentError("killed");
    };
    await expect(fence(scene, id)).rejects.toThrow("killed");
    scene.gate = () => {};
    scene.pass(3600);
    expect((await fence(scene, id)).drainSeconds).toBe(DRAIN_SECONDS);
  });

  it("refuses a request whose raw ids are gone", async () => {
    const scene = new Scene();
    const id = await scene.approved(ANA);
    await scene.requests.forgetSubjects(id);
    await expect(fence(scene, id)).rejects.toThrow(/raw ids of 1 people are gone: plan again/);
  });

  it("gives targets the tags of a key that was added since", async () => {
    const scene = new Scene();
    const id = await scene.approved(ANA);
    await fence(scene, id);
    const rotated = new KeyChain({ k1: "k".repeat(64), k2: "l".repeat(64) });
    await fencePeople({ request_id: id }, { ...scene.deps(), keys: rotated });
    expect((await scene.subject(id)).targets).toMatchObject([{ tags: rotated.tags(ANA), generation: 1 }]);
  });
});

describe("a legal hold", () => {
  it("keeps a person wholly out, whichever of the ids it is on, and the others go", async () => {
    const scene = new Scene();
    scene.fill(ANA, ANA_TG, LUIS);
    await scene.link(ANA, "p1");
    await scene.link(ANA_TG, "p1");
    const id = await scene.approved(ANA, LUIS);
    await scene.hold(ANA_TG);
    const kept = scene.left([ANA, ANA_TG]);
    expect(await scene.run(id)).toBe("waiting");
    expect(scene.left([ANA, ANA_TG])).toBe(kept);
    expect(scene.left([LUIS])).toBe(0);
    expect([...scene.fenced.keys()]).toEqual([scene.keys.tag(LUIS)]);
    expect(await scene.request(id)).toMatchObject({ status: "waiting", held: 1 });
    expect(await scene.person(id, 1)).toMatchObject({ status: "held", before: {}, removed: {} });
    const receipt = (await scene.person(id, 2)).receipt;
    expect(receipt).toBeDefined();

    await scene.lift(ANA_TG);
    scene.pass(86_400);
    expect(await scene.run(id)).toBe("completed");
    expect(scene.left([ANA, ANA_TG])).toBe(0);
    expect(await scene.request(id)).toMatchObject({ held: 0 });
    // Handed out before, and still true.
    expect((await scene.person(id, 2)).receipt).toBe(receipt);
  });

  it.each(storesOf())("set while %s is being erased stops it there; lifted, it goes on", async (store) => {
    const scene = new Scene();
    scene.fill(ANA, LUIS);
    const id = await scene.approved(ANA, LUIS);
    let removals = 0;
    scene.onStep = async (step) => {
      // After the first record of several.
      if (step.store !== store || step.call !== "erase" || step.moment !== "removed") return;
      removals += 1;
      if (removals === 1) await scene.hold(ANA);
    };
    expect(await scene.run(id)).toBe("waiting");
    expect(scene.stores[store].held.filter(({ user_id }) => user_id === ANA)).toHaveLength(1);
    expect(scene.left([LUIS])).toBe(0);
    expect((await scene.person(id, 1)).receipt).toBeUndefined();
    await scene.lift(ANA);
    expect(await scene.run(id)).toBe("completed");
    expect(scene.left([ANA])).toBe(0);
    expect((await scene.person(id, 1)).removed[store]).toMatchObject({ items: 2 });
  });

  it("lifted a moment later does not let what it kept pass for verified", async () => {
    const ends = new Set<string>();
    for (let held = 1; held < 400; held += 7) {
      const scene = new Scene();
      for (const name of ["cache", "lake"] as const) scene.fillStore(name, ANA);
      const id = await scene.approved(ANA);
      let asked = Number.NaN;
      scene.gate = async ({ method, moment }) => {
        if (method === "drained") asked = 0;
        if (method !== "held" || moment !== "before") return;
        asked += 1;
        // There for one question only.
        if (asked === held) await scene.hold(ANA);
        if (asked === held + 1) await scene.lift(ANA);
      };
      ends.add(await scene.run(id));
      if (asked < held) return expect(ends).toEqual(new Set(["waiting", "completed"]));
      scene.gate = () => {};
      await scene.lift(ANA);
      expect(await scene.run(id)).toBe("completed");
      expect(scene.left([ANA])).toBe(0);
    }
    expect.fail("the holds are asked for without end");
  });

  it("once seen leaves the person alone until the next execution, lifted or not", async () => {
    const scene = new Scene();
    scene.fill(ANA);
    const id = await scene.approved(ANA);
    const before = scene.left([ANA]);
    scene.gate = async ({ method, moment }) => {
      if (method === "drained") await scene.hold(ANA);
      if (method === "putPerson" && moment === "after") await scene.lift(ANA);
    };
    expect(await scene.run(id)).toBe("waiting");
    expect(scene.left([ANA])).toBe(before);
  });

  it("that cannot be asked for lets nothing be erased", async () => {
    const scene = new Scene();
    scene.fill(ANA);
    const id = await scene.approved(ANA);
    const before = scene.left([ANA]);
    scene.gate = ({ method }) => {
      if (method === "drained") {
        scene.gate = ({ port }) => {
          if (port === "holds") throw new PermanentError("ledger unreachable");
        };
      }
    };
    expect(await scene.run(id)).toBe("StoresFailedError");
    expect(scene.left([ANA])).toBe(before);
  });
});

/** Ana, linked to p1, is erased beside others, and her own link with her, as the eraser of `identities` does; a day passes. */
async function eraseAna(...others: string[]) {
  const scene = new Scene();
  scene.fill(ANA, ...others);
  await scene.link(ANA, "p1");
  const id = await scene.approved(ANA);
  expect(await scene.run(id)).toBe("completed");
  scene.identities.remove(ANA, "p1");
  scene.pass(86_400);
  return { scene, id };
}

const present = (scene: Scene): string => later(scene.now - Date.parse("2026-11-20T12:00:00.000Z"));

describe("a link made later", () => {
  it("to a fenced id, of a time before the fence, reopens a completed request", async () => {
    const scene = new Scene();
    scene.fill(ANA, ANA_TG);
    const id = await scene.approved(ANA);
    expect(await scene.run(id)).toBe("completed");
    const { receipt, before } = await scene.person(id);
    scene.pass(86_400);
    await scene.link(ANA, "p1");
    await scene.link(ANA_TG, "p1");
    const began = scene.now;
    expect(await scene.run(id, { recheck: true })).toBe("completed");
    expect(scene.now).toBe(began + DRAIN_SECONDS * 1000);
    expect(scene.left([ANA, ANA_TG])).toBe(0);
    const after = await scene.person(id);
    expect(after.receipt).not.toBe(receipt);
    expect(JSON.parse(after.receipt ?? "").ids).toHaveLength(2);
    expect(after.before).toEqual(before);
    expect(after.removed.lake).toMatchObject({ items: 4 });
  });

  it("to the person, whose own links are erased by then, reopens it, too", async () => {
    const { scene, id } = await eraseAna(ANA_TG);
    await scene.link(ANA_TG, "p1");
    expect(await scene.run(id, { recheck: true })).toBe("completed");
    expect(scene.left([ANA, ANA_TG])).toBe(0);
  });

  it("of a time after the fence is of another life", async () => {
    const scene = new Scene();
    scene.fill(ANA, LUIS);
    const id = await scene.approved(ANA);
    expect(await scene.run(id)).toBe("completed");
    scene.pass(86_400);
    await scene.link(ANA, "p9", { valid_from: present(scene) });
    await scene.link(LUIS, "p9");
    const kept = scene.left([LUIS]);
    expect(await scene.run(id, { recheck: true })).toBe("completed");
    expect(scene.left([LUIS])).toBe(kept);
    expect((await scene.subject(id)).user_ids).toEqual([ANA]);
  });

  it("does not lead to who has had the erased number since", async () => {
    const { scene, id } = await eraseAna(ANA_TG, LUIS);
    // The number is passed on after the fence; later a link of before comes to light, and its id is fenced.
    await scene.link(ANA, "p9", { valid_from: present(scene) });
    await scene.link(LUIS, "p9");
    const kept = scene.left([LUIS]);
    scene.pass(86_400);
    await scene.link(ANA_TG, "p1");
    expect(await scene.run(id, { recheck: true })).toBe("completed");
    expect(scene.left([ANA_TG])).toBe(0);
    scene.pass(86_400);
    expect(await scene.run(id, { recheck: true })).toBe("completed");
    expect((await scene.subject(id)).user_ids).toEqual([ANA, ANA_TG]);
    expect(scene.left([LUIS])).toBe(kept);
  });

  it("leaves alone an id that is somebody else's by now", async () => {
    const { scene, id } = await eraseAna(ANA_TG);
    await scene.link(ANA_TG, "p9", { valid_from: present(scene) });
    await scene.link(ANA_TG, "p1", { valid_to: "2026-02-01T00:00:00.000Z" });
    const kept = scene.left([ANA_TG]);
    expect(await scene.run(id, { recheck: true })).toBe("completed");
    expect(scene.left([ANA_TG])).toBe(kept);
    expect((await scene.subject(id)).undecided).toEqual([ANA_TG]);
  });
});
