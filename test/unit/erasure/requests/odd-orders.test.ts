import { describe, expect, it } from "vitest";
import { storesOf } from "../../../../functions/core/domain/personal-stores.ts";
import { fencePeople } from "../../../../functions/core/use-cases/erasure/fence-people.ts";
import { Scene } from "./scene.ts";

const ANA = "whatsapp:+34600000001";
const ANA_TG = "telegram:1";
const LUIS = "whatsapp:+346000000012";

describe("a receipt", () => {
  it("says nothing of an id that another execution fences while it is written", async () => {
    const scene = new Scene();
    scene.fill(ANA, ANA_TG);
    await scene.link(ANA, "p1");
    const id = await scene.approved(ANA);
    let isFinishing = false;
    let isOver = false;
    scene.gate = async ({ port, method, moment }) => {
      // The first execution has found every store verified, and reads whom its receipts are about.
      if (method === "people" && moment === "before" && !isFinishing) {
        const { stores, status } = await scene.request(id);
        const states = Object.values(stores);
        isFinishing = status === "verifying" && states.every((one) => one.status === "verified");
      }
      if (!isFinishing || isOver || method !== "subjects" || moment !== "before") return;
      isOver = true;
      // The second one finds a link of before the fence; it has fenced the id, and has come no further.
      await scene.link(ANA_TG, "p1");
      const killed = new Error("stopped here");
      const requests = new Proxy(scene.requests, {
        get: (target, name) =>
          name === "setStore"
            ? () => Promise.reject(killed)
            : (Reflect.get(target, name, target) as (...args: unknown[]) => unknown).bind?.(target),
      });
      await fencePeople({ request_id: id }, { ...scene.deps(), requests }).catch((error: unknown) => {
        if (error !== killed) throw error;
      });
      expect(port).toBe("requests");
    };
    const end = await scene.run(id);
    expect(isOver).toBe(true);
    expect(end).toBe("TransientError");
    const { receipt } = await scene.person(id);
    expect(receipt).toBeUndefined();
    scene.gate = () => {};
    expect(await scene.run(id)).toBe("completed");
    expect(scene.left([ANA, ANA_TG])).toBe(0);
    expect(JSON.parse((await scene.person(id)).receipt ?? "").ids).toHaveLength(2);
  });
});

describe("two executions of a request, one behind the other", () => {
  it("do not call it failed because the later one still erases", async () => {
    const scene = new Scene();
    scene.fill(ANA);
    const id = await scene.approved(ANA);
    let second: Promise<string> | undefined;
    let isBehind = false;
    let resume = (): void => {};
    const paused = new Promise<void>((resolve) => {
      resume = resolve;
    });
    let reached = (): void => {};
    const isErasing = new Promise<void>((resolve) => {
      reached = resolve;
    });
    let verified = 0;
    scene.onStep = ({ call }) => {
      if (call === "verify") verified += 1;
    };
    scene.gate = async ({ method, moment }) => {
      if (method !== "read" || moment !== "before" || isBehind || verified < 2 * storesOf().length) return;
      const states = Object.values((await scene.request(id)).stores);
      if (states.some(({ status }) => status !== "verified") || isBehind) return;
      isBehind = true;
      // The first one has verified all twice, and finishes; the second one, started by an event, erases and is slow.
      scene.onStep = async ({ store, call }) => {
        if (store !== "cache" || call !== "erase") return;
        reached();
        await paused;
      };
      second = scene.run(id);
      await isErasing;
    };
    const first = await scene.run(id);
    const { status, stores } = await scene.request(id);
    resume();
    expect(first).toBe("TransientError");
    expect(status).not.toBe("failed");
    expect(Object.values(stores).filter((store) => store.status === "failed")).toEqual([]);
    expect(await second).toBe("completed");
  });
});

describe("a person of whom the daily look found something again", () => {
  it("waits while a hold keeps it, and is erased when it is lifted", async () => {
    const scene = new Scene();
    scene.fill(ANA, LUIS);
    const id = await scene.approved(ANA, LUIS);
    expect(await scene.run(id)).toBe("completed");
    // Late copies come back in one store as fast as they go.
    scene.pass(86_400);
    const residue = { user_id: ANA, name: "late", generation: 1, value: "a late copy" };
    scene.onStep = ({ store, call }) => {
      if (store === "lake" && call === "verify") scene.stores.lake.put(residue);
    };
    expect(await scene.run(id, { recheck: true })).toBe("StoresFailedError");
    scene.onStep = () => {};
    await scene.hold(ANA);
    expect(await scene.run(id)).toBe("waiting");
    expect(scene.left([ANA])).toBeGreaterThan(0);
    expect(await scene.recheck()).toMatchObject({ waiting: 1, resumed: 0, oldestOpenDays: 0 });
    await scene.lift(ANA);
    expect(await scene.recheck()).toMatchObject({ resumed: 1 });
    expect(await scene.run(id)).toBe("completed");
    expect(scene.left([ANA])).toBe(0);
  });
});

describe("two executions that fence at once", () => {
  it("leave the later fence and its drain with the request", async () => {
    const scene = new Scene();
    scene.fill(ANA, ANA_TG);
    await scene.link(ANA, "p1");
    const id = await scene.approved(ANA);
    const fence = () => scene.call("fence-people", (deps) => fencePeople({ request_id: id }, deps));
    await fence();
    scene.pass(1000);
    let updates = 0;
    scene.gate = async ({ method, moment }) => {
      // The slower one has found nothing new, and is about to say so; the other finds a link and fences its id.
      if (method !== "update" || moment !== "before" || ++updates !== 2) return;
      await scene.link(ANA_TG, "p1");
      await fence();
    };
    await fence();
    scene.gate = () => {};
    const [, second] = (await scene.subject(id)).targets ?? [];
    const { fenced_at, drained_at = "" } = await scene.request(id);
    expect(fenced_at).toBe(second?.fenced_at);
    expect(Date.parse(drained_at)).toBeGreaterThan(scene.now);
    expect(await scene.run(id)).toBe("completed");
    expect(scene.left([ANA, ANA_TG])).toBe(0);
  });
});
