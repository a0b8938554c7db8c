import { randomBytes } from "node:crypto";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { NOTHING_HELD, type StoreCounts } from "../../../functions/core/domain/erasure.ts";
import type { ErasureRequest, ErasureRequests } from "../../../functions/core/ports/erasure-requests.ts";

/** Requests of one deployment. */
export interface OpenErasureRequests {
  readonly requests: ErasureRequests;
  /** The present, in which nothing expires by itself. */
  readonly now: () => Date;
}

const DAY_MS = 86_400_000;

/** A request's id that no other test has. */
export const newRequestId = (): string => `er-20261120T120000-${randomBytes(6).toString("hex")}`;

const some = (items: number, rows = 0): StoreCounts => ({ ...NOTHING_HELD, items, rows });

/** What every keeper of requests holds to. */
export function erasureRequestsSuite(name: string, open: () => Promise<OpenErasureRequests>): void {
  describe(`ErasureRequests: ${name}`, () => {
    let requests: ErasureRequests;
    let now: () => Date;
    let id: string;
    const inDays = (days: number): string => new Date(now().getTime() + days * DAY_MS).toISOString();
    const aRequest = (over: Partial<ErasureRequest> = {}): ErasureRequest => ({
      request_id: id,
      status: "planning",
      people: 3,
      created_at: now().toISOString(),
      planned_by: "arn:aws:iam::1:user/ana",
      expires_at: inDays(7),
      attempts: 0,
      held: 0,
      stores: {},
      ...over,
    });
    const people = (count: number, from = 1) =>
      Array.from({ length: count }, (_, index) => ({
        person: from + index,
        user_ids: [`web:${id}-${from + index}`],
      }));
    beforeAll(async () => {
      ({ requests, now } = await open());
    });
    beforeEach(() => {
      id = newRequestId();
    });
    // Other tests look at what is open.
    afterEach(() => requests.update(id, ["planning", "planned"], { status: "closed" }));

    it("gives a request back exactly, with its plan, and knows none that was not made", async () => {
      expect(await requests.read(id)).toBeUndefined();
      const request = aRequest({
        plan: { stores: { cache: some(2) }, cost_usd: 0.5, seconds: 70, undecided: 0, held: 1 },
        stores: { lake: { status: "failed", error: "TransientError: S3" } },
      });
      await requests.create(request, people(3));
      expect(await requests.read(id)).toEqual(request);
      expect(await requests.subjects(id)).toEqual(people(3));
    });

    it("takes no id twice, and leaves the first one's people alone", async () => {
      await requests.create(aRequest(), people(3));
      await expect(requests.create(aRequest({ people: 1 }), people(1, 4))).rejects.toMatchObject({
        name: "PermanentError",
      });
      expect(await requests.subjects(id)).toEqual(people(3));
      expect((await requests.read(id))?.people).toBe(3);
    });

    it("changes a request only in one of the states asked for", async () => {
      await requests.create(aRequest(), people(3));
      const planned = { status: "planned", plan_hash: "ab".repeat(32), people: 2 } as const;
      expect(await requests.update(id, ["planning", "planned"], planned)).toBe(true);
      expect(await requests.update(id, ["approved"], { status: "fencing" })).toBe(false);
      expect(await requests.read(id)).toEqual({ ...aRequest(), ...planned });
      expect(await requests.update(newRequestId(), ["planned"], { held: 1 })).toBe(false);
    });

    it("says how stores are doing, each for itself", async () => {
      await requests.create(aRequest(), people(1));
      await Promise.all([
        requests.setStore(id, "cache", { status: "counted" }),
        requests.setStore(id, "lake", { status: "erasing" }),
      ]);
      await requests.setStore(id, "cache", { status: "failed", error: "TransientError: Valkey" });
      expect((await requests.read(id))?.stores).toEqual({
        cache: { status: "failed", error: "TransientError: Valkey" },
        lake: { status: "erasing" },
      });
    });

    it("lists what is not closed", async () => {
      const later = newRequestId();
      await requests.create(aRequest({ created_at: inDays(-2) }), people(1));
      await requests.create(aRequest({ request_id: later, created_at: inDays(-1) }), people(1));
      const mine = async () =>
        (await requests.open())
          .map(({ request_id }) => request_id)
          .filter((one) => [id, later].includes(one));
      expect(await mine()).toEqual([id, later]);
      await requests.update(id, ["planning"], { status: "closed" });
      expect(await mine()).toEqual([later]);
      await requests.update(later, ["planning"], { status: "closed" });
      expect((await requests.read(id))?.status).toBe("closed");
    });

    it("gives ranges of many people, and replaces, drops and forgets them", async () => {
      await requests.create(aRequest({ people: 120 }), people(120));
      const [range, whole] = [await requests.subjects(id, 99, 102), await requests.subjects(id)];
      expect(range.map(({ person }) => person)).toEqual([99, 100, 101]);
      expect(whole).toHaveLength(120);
      expect(await requests.subjects(id, 5, 5)).toEqual([]);

      const fenced = {
        person: 2,
        user_ids: ["web:two", "whatsapp:+34"],
        person_ids: ["person_2"],
        targets: [
          { user_id: "web:two", tag: "t", tags: ["t"], generation: 1, fenced_at: "2026-11-20T12:00:00.000Z" },
        ],
      };
      await requests.putSubjects(id, [fenced]);
      expect(await requests.subjects(id, 2, 3)).toEqual([fenced]);
      await requests.dropSubjects(id, 4);
      expect((await requests.subjects(id)).map(({ person }) => person)).toEqual([1, 2, 3]);
      await requests.notes(id).add(["a", "b"]);
      await requests.forgetSubjects(id);
      expect([await requests.subjects(id), await requests.notes(id).all()]).toEqual([[], []]);
    });

    it("shows no ids that have expired", async () => {
      await requests.create(aRequest({ expires_at: inDays(-0.001) }), people(2));
      expect(await requests.subjects(id)).toEqual([]);
      await requests.putSubjects(id, people(2), inDays(1));
      expect(await requests.subjects(id)).toHaveLength(2);
      await requests.putSubjects(id, people(1));
      expect(await requests.subjects(id)).toHaveLength(2);
    });

    it("has a part of each person, whether or not anything is known of them", async () => {
      await requests.create(aRequest(), people(3));
      const nothing = { status: "open", planned: {}, before: {}, removed: {}, after: {} };
      await requests.putPerson(id, 2, { status: "completed", receipt: '{"a":1}' });
      expect(await requests.people(id)).toEqual([
        { person: 1, ...nothing },
        { person: 2, ...nothing, status: "completed", receipt: '{"a":1}' },
        { person: 3, ...nothing },
      ]);
      expect((await requests.people(id, 2, 3)).map(({ person }) => person)).toEqual([2]);
      await requests.putPerson(id, 2, { status: "open" });
      expect((await requests.people(id, 2, 3))[0]?.receipt).toBe('{"a":1}');
    });

    it("takes `before` once, adds up `removed`, and replaces the rest", async () => {
      await requests.create(aRequest(), people(3));
      const put = (kind: "planned" | "before" | "removed" | "after", counts: StoreCounts, person = 1) =>
        requests.putCounts(id, kind, [
          { person, store: "lake", counts },
          { person, store: "conversation-contexts", counts: NOTHING_HELD },
        ]);
      for (const counts of [some(1, 5), some(2, 7)]) {
        for (const kind of ["planned", "before", "removed", "after"] as const) await put(kind, counts);
      }
      const none = { "conversation-contexts": NOTHING_HELD };
      expect(await requests.people(id, 1, 2)).toEqual([
        {
          person: 1,
          status: "open",
          planned: { ...none, lake: some(2, 7) },
          before: { ...none, lake: some(1, 5) },
          removed: { ...none, lake: some(3, 12) },
          after: { ...none, lake: some(2, 7) },
        },
      ]);
      await requests.putCounts(
        id,
        "removed",
        people(60).map(({ person }) => ({ person, store: "search", counts: some(person) })),
      );
      expect((await requests.people(id)).map(({ removed }) => removed.search)).toEqual([
        some(1),
        some(2),
        some(3),
      ]);
    });

    it("loses none of what is added at once", async () => {
      await requests.create(aRequest(), people(1));
      await Promise.all(
        Array.from({ length: 8 }, () =>
          requests.putCounts(id, "removed", [{ person: 1, store: "lake", counts: some(1, 2) }]),
        ),
      );
      expect((await requests.people(id))[0]?.removed.lake).toEqual(some(8, 16));
    });

    it("keeps each note once", async () => {
      const keys = Array.from({ length: 40 }, (_, n) => `media/images/2026/11/20/${n}.png`);
      await requests.notes(id).add(keys);
      await requests.notes(id).add([...keys.slice(0, 5), "backups/x"]);
      expect(await requests.notes(id).all()).toEqual([...keys, "backups/x"].sort());
      expect(await requests.subjects(id)).toEqual([]);
    });
  });
}
