import { describe, expect, it } from "vitest";
import type { ErasureSubject, ErasureTarget } from "../../../../functions/core/domain/erasure.ts";
import type { Fence } from "../../../../functions/core/domain/fence.ts";
import { KeyChain } from "../../../../functions/core/domain/key-chain.ts";
import { splitByYear } from "../../../../functions/core/domain/lake-folders.ts";
import type { ErasureRequest } from "../../../../functions/core/ports/erasure-requests.ts";
import type { LakeAudit } from "../../../../functions/core/ports/lake-audit.ts";
import { auditLake, auditOpenRequests } from "../../../../functions/core/use-cases/lake-audit.ts";
import { trainingPerson } from "../../../../functions/core/use-cases/training-record.ts";
import { FIRST_YEAR, LAST_YEAR } from "../../../../infra/constructs/lake-table.ts";
import { NOW } from "../../../support/builders.ts";
import { createFakeErasureLedger } from "../../../support/fakes/fake-erasure-ledger.ts";
import { FakeLakePeople } from "../../../support/fakes/fake-lake-people.ts";

const keys = new KeyChain({ k1: "a key that is long enough for the audit" });
const [ANA, BEA, EVA] = ["whatsapp:+34600000001", "web:bea", "web:eva"] as const;

interface LakeEntry {
  readonly user_id: string;
  readonly object: string;
  readonly generation?: number;
}

/** A lake of rows that is looked through as the real one is, and counts how often. */
function lakeOf(entries: readonly LakeEntry[]): LakeAudit & { scans: number } {
  return {
    scans: 0,
    async scan(ids) {
      this.scans += 1;
      const rows = ids.flatMap((user_id, id) => {
        const found = entries.filter((entry) => entry.user_id === user_id);
        const groups = Map.groupBy(found, ({ object, generation = 1 }) =>
          JSON.stringify([object, generation]),
        );
        return [...groups].map(([group, of]) => {
          const [object, generation] = JSON.parse(group) as [string, number];
          return { id, object, generation, rows: of.length };
        });
      });
      return {
        rows,
        objects: new Set(entries.map(({ object }) => object)).size,
        unread: [],
        bytesScanned: 1,
      };
    },
  };
}

function world(entries: readonly LakeEntry[]) {
  const fences = new Map<string, Fence>();
  const people = new FakeLakePeople();
  const audit = lakeOf(entries);
  const ledger = createFakeErasureLedger({ fences });
  const fence = (user: string, generation: number) =>
    fences.set(keys.tag(user), { generation, fenced_at: NOW });
  return { audit, people, fence, deps: { audit, people, ledger, keys } };
}

describe("audit of people in the lake", () => {
  it("tells rows that the index names from those it missed, by generation", async () => {
    const { people, deps } = world([
      { user_id: ANA, object: "a" },
      { user_id: ANA, object: "a" },
      { user_id: ANA, object: "b", generation: 2 },
      { user_id: BEA, object: "a" },
    ]);
    await people.add("a", [{ user_id: ANA, generation: 1 }]);
    await people.add("b", [{ user_id: ANA, generation: 1 }]);
    const { found } = await auditLake([[ANA]], deps);
    expect(found).toEqual([
      { person: 0, id: 0, object: "a", generation: 1, rows: 2, indexed: true, erased: false },
      { person: 0, id: 0, object: "b", generation: 2, rows: 1, indexed: false, erased: false },
    ]);
  });

  it("looks for keyed hashes of training logs, and for all of a person's ids, in one scan", async () => {
    const { audit, deps } = world([
      { user_id: trainingPerson(ANA, keys), object: "log" },
      { user_id: BEA, object: "a" },
      { user_id: EVA, object: "a" },
    ]);
    const { found } = await auditLake([[ANA, BEA], [EVA]], deps);
    expect(found.map(({ person, id, object }) => [person, id, object])).toEqual([
      [0, 0, "log"],
      [0, 1, "a"],
      [1, 0, "a"],
    ]);
    expect(audit.scans).toBe(1);
  });

  it("tells what is left of an erased generation from what came after", async () => {
    const { fence, deps } = world([
      { user_id: ANA, object: "a", generation: 1 },
      { user_id: ANA, object: "b", generation: 2 },
    ]);
    fence(ANA, 1);
    const { found } = await auditLake([[ANA]], deps);
    expect(found.map(({ object, erased }) => [object, erased])).toEqual([
      ["a", true],
      ["b", false],
    ]);
  });
});

