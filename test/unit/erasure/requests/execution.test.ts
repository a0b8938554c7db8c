import { describe, expect, it } from "vitest";
import { erasureReceiptSchema } from "../../../../functions/core/contracts/erasure-receipt.ts";
import { NOTHING_HELD } from "../../../../functions/core/domain/erasure.ts";
import { failedAfter } from "../../../../functions/core/domain/erasure-errors.ts";
import { PermanentError } from "../../../../functions/core/domain/errors.ts";
import { ERASERS, storesOf } from "../../../../functions/core/domain/personal-stores.ts";
import { eraseStores } from "../../../../functions/core/use-cases/erasure/erase-stores.ts";
import { fencePeople } from "../../../../functions/core/use-cases/erasure/fence-people.ts";
import { finishErasure } from "../../../../functions/core/use-cases/erasure/finish-erasure.ts";
import { verifyReceipt } from "../../../../functions/core/use-cases/erasure/receipt.ts";
import { DRAIN_SECONDS, PUBLIC_KEY, Scene } from "./scene.ts";

const ANA = "whatsapp:+34600000001";
const ANA_TG = "telegram:1";
const LUIS = "whatsapp:+346000000012";

const TWO = expect.objectContaining({ items: 2 });

describe("an execution", () => {
  it("erases a person from every store, nobody else from any, and signs it", async () => {
    const scene = new Scene();
    scene.fill(ANA, ANA_TG, LUIS);
    await scene.link(ANA, "p1");
    await scene.link(ANA_TG, "p1");
    const others = scene.left([LUIS]);
    const id = await scene.approved(ANA);
    expect(await scene.run(id)).toBe("completed");
    expect(scene.left([ANA, ANA_TG])).toBe(0);
    expect(scene.left([LUIS])).toBe(others);
    const { receipt = "", before, removed, after } = await scene.person(id);
    for (const name of storesOf()) {
      expect(before[name]).toMatchObject({ items: 4 });
      expect(removed[name]).toMatchObject({ items: 4 });
      expect(after[name]).toEqual(NOTHING_HELD);
    }
    expect(verifyReceipt(receipt, PUBLIC_KEY)).toMatchObject({
      ok: true,
      receipt: { person: 1, request_id: id },
    });
    const { stores } = await scene.request(id);
    expect(Object.values(stores).map(({ status }) => status)).toEqual(storesOf().map(() => "verified"));
  });

  it("takes what slow writers still wrote until the drain was over", async () => {
    const scene = new Scene();
    scene.fill(ANA);
    const id = await scene.approved(ANA);
    scene.gate = ({ method }) => {
      if (method === "drained")
        scene.stores.search.put({ user_id: ANA, name: "late", generation: 1, value: "late" });
    };
    expect(await scene.run(id)).toBe("completed");
    expect((await scene.person(id)).before.search).toMatchObject({ items: 3 });
    expect(scene.left([ANA])).toBe(0);
  });

  it("leaves alone what the person writes afterwards, also while it runs", async () => {
    const scene = new Scene();
    scene.fill(ANA);
    const id = await scene.approved(ANA);
    scene.gate = ({ method }) => {
      if (method === "drained") scene.fillStore("conversation-contexts", ANA);
    };
    expect(await scene.run(id)).toBe("completed");
    expect(scene.left([ANA], 1)).toBe(0);
    expect(scene.left([ANA])).toBe(2);
  });

  it("is for somebody never seen, and for somebody twice, as for others", async () => {
    const scene = new Scene();
    const id = await scene.approved(LUIS);
    expect(await scene.run(id)).toBe("completed");
    const again = await scene.approved(LUIS);
    expect(await scene.run(again)).toBe("completed");
    expect((await scene.subject(again)).targets).toMatchObject([{ generation: 2 }]);
    const receipt = erasureReceiptSchema.parse(JSON.parse((await scene.person(again)).receipt ?? ""));
    expect(receipt.stores["lake"]).toMatchObject({ before: NOTHING_HELD, removed: NOTHING_HELD });
  });

  it("goes on with the other stores when one fails, says which, and resumes there", async () => {
    const scene = new Scene();
    scene.fill(ANA);
    const id = await scene.approved(ANA);
    scene.onStep = ({ store, call }) => {
      if (store === "user-profiles" && call === "erase")
        throw new PermanentError("DynamoDB: permission denied");
    };
    expect(await scene.run(id)).toBe("StoresFailedError");
    const failed = await scene.request(id);
    expect(failed.status).toBe("failed");
    expect(failed.stores["user-profiles"]).toEqual({
      status: "failed",
      error: "PermanentError: DynamoDB: permission denied",
    });
    expect(failed.stores.search?.status).toBe("verified");
    expect(scene.reported).toContain("user-profiles");
    const { held } = scene.stores["user-profiles"];
    expect(scene.left([ANA])).toBe(held.length);
    expect((await scene.person(id)).receipt).toBeUndefined();

    const { fenced_at } = failed;
    scene.onStep = () => {};
    scene.pass(DRAIN_SECONDS);
    const began = scene.now;
    expect(await scene.run(id)).toBe("completed");
    expect(scene.now).toBe(began);
    const done = await scene.request(id);
    expect(done.fenced_at).toBe(fenced_at);
    const { before, removed } = await scene.person(id);
    for (const name of storesOf()) expect([before[name], removed[name]]).toEqual([TWO, TWO]);
  });

  it("writes down what a store removed before it failed", async () => {
    const scene = new Scene();
    scene.fill(ANA);
    const id = await scene.approved(ANA);
    const { erase } = scene.stores.lake;
    let isDown = true;
    scene.stores.lake.erase = async (targets, pace) => {
      const { removed } = await erase(targets, pace);
      if (isDown) throw failedAfter(new PermanentError("down"), removed);
      return { done: true, removed };
    };
    expect(await scene.run(id)).toBe("StoresFailedError");
    isDown = false;
    expect(await scene.run(id)).toBe("completed");
    expect((await scene.person(id)).removed.lake).toEqual(TWO);
  });

  it("asks a store that failed once a call, not once a group of people", async () => {
    const scene = new Scene();
    const people = ["web:1", "web:2", "web:3"];
    scene.fill(...people);
    scene.peoplePerCall = 1;
    const id = await scene.approved(...people);
    let asked = 0;
    scene.onStep = ({ store, call }) => {
      if (store !== "quarantine" || call !== "erase") return;
      asked += 1;
      throw new PermanentError("down");
    };
    expect(await scene.run(id)).toBe("StoresFailedError");
    // The machine tries no permanent failure again, and makes two passes.
    expect(asked).toBe(2);
    expect(scene.left(people)).toBe(scene.stores.quarantine.held.length);
  });

  it.each(storesOf())("never completes while %s cannot be reached, at any step", async (store) => {
    for (const call of ["count", "erase", "verify"] as const) {
      const scene = new Scene();
      scene.fill(ANA);
      const id = await scene.approved(ANA);
      scene.onStep = (step) => {
        if (step.store === store && step.call === call) throw new Error(`cannot read ${ANA}`);
      };
      expect(await scene.run(id)).toBe("StoresFailedError");
      const { status, stores } = await scene.request(id);
      expect([status, stores[store]]).toEqual(["failed", { status: "failed", error: "Error" }]);
      scene.onStep = () => {};
      expect(await scene.run(id)).toBe("completed");
    }
  });

  it("erases again while something is found again, five times at most", async () => {
    const scene = new Scene();
    scene.fill(ANA);
    const id = await scene.approved(ANA);
    let returns = 0;
    scene.onStep = ({ store, call }) => {
      if (store === "cache" && call === "verify") {
        returns += 1;
        scene.stores.cache.put({ user_id: ANA, name: `back-${returns}`, generation: 1, value: 0 });
      }
    };
    expect(await scene.run(id)).toBe("StoresFailedError");
    expect(returns).toBe(10);
    const { stores } = await scene.request(id);
    expect(stores.cache).toEqual({
      status: "failed",
      error: "ResidueError: after attempt 5 there are still 1 items, 0 objects, 0 versions and 0 rows",
    });
    expect(stores.lake?.status).toBe("verified");
  });

  it("does not believe a first pass whose last one failed", async () => {
    const scene = new Scene();
    scene.fill(ANA);
    const id = await scene.approved(ANA);
    expect(await scene.run(id)).toBe("completed");
    await scene.requests.update(id, ["completed"], { status: "verifying" });
    const branches = (["cache", "tables", "search", "objects"] as const).flatMap((eraser) => [
      { eraser },
      { eraser, ...(eraser === "search" && { error: "States.Timeout" }) },
    ]);
    await expect(finishErasure({ request_id: id, branches }, scene.deps())).rejects.toMatchObject({
      name: "StoresFailedError",
      message: expect.stringMatching(/: search \(States.Timeout\): mend/),
    });
    expect((await scene.request(id)).stores.search).toEqual({ status: "failed", error: "States.Timeout" });
  });

  it("does not believe a store's word over a person's counts", async () => {
    const scene = new Scene();
    const id = await scene.approved(ANA);
    expect(await scene.run(id)).toBe("completed");
    await scene.requests.update(id, ["completed"], { status: "verifying" });
    await scene.requests.putCounts(id, "after", [
      { person: 1, store: "lake", counts: { ...NOTHING_HELD, versions: 1 } },
    ]);
    const branches = ERASERS.map((eraser) => ({ eraser }));
    await expect(finishErasure({ request_id: id, branches }, scene.deps())).rejects.toThrow(/: lake \(/);
  });

  it("does not finish while another execution drains what it has found and fenced", async () => {
    const scene = new Scene();
    scene.fill(ANA);
    const id = await scene.approved(ANA);
    await scene.run(id);
    await scene.requests.update(id, ["completed"], { status: "verifying" });
    await scene.link(ANA, "p1");
    await scene.link(ANA_TG, "p1");
    await fencePeople({ request_id: id }, scene.deps());
    const { stores } = await scene.request(id);
    expect(new Set(Object.values(stores).map(({ status }) => status))).toEqual(new Set(["pending"]));
    const branches = ERASERS.map((eraser) => ({ eraser }));
    const finish = finishErasure({ request_id: id, branches }, scene.deps());
    await expect(finish).rejects.toMatchObject({
      name: "TransientError",
      message: expect.stringMatching(/drains until/),
    });
    expect((await scene.request(id)).status).toBe("draining");
  });

  it("calls no store verified that was not read for everybody", async () => {
    const scene = new Scene();
    scene.peoplePerCall = 1;
    const id = await scene.approved(ANA, LUIS);
    await fencePeople({ request_id: id }, scene.deps());
    const input = { request_id: id, eraser: "search", operation: "verify", from: 2, attempt: 0 } as const;
    expect(await eraseStores(input, scene.deps())).toMatchObject({ done: true, remaining: 0 });
    expect((await scene.request(id)).stores.search).toMatchObject({
      status: "failed",
      error: expect.stringMatching(/not everybody was verified/),
    });
  });

  it("counts once before it erases, however often it passes", async () => {
    const scene = new Scene();
    scene.fill(ANA);
    const id = await scene.approved(ANA);
    const counts: string[] = [];
    scene.onStep = ({ store, call }) => {
      if (call === "count") counts.push(store);
    };
    expect(await scene.run(id)).toBe("completed");
    expect(counts.sort()).toEqual(storesOf().sort());
  });

  it("goes on where its time was over", async () => {
    const scene = new Scene();
    const people = Array.from({ length: 7 }, (_, index) => `web:${index}`);
    scene.fill(...people);
    scene.peoplePerCall = 2;
    const id = await scene.approved(...people);
    scene.timeChecks = 12;
    expect(await scene.run(id)).toBe("completed");
    expect(scene.left(people)).toBe(0);
    for (const { before, removed } of await scene.requests.people(id))
      for (const name of storesOf()) expect([before[name], removed[name]]).toEqual([TWO, TWO]);
  });

  it("takes many people in bounded groups", async () => {
    const scene = new Scene();
    const people = Array.from({ length: 130 }, (_, index) => `web:${index}`);
    for (const name of ["search", "lake"] as const) scene.fillStore(name, ...people);
    let largest = 0;
    const { requests } = scene;
    const putCounts = requests.putCounts.bind(requests);
    requests.putCounts = (id, kind, counts) => {
      largest = Math.max(largest, new Set(counts.map(({ person }) => person)).size);
      return putCounts(id, kind, counts);
    };
    scene.peoplePerCall = 130;
    const id = await scene.approved(...people);
    expect(await scene.run(id)).toBe("completed");
    expect(scene.left(people)).toBe(0);
    expect(largest).toBe(100);
    const states = await scene.requests.people(id);
    expect(states.filter(({ receipt }) => receipt !== undefined)).toHaveLength(130);
  });
});
