import { describe, expect, it } from "vitest";
import type { ErasureInput } from "../../../functions/core/contracts/user-erasure.ts";
import type { RequestStatus } from "../../../functions/core/domain/erasure.ts";
import type { Fence } from "../../../functions/core/domain/fence.ts";
import { KeyChain } from "../../../functions/core/domain/key-chain.ts";
import { fencePeople } from "../../../functions/core/use-cases/erasure/fence-people.ts";
import {
  type LinkIdentityDeps,
  linkIdentity,
} from "../../../functions/core/use-cases/erasure/link-identity.ts";
import type { WantedErasure } from "../../../functions/core/use-cases/erasure/request-erasure.ts";
import { later, NOW } from "../../support/builders.ts";
import { FakeErasureRequests } from "../../support/fakes/fake-erasure-requests.ts";
import { createFakeFences } from "../../support/fakes/fake-fences.ts";
import { FakeIdentities } from "../../support/fakes/fake-identities.ts";
import { FakeLegalHolds } from "../../support/fakes/fake-legal-holds.ts";

const keys = new KeyChain({ k1: "k".repeat(64) });
const ID = "er-20261120T120000-0123456789ab";
const [WEB, PHONE, OTHER] = ["web:ana", "whatsapp:+34600", "telegram:7"];
const [ANA, LUIS] = ["person_ana", "person_luis"];
const DAY_MS = 86_400_000;
/** So many days after the erasure of `WEB`. */
const inDays = (days: number): string => later(days * DAY_MS);

/** Ana's id of the web is erased and completed; what is linked to it comes after. */
async function anErasure(links: Parameters<FakeIdentities["link"]>[0][] = []) {
  let now = NOW;
  const clock = () => new Date(now);
  const identities = new FakeIdentities();
  for (const link of links) await identities.link(link);
  const tables = { fences: new Map<string, Fence>() };
  const fences = createFakeFences(tables, { clock });
  const requests = new FakeErasureRequests(clock);
  const holds = new FakeLegalHolds();
  const [created_at, expires_at] = [NOW, inDays(7)];
  const about = {
    request_id: ID,
    people: 1,
    created_at,
    expires_at,
    planned_by: "ana",
    attempts: 1,
    held: 0,
  };
  await requests.create({ ...about, status: "approved", stores: {} }, [{ person: 1, user_ids: [WEB] }]);
  const fence = () =>
    fencePeople({ request_id: ID }, { identities, requests, holds, fences, keys, clock, drainSeconds: 0 });
  await fence();
  await requests.update(ID, ["draining"], { status: "completed", completed_at: NOW });
  now = inDays(3);

  const started: [ErasureInput, number][] = [];
  const planned: WantedErasure[] = [];
  const running = new Set<string>();
  const deps: LinkIdentityDeps = {
    ...{ identities, fences, requests, keys },
    executions: {
      start: async (input, attempt) => void started.push([input, attempt]),
      running: async () => running,
    },
    plan: async (wanted) => `er-20261123T120000-00000000000${planned.push(wanted)}`,
  };
  const link = (alias: string, person_id: string, valid_from: string, valid_to?: string) =>
    linkIdentity({ alias, person_id, valid_from, ...(valid_to !== undefined && { valid_to }) }, deps);
  const setStatus = (status: RequestStatus) => requests.update(ID, ["completed"], { status });
  const isFenced = (id: string) => tables.fences.has(keys.tag(id));
  return { link, fence, requests, identities, started, planned, running, setStatus, isFenced };
}

const NOTHING = { isAmbiguous: false, reopened: [], planned: [] };