describe("daily audit", () => {
  const request = (request_id: string, over: Partial<ErasureRequest> = {}): ErasureRequest => ({
    request_id,
    status: "completed",
    people: 1,
    created_at: NOW,
    planned_by: "a",
    expires_at: NOW,
    fenced_at: NOW,
    attempts: 1,
    held: 0,
    stores: {},
    ...over,
  });
  const target = (user_id: string): ErasureTarget => ({
    user_id,
    tag: keys.tag(user_id),
    tags: [keys.tag(user_id)],
    generation: 1,
    fenced_at: NOW,
  });

  it("scans once for all requests, and puts what the index missed where the next pass finds it", async () => {
    const { audit, people, fence, deps } = world([
      { user_id: ANA, object: "a" },
      { user_id: ANA, object: "b" },
      { user_id: BEA, object: "b", generation: 2 },
      { user_id: EVA, object: "a" },
    ]);
    for (const user of [ANA, BEA]) fence(user, 1);
    await people.add("a", [{ user_id: ANA, generation: 1 }]);
    const subjects: Readonly<Record<string, readonly ErasureSubject[]>> = {
      "er-1": [{ person: 1, user_ids: [ANA], targets: [target(ANA)] }],
      "er-2": [
        { person: 1, user_ids: [BEA], targets: [target(BEA)] },
        // Held: not fenced.
        { person: 2, user_ids: [EVA] },
      ],
      "er-3": [{ person: 1, user_ids: [EVA], targets: [target(EVA)] }],
    };
    // A plan that nobody approved is not fenced.
    const { fenced_at: _, ...planned } = request("er-3", { status: "planned" });
    const requests = {
      open: async () => [request("er-1"), request("er-2"), planned],
      subjects: async (id: string) => [...(subjects[id] ?? [])],
    };
    expect(await auditOpenRequests({ ...deps, requests })).toEqual([
      { request_id: "er-1", residue: 2, missed: 1 },
      { request_id: "er-2", residue: 0, missed: 0 },
    ]);
    expect(audit.scans).toBe(1);
    expect(people.generationOf("b", ANA)).toBe(1);
    expect(people.generationOf("b", BEA)).toBeUndefined();
    expect(people.generationOf("a", EVA)).toBeUndefined();
  });

  it("reads nothing where no request is open", async () => {
    const { audit, deps } = world([{ user_id: ANA, object: "a" }]);
    expect(
      await auditOpenRequests({ ...deps, requests: { open: async () => [], subjects: async () => [] } }),
    ).toEqual([]);
    expect(audit.scans).toBe(0);
  });
});

describe("objects that queries read", () => {
  it("lie in a day's folder of a year that the catalog has", () => {
    const keys = [
      "logs/year=2026/month=01/day=31/a.gz",
      "logs/year=2019/month=01/day=31/a.gz",
      "logs/year=2026/month=1/day=31/a.gz",
      "logs/year=2026/month=01/day=31/_temporary",
      "logs/year=2026/month=01/day=31/sub/a.gz",
      "logs/a.gz",
      "logs/year=2020/month=12/day=31/a.gz",
    ];
    expect(splitByYear("logs/", keys)).toEqual({ years: [2020, 2026], unread: keys.slice(1, 6) });
  });

  it("have the years of the catalog's partitions", () => {
    const years = [FIRST_YEAR, LAST_YEAR];
    for (const [index, year] of years.entries()) {
      const outside = year + (index === 0 ? -1 : 1);
      const key = (of: number) => `logs/year=${of}/month=01/day=01/a`;
      expect(splitByYear("logs/", [key(year), key(outside)])).toEqual({
        years: [year],
        unread: [key(outside)],
      });
    }
  });
});
