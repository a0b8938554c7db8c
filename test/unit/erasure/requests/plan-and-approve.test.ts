import { describe, expect, it } from "vitest";
import { PLAN_DAYS } from "../../../../functions/core/domain/erasure.ts";
import { KeyChain } from "../../../../functions/core/domain/key-chain.ts";
import { storesOf } from "../../../../functions/core/domain/personal-stores.ts";
import { Scene } from "./scene.ts";

const DAY_SECONDS = 86_400;
const ANA = "whatsapp:+34600000001";
const ANA_TG = "telegram:1";
const LUIS = "whatsapp:+346000000012";

describe("a plan", () => {
  it("counts what each store holds, changes nothing and names its price and time", async () => {
    const scene = new Scene();
    scene.fill(ANA, ANA_TG, LUIS);
    await scene.link(ANA, "p1");
    await scene.link(ANA_TG, "p1");
    const before = scene.left([ANA, ANA_TG, LUIS]);
    const request = await scene.plan({ userIds: [ANA] });
    expect(request).toMatchObject({ status: "planned", people: 1, plan: { undecided: 0, held: 0 } });
    expect(Object.keys(request.plan?.stores ?? {})).toEqual(storesOf());
    for (const name of storesOf()) expect(request.plan?.stores[name]).toMatchObject({ items: 4, objects: 0 });
    expect(request.plan?.seconds).toBeGreaterThan(900);
    expect(request.plan?.cost_usd).toBeGreaterThan(0);
    expect(scene.left([ANA, ANA_TG, LUIS])).toBe(before);
    expect(scene.fenced.size).toBe(0);
  });

  it("joins people, drops the numbers that are left over and lets the ids expire", async () => {
    const scene = new Scene();
    await scene.link(ANA, "p1");
    await scene.link(ANA_TG, "p1");
    const { request_id, people } = await scene.plan({ userIds: [ANA, LUIS, ANA_TG] });
    expect(people).toBe(2);
    expect((await scene.requests.subjects(request_id)).map(({ user_ids }) => user_ids)).toEqual([
      [ANA, ANA_TG],
      [LUIS],
    ]);
    scene.pass(PLAN_DAYS * DAY_SECONDS + 1);
    expect(await scene.requests.subjects(request_id)).toEqual([]);
  });

  it("counts the held and the undecided", async () => {
    const scene = new Scene();
    await scene.link(ANA, "p1");
    await scene.link(ANA_TG, "p1");
    await scene.link(ANA_TG, "p2");
    await scene.hold(LUIS);
    const request = await scene.plan({ userIds: [ANA, LUIS] });
    expect(request.plan).toMatchObject({ undecided: 1, held: 1 });
    await expect(scene.approve(request)).rejects.toMatchObject({
      name: "PermanentError",
      message: expect.stringMatching(/1 ids are or were somebody else's.*--include or --exclude/),
    });
  });

  it("refuses a person of whom every id is excluded", async () => {
    await expect(new Scene().plan({ userIds: [LUIS, ANA], exclude: [ANA] })).rejects.toThrow(
      /every id of person 2 is excluded/,
    );
  });

  it("is none when a store cannot be counted", async () => {
    const scene = new Scene();
    scene.onStep = ({ store }) => {
      if (store === "search") throw new Error("down");
    };
    await expect(scene.plan({ userIds: [ANA] })).rejects.toThrow(/plan failed for search/);
    const [request] = await scene.requests.open();
    expect(request).toMatchObject({
      status: "planning",
      stores: { search: { status: "failed", error: "Error" } },
    });
  });

  it("has a hash that no id can be guessed from without the key", async () => {
    const [one, two] = [new Scene(), new Scene()];
    Object.defineProperty(two, "keys", { value: new KeyChain({ k1: "x".repeat(64) }) });
    expect((await one.plan({ userIds: [ANA] })).plan_hash).not.toBe(
      (await two.plan({ userIds: [ANA] })).plan_hash,
    );
  });
});

describe("an approval", () => {
  it("lets the ids outlive the plan", async () => {
    const scene = new Scene();
    const id = await scene.approved(ANA);
    expect(await scene.request(id)).toMatchObject({ status: "approved", approved_by: "approver" });
    scene.pass(PLAN_DAYS * DAY_SECONDS + 1);
    expect(await scene.requests.subjects(id)).toHaveLength(1);
  });

  it("may be repeated, for the same plan", async () => {
    const scene = new Scene();
    const request = await scene.plan({ userIds: [ANA] });
    await scene.approve(request);
    await scene.approve(request);
    await expect(scene.approve({ ...request, plan_hash: "0".repeat(64) })).rejects.toThrow(
      /not the plan's hash/,
    );
  });

  it("is refused for a plan that expired", async () => {
    const scene = new Scene();
    const request = await scene.plan({ userIds: [ANA] });
    scene.pass(PLAN_DAYS * DAY_SECONDS);
    await expect(scene.approve(request)).rejects.toThrow(/expired at .*plan again/);
  });

  it("is refused when another id is linked since, or one was passed on", async () => {
    for (const person of ["p1", "p2"]) {
      const scene = new Scene();
      await scene.link(ANA, "p1");
      const request = await scene.plan({ userIds: [ANA] });
      await scene.link(person === "p1" ? ANA_TG : ANA, person);
      await expect(scene.approve(request)).rejects.toThrow(/other ids are linked.*plan again/);
      expect((await scene.request(request.request_id)).status).toBe("planned");
    }
  });

  it("is refused when ids or counts are not those of the hash", async () => {
    const scene = new Scene();
    const request = await scene.plan({ userIds: [ANA] });
    const subject = await scene.subject(request.request_id);
    await scene.requests.putSubjects(
      request.request_id,
      [{ ...subject, user_ids: [LUIS] }],
      request.expires_at,
    );
    await expect(scene.approve(request)).rejects.toThrow(/has changed: plan again/);
  });

  it("is refused while the plan is being counted, and after the request was closed", async () => {
    const scene = new Scene();
    const request = await scene.plan({ userIds: [ANA] });
    for (const status of ["planning", "closed"] as const) {
      await scene.requests.update(request.request_id, ["planned", "planning"], { status });
      await expect(scene.approve(request)).rejects.toThrow(new RegExp(`is ${status}: .*plan again`));
    }
  });

  it("leaves no ids behind where the plan expires in the same moment", async () => {
    const scene = new Scene();
    const request = await scene.plan({ userIds: [ANA] });
    scene.gate = async ({ method, moment }) => {
      if (method !== "putSubjects" || moment !== "before") return;
      await scene.requests.update(request.request_id, ["planned"], { status: "closed" });
      await scene.requests.forgetSubjects(request.request_id);
    };
    await expect(scene.approve(request)).rejects.toThrow(/is closed/);
    expect(await scene.requests.subjects(request.request_id)).toEqual([]);
  });

  it("is needed before anything is fenced or erased", async () => {
    const scene = new Scene();
    scene.fill(ANA);
    const { request_id } = await scene.plan({ userIds: [ANA] });
    expect(await scene.run(request_id)).toBe("PermanentError");
    expect(scene.left([ANA])).toBeGreaterThan(0);
    expect(scene.fenced.size).toBe(0);
  });
});
