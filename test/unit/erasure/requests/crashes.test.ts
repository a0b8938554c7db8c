import { describe, expect, it } from "vitest";
import type { PersonState } from "../../../../functions/core/ports/erasure-requests.ts";
import { verifyReceipt } from "../../../../functions/core/use-cases/erasure/receipt.ts";
import { seededRandom } from "../../../support/random.ts";
import { type Gate, Killed, PUBLIC_KEY, Scene } from "./scene.ts";

const ANA = "whatsapp:+34600000001";
const ANA_TG = "telegram:1";
const LUIS = "whatsapp:+346000000012";
const EVA = "web:eva";

async function aScene(): Promise<Scene> {
  const scene = new Scene();
  for (const name of ["cache", "conversation-contexts", "identities", "search", "lake"] as const)
    scene.fillStore(name, ANA, ANA_TG, LUIS, EVA);
  await scene.link(ANA, "p1");
  await scene.link(ANA_TG, "p1");
  return scene;
}

/** Of some thousand moments every so many are tried; all of them take minutes. Prime to what repeats in an execution. */
const EVERY = Number(process.env["HILO_CRASH_EVERY"] ?? 37);

/** Kills the function at the n-th moment between two calls, once. */
function killAt(n: number): { readonly gate: Gate; readonly hasKilled: () => boolean } {
  let moments = 0;
  return {
    gate: ({ port }) => {
      if (port === "machine") return;
      moments += 1;
      if (moments === n) throw new Killed();
    },
    hasKilled: () => moments >= n,
  };
}

const sums = ({ before, removed }: PersonState) =>
  Object.entries(before).map(
    ([store, counts]) => [store, counts.items, removed[store as "cache"]?.items ?? 0] as const,
  );

/** What must hold at the end, however it came about. */
async function assertDone(scene: Scene, id: string, others: number): Promise<void> {
  expect(scene.left([ANA, ANA_TG, LUIS])).toBe(0);
  expect(scene.left([EVA])).toBe(others);
  expect((await scene.request(id)).status).toBe("completed");
  for (const state of await scene.requests.people(id)) {
    const check = verifyReceipt(state.receipt ?? "", PUBLIC_KEY);
    expect(check).toMatchObject({ ok: true });
    for (const [store, before, removed] of sums(state)) {
      const held = ["cache", "conversation-contexts", "identities", "search", "lake"].includes(store);
      expect(before).toBe(held ? 2 * (state.person === 1 ? 2 : 1) : 0);
      // What was removed before a crash and not yet written down is not counted again.
      expect(removed).toBeLessThanOrEqual(before);
    }
  }
}

describe("killed between any two calls", () => {
  it("a plan and its approval begin again and come to the same", async () => {
    const whole = await (await aScene()).plan({ userIds: [ANA, LUIS, ANA_TG] });
    let n = 1;
    for (; ; n++) {
      const scene = await aScene();
      const { gate, hasKilled } = killAt(n);
      scene.gate = gate;
      const request = await scene.plan({ userIds: [ANA, LUIS, ANA_TG] });
      await scene.approve(request);
      expect(request.plan_hash).toBe(whole.plan_hash);
      expect(request.plan).toEqual(whole.plan);
      expect(await scene.requests.subjects(request.request_id)).toHaveLength(2);
      if (!hasKilled()) break;
    }
    expect(n).toBeGreaterThan(50);
  });

  it("an execution is retried where it was", async () => {
    let n = 1;
    for (; ; n += EVERY) {
      const scene = await aScene();
      const id = await scene.approved(ANA, LUIS);
      const others = scene.left([EVA]);
      const { gate, hasKilled } = killAt(n);
      scene.gate = gate;
      expect(await scene.run(id)).toBe("completed");
      await assertDone(scene, id, others);
      if (!hasKilled()) break;
    }
    expect(n).toBeGreaterThan(300);
  });

  it("an execution that ends there is started again", async () => {
    let n = 2;
    for (; ; n += EVERY) {
      const scene = await aScene();
      const id = await scene.approved(ANA, LUIS);
      const others = scene.left([EVA]);
      let [moments, isDead] = [0, false];
      scene.gate = ({ port }) => {
        if (port === "machine") return;
        moments += 1;
        isDead ||= moments === n;
        // Everything ends: no call of this execution gets through.
        if (isDead) throw new Killed();
      };
      const status = await scene.run(id);
      if (moments < n) break;
      expect(status).not.toBe("completed");
      scene.gate = () => {};
      if ((await scene.request(id)).status !== "completed") expect(await scene.run(id)).toBe("completed");
      await assertDone(scene, id, others);
    }
    expect(n).toBeGreaterThan(300);
  });
});

describe("two executions at once", () => {
  it("come to one end, in whatever order their calls go", async () => {
    for (let seed = 1; seed <= 12; seed++) {
      const random = seededRandom(seed);
      const scene = await aScene();
      const id = await scene.approved(ANA, LUIS);
      const others = scene.left([EVA]);
      scene.gate = async () => {
        for (let turns = Math.floor(random() * 4); turns > 0; turns--) await Promise.resolve();
      };
      const ends = await Promise.all([scene.run(id), later(scene, random).then(() => scene.run(id))]);
      for (const end of ends) expect(["completed", "StoresFailedError", "TransientError"]).toContain(end);
      scene.gate = () => {};
      if ((await scene.request(id)).status !== "completed") expect(await scene.run(id)).toBe("completed");
      await assertDone(scene, id, others);
    }
  });

  it("say nothing that is not so when a link is made between fence and finish", async () => {
    for (let seed = 1; seed <= 20; seed++) {
      const random = seededRandom(seed);
      const scene = await aScene();
      const id = await scene.approved(LUIS);
      const moment = Math.floor(random() * 400);
      let moments = 0;
      scene.gate = async () => {
        moments += 1;
        if (moments === moment) {
          await scene.link(LUIS, "p2");
          await scene.link(EVA, "p2");
        }
        for (let turns = Math.floor(random() * 4); turns > 0; turns--) await Promise.resolve();
      };
      await Promise.all([scene.run(id), later(scene, random).then(() => scene.run(id))]);
      scene.gate = () => {};
      // The daily look finds it at the latest.
      scene.pass(86_400);
      if ((await scene.request(id)).status !== "completed") await scene.run(id);
      await scene.link(LUIS, "p2");
      await scene.link(EVA, "p2");
      expect(await scene.run(id, { recheck: true })).toBe("completed");
      expect(scene.left([LUIS, EVA])).toBe(0);
    }
  });
});

/** Some calls of the other one later. */
async function later(scene: Scene, random: () => number): Promise<void> {
  for (let turns = Math.floor(random() * 1500); turns > 0; turns--) await Promise.resolve(scene);
}
