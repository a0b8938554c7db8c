import { describe, expect, it } from "vitest";
import { PLAN_DAYS, RECHECK_DAYS } from "../../../../functions/core/domain/erasure.ts";
import { PermanentError } from "../../../../functions/core/domain/errors.ts";
import { Scene } from "./scene.ts";

const DAY_SECONDS = 86_400;
const ANA = "whatsapp:+34600000001";
const LUIS = "whatsapp:+346000000012";

async function completed(): Promise<{ scene: Scene; id: string }> {
  const scene = new Scene();
  scene.fill(ANA);
  const id = await scene.approved(ANA);
  expect(await scene.run(id)).toBe("completed");
  return { scene, id };
}

describe("the look after completion", () => {
  it("writes down that it looked, and closes the request when no copy is left", async () => {
    const { scene, id } = await completed();
    const { receipt } = await scene.person(id);
    const { completed_at, recheck_until } = await scene.request(id);
    expect(Date.parse(recheck_until ?? "") - Date.parse(completed_at ?? "")).toBe(
      RECHECK_DAYS * DAY_SECONDS * 1000,
    );
    scene.pass(DAY_SECONDS);
    expect(await scene.run(id, { recheck: true })).toBe("completed");
    expect((await scene.request(id)).rechecked_at).toBe(scene.clock().toISOString());
    expect((await scene.request(id)).completed_at).toBe(completed_at);
    expect(await scene.requests.subjects(id)).toHaveLength(1);
    scene.pass(RECHECK_DAYS * DAY_SECONDS);
    expect(await scene.run(id, { recheck: true })).toBe("closed");
    expect(await scene.requests.subjects(id)).toEqual([]);
    expect((await scene.person(id)).receipt).toBe(receipt);
    expect(scene.fenced.size).toBe(1);
  });

  it("closes it also when a crash came while the ids were being forgotten", async () => {
    for (const forgotten of [1, 2]) {
      const scene = new Scene();
      const id = await scene.approved(ANA, LUIS);
      expect(await scene.run(id)).toBe("completed");
      scene.pass((RECHECK_DAYS + 1) * DAY_SECONDS);
      await scene.requests.dropSubjects(id, 3 - forgotten);
      expect(await scene.requests.subjects(id)).toHaveLength(2 - forgotten);
      expect(await scene.run(id, { recheck: true })).toBe("closed");
      expect(await scene.requests.subjects(id)).toEqual([]);
    }
  });

  it("finds it wrong when ids are gone before their time", async () => {
    const { scene, id } = await completed();
    await scene.requests.forgetSubjects(id);
    expect(await scene.run(id, { recheck: true })).toBe("PermanentError");
  });

  it("erases what came back, and fails where it keeps coming back", async () => {
    const { scene, id } = await completed();
    scene.pass(DAY_SECONDS);
    scene.stores.lake.put({ user_id: ANA, name: "restored", generation: 1, value: "old" });
    expect(await scene.run(id, { recheck: true })).toBe("completed");
    expect(scene.left([ANA])).toBe(0);

    scene.onStep = ({ store, call }) => {
      if (store === "lake" && call === "verify")
        scene.stores.lake.put({ user_id: ANA, name: "restored", generation: 1, value: "old" });
    };
    expect(await scene.run(id, { recheck: true })).toBe("StoresFailedError");
    expect(await scene.request(id)).toMatchObject({
      status: "failed",
      stores: { lake: { status: "failed", error: expect.stringMatching(/^ResidueError/) } },
    });
    scene.onStep = () => {};
    expect(await scene.run(id)).toBe("completed");
    expect(scene.left([ANA])).toBe(0);
  });

  it("fails where a store cannot be read: unreachable is never absent", async () => {
    const { scene, id } = await completed();
    scene.onStep = ({ store, call }) => {
      if (store === "cache" && call === "verify") throw new PermanentError("Valkey: unreachable");
    };
    expect(await scene.run(id, { recheck: true })).toBe("StoresFailedError");
    expect((await scene.request(id)).status).toBe("failed");
  });
});

describe("the daily look at all requests", () => {
  it("starts the checks of completed ones, under names that never repeat", async () => {
    const { scene, id } = await completed();
    expect(await scene.recheck()).toMatchObject({ rechecks: 1, resumed: 0, oldestOpenDays: 0 });
    expect(await scene.recheck()).toMatchObject({ rechecks: 1 });
    expect(scene.started).toEqual([`${id}-1 recheck`, `${id}-2 recheck`]);
  });

  it("goes on with those that failed or stopped, but not with those that run", async () => {
    const scene = new Scene();
    const ids = [];
    for (const status of ["approved", "fencing", "draining", "erasing", "verifying", "failed"] as const) {
      const id = await scene.approved(`web:${status}`);
      await scene.requests.update(id, ["approved"], { status });
      ids.push(id);
    }
    scene.running.add(ids[0] ?? "");
    expect(await scene.recheck()).toMatchObject({ resumed: 5, rechecks: 0 });
    expect(scene.started).toEqual(ids.slice(1).map((id) => `${id}-1`));
  });

  it("expires plans, and only those that nobody approved", async () => {
    const scene = new Scene();
    const planned = await scene.plan({ userIds: [ANA] });
    const approved = await scene.approved(LUIS);
    expect(await scene.recheck()).toMatchObject({ expired: 0 });
    scene.pass(PLAN_DAYS * DAY_SECONDS);
    expect(await scene.recheck()).toMatchObject({ expired: 1, resumed: 1 });
    expect((await scene.request(planned.request_id)).status).toBe("closed");
    expect((await scene.request(approved)).status).toBe("approved");
    expect(await scene.requests.subjects(approved)).toHaveLength(1);
  });

  it("leaves held ones waiting, looks at who of them is done, and goes on when a hold is lifted", async () => {
    const scene = new Scene();
    await scene.hold(ANA);
    const alone = await scene.approved(ANA);
    const both = await scene.approved(ANA, LUIS);
    expect([await scene.run(alone), await scene.run(both)]).toEqual(["waiting", "waiting"]);
    expect(await scene.recheck()).toMatchObject({ waiting: 2, rechecks: 1, resumed: 0 });
    expect(scene.started).toEqual([`${both}-1 recheck`]);
    expect(await scene.run(both, { recheck: true })).toBe("waiting");
    await scene.lift(ANA);
    expect(await scene.recheck()).toMatchObject({ resumed: 2 });
    expect(await scene.run(alone)).toBe("completed");
    expect(await scene.run(both)).toBe("completed");
  });

  it("tells the age of the oldest that is open, and of the oldest that waits", async () => {
    const scene = new Scene();
    await scene.hold(ANA);
    const waiting = await scene.approved(ANA);
    await scene.run(waiting);
    scene.pass(10 * DAY_SECONDS);
    const open = await scene.approved(LUIS);
    scene.pass(13.5 * DAY_SECONDS);
    expect(await scene.recheck()).toMatchObject({ oldestOpenDays: 13, oldestWaitingDays: 23 });
    expect(await scene.run(open)).toBe("completed");
    expect(await scene.recheck()).toMatchObject({ oldestOpenDays: 0 });
  });

  it("looks at the others when one cannot be looked at", async () => {
    const scene = new Scene();
    const ids = [await scene.approved(ANA), await scene.approved(LUIS)];
    let starts = 0;
    scene.gate = ({ method, moment }) => {
      if (method === "start" && moment === "before" && ++starts === 1) throw new PermanentError("denied");
    };
    expect(await scene.recheck()).toMatchObject({ failed: 1, resumed: 1 });
    expect(scene.reported).toEqual([ids[0]]);
  });
});