describe("linking an id to a person who was erased", () => {
  it("opens the request again, whose next look fences the new id", async () => {
    const erasure = await anErasure([{ alias: WEB, person_id: ANA, valid_from: inDays(-100) }]);
    expect(await erasure.link(PHONE, ANA, inDays(-50))).toEqual({ ...NOTHING, reopened: [ID] });
    expect(erasure.started).toEqual([[{ request_id: ID, recheck: true }, 2]]);
    expect((await erasure.requests.read(ID))?.attempts).toBe(2);
    expect(erasure.isFenced(PHONE)).toBe(false);
    await erasure.fence();
    expect(erasure.isFenced(PHONE)).toBe(true);
    expect((await erasure.requests.read(ID))?.status).toBe("draining");
    // Known and fenced: the same link again is nothing new.
    expect(await erasure.link(PHONE, ANA, inDays(-50))).toEqual(NOTHING);
  });

  it("does so, too, when it is the erased id that is linked", async () => {
    const erasure = await anErasure([{ alias: PHONE, person_id: ANA, valid_from: inDays(-50) }]);
    expect(await erasure.link(WEB, ANA, inDays(-100))).toEqual({ ...NOTHING, reopened: [ID] });
    await erasure.fence();
    expect(erasure.isFenced(PHONE)).toBe(true);
  });

  it("follows the person's links on to what is not the link's own", async () => {
    const erasure = await anErasure([
      { alias: WEB, person_id: ANA, valid_from: inDays(-100) },
      { alias: OTHER, person_id: LUIS, valid_from: inDays(-100) },
    ]);
    // A decision by hand that Luis is Ana: one id of both.
    await erasure.identities.link({ alias: PHONE, person_id: ANA, valid_from: inDays(-9) });
    expect(await erasure.link(OTHER, ANA, inDays(-9))).toMatchObject({ isAmbiguous: true, reopened: [ID] });
    await erasure.fence();
    expect([erasure.isFenced(PHONE), erasure.isFenced(OTHER)]).toEqual([true, false]);
  });

  it("leaves a link that began after the fence alone: it is of the next life", async () => {
    const erasure = await anErasure([{ alias: WEB, person_id: ANA, valid_from: inDays(-100) }]);
    expect(await erasure.link(PHONE, ANA, inDays(1))).toEqual(NOTHING);
    await erasure.link(OTHER, ANA, inDays(2));
    await erasure.fence();
    expect([erasure.isFenced(PHONE), erasure.isFenced(OTHER)]).toEqual([false, false]);
    expect(erasure.started).toEqual([]);
  });

  it("starts nothing while an execution looks, and while the request is under way anyhow", async () => {
    const links = [{ alias: WEB, person_id: ANA, valid_from: inDays(-100) }];
    const running = await anErasure(links);
    running.running.add(ID);
    const failed = await anErasure(links);
    await failed.setStatus("failed");
    for (const erasure of [running, failed]) {
      expect(await erasure.link(PHONE, ANA, inDays(-50))).toEqual({ ...NOTHING, reopened: [ID] });
      expect(erasure.started).toEqual([]);
    }
  });

  it("plans anew where the raw ids are gone, without the life that began after", async () => {
    const erasure = await anErasure([
      { alias: WEB, person_id: ANA, valid_from: inDays(-100) },
      { alias: OTHER, person_id: ANA, valid_from: inDays(1) },
    ]);
    await erasure.setStatus("closed");
    expect(await erasure.link(PHONE, ANA, inDays(-50))).toMatchObject({
      reopened: [],
      planned: [expect.any(String)],
    });
    expect(erasure.planned).toEqual([
      { userIds: [PHONE], exclude: [OTHER, WEB], actor: `a link after ${ID}` },
    ]);
  });
});

describe("a number that is passed on", () => {
  it("belongs to its next owner, whose other ids are left alone", async () => {
    // Ana's erased id ended with her; somebody else has it now.
    const erasure = await anErasure([
      { alias: WEB, person_id: ANA, valid_from: inDays(-100), valid_to: inDays(-1) },
      { alias: OTHER, person_id: LUIS, valid_from: inDays(-100) },
    ]);
    expect(await erasure.link(WEB, LUIS, inDays(2))).toEqual({ ...NOTHING, isAmbiguous: true });
    await erasure.fence();
    expect(erasure.isFenced(OTHER)).toBe(false);
  });

  it("is ambiguous where both had it before the fence, and leads to nobody", async () => {
    const erasure = await anErasure([
      { alias: WEB, person_id: ANA, valid_from: inDays(-100), valid_to: inDays(-20) },
      { alias: PHONE, person_id: LUIS, valid_from: inDays(-100) },
    ]);
    expect(await erasure.link(WEB, LUIS, inDays(-10))).toEqual({ ...NOTHING, isAmbiguous: true });
    await erasure.fence();
    expect([erasure.isFenced(PHONE), erasure.started.length]).toEqual([false, 0]);
  });
});

it("linking people who were never erased changes no request", async () => {
  const erasure = await anErasure();
  expect(await erasure.link(PHONE, LUIS, inDays(-50))).toEqual(NOTHING);
  expect(await erasure.identities.ofAlias(PHONE)).toHaveLength(1);
});
