import { describe, expect, it } from "vitest";
import { retryMatching } from "../../../cli/quarantine/retry-entries.ts";
import { parseEvent } from "../../../functions/core/contracts/parse-event.ts";
import { entryId, parseEntryId } from "../../../functions/core/contracts/quarantine-id.ts";
import { KeyChain } from "../../../functions/core/domain/key-chain.ts";
import type { EventEnvelope } from "../../../functions/core/ports/event-publisher.ts";
import type { QuarantineEntry } from "../../../functions/core/ports/quarantine.ts";
import {
  discardQuarantined,
  type RetryDeps,
  retryQuarantined,
} from "../../../functions/core/use-cases/quarantine-desk.ts";
import { fixedClock, later, NOW } from "../../support/builders.ts";
import { createFakeObjectIndex, createFakeObjectStore } from "../../support/fakes/fake-objects.ts";
import { createFakeQuarantine } from "../../support/fakes/fake-quarantine.ts";
import { FakeTables } from "../../support/fakes/fake-tables.ts";

const keys = new KeyChain({ k1: "k".repeat(64) });
const BODY =
  '{"canal":"whatsapp","user_id":"+34600","mensaje":"hola","timestamp":1763636400.5,"metadata":{"chat_id":1,"message_id":2}}';

const anEntry = (over: Partial<QuarantineEntry> = {}): QuarantineEntry => ({
  user_id: "whatsapp:+34600",
  first_received_at: later(-5_000),
  source_id: "0b9c-1",
  code: "retries-exhausted",
  field: "body",
  detail: "failed",
  body: { text: BODY },
  ...over,
});

async function aDesk(...entries: QuarantineEntry[]) {
  const quarantine = createFakeQuarantine(new FakeTables(fixedClock()));
  for (const entry of entries) await quarantine.put(entry);
  const sent: EventEnvelope[] = [];
  const objectIndex = createFakeObjectIndex();
  const objectStore = createFakeObjectStore();
  const deps: RetryDeps = {
    quarantine,
    objectIndex,
    objectStore,
    keys,
    clock: fixedClock(),
    maxBodyBytes: 500_000,
    publisher: {
      publish: async (events) => {
        sent.push(...events);
        return events.length;
      },
    },
  };
  return { quarantine, objectIndex, objectStore, sent, deps };
}

describe("a retry", () => {
  it("sends the body as it came, with its arrival and count beside it, then removes the entry", async () => {
    const entry = anEntry({ retries: 1 });
    const desk = await aDesk(entry);
    expect(await retryQuarantined(entry, desk.deps)).toBe("sent");
    expect(desk.sent).toMatchObject([
      { body: BODY, history: { firstReceivedAt: entry.first_received_at, retries: 2 } },
    ]);
    expect(desk.quarantine.entries).toEqual([]);
  });

  it("keeps to the person's group, under an id that the queue did not see yet", async () => {
    const [one, two] = [anEntry(), anEntry({ source_id: "0b9c-2" })];
    const desk = await aDesk(one, two);
    for (const entry of [one, two, one]) await retryQuarantined(entry, desk.deps);
    const ids = desk.sent.map(({ deduplicationId }) => deduplicationId);
    expect(new Set(ids).size).toBe(2);
    expect(ids[2]).toBe(ids[0]);
    expect(new Set(desk.sent.map(({ groupId }) => groupId))).toEqual(
      new Set([keys.identity("group", "whatsapp:+34600")]),
    );
  });

  it("keeps the entry where the queue does not take the body", async () => {
    const desk = await aDesk(anEntry());
    const publisher = { publish: () => Promise.reject(new Error("away")) };
    await expect(retryQuarantined(anEntry(), { ...desk.deps, publisher })).rejects.toThrow("away");
    expect(desk.quarantine.entries).toHaveLength(1);
  });

  it("reads a long body from the bucket and removes it there, too", async () => {
    const long = anEntry({ body: { object: "quarantine/a.json", bytes: BODY.length } });
    const desk = await aDesk(long);
    await desk.objectIndex.add({ user_id: long.user_id, key: "quarantine/a.json", generation: 1 });
    expect(await retryQuarantined(long, desk.deps)).toBe("body-gone");
    await desk.objectStore.put("quarantine/a.json", BODY, "application/json");
    expect(await retryQuarantined(long, { ...desk.deps, maxBodyBytes: 10 })).toBe("too-large");
    expect(desk.sent).toEqual([]);
    expect(await retryQuarantined(long, desk.deps)).toBe("sent");
    expect([desk.quarantine.entries, [...desk.objectStore.objects]]).toEqual([[], []]);
    // The bucket may keep an old version, which an erasure must find.
    expect(desk.objectIndex.entries()).toHaveLength(1);
  });
});

it("discarding removes the entry and its object", async () => {
  const long = anEntry({ body: { object: "quarantine/a.json", bytes: 4 } });
  const desk = await aDesk(long, anEntry({ source_id: "other" }));
  await desk.objectIndex.add({ user_id: long.user_id, key: "quarantine/a.json", generation: 1 });
  await desk.objectStore.put("quarantine/a.json", BODY, "application/json");
  await discardQuarantined(long, desk.deps);
  expect(desk.quarantine.entries).toMatchObject([{ source_id: "other" }]);
  expect([...desk.objectStore.objects]).toEqual([]);
});

describe("a sweep", () => {
  it("sends what matches, the oldest first, and leaves what came back too often", async () => {
    const desk = await aDesk(
      anEntry({ source_id: "new", first_received_at: later(-1_000) }),
      anEntry({ source_id: "often", retries: 3 }),
      anEntry({ source_id: "old", first_received_at: later(-9_000), retries: 2 }),
      anEntry({ source_id: "other", code: "conflict" }),
    );
    const day = NOW.slice(0, 10);
    const report = await retryMatching([day], { code: "retries-exhausted" }, desk.deps, () => undefined);
    expect(report).toEqual({ sent: 2, left: [{ id: `${later(-5_000)}_often`, why: "retried-too-often" }] });
    expect(desk.sent.map(({ history }) => history?.retries)).toEqual([3, 1]);
    expect(desk.quarantine.entries.map(({ source_id }) => source_id)).toEqual(["often", "other"]);
  });

  it("of one person leaves the others' alone", async () => {
    const desk = await aDesk(anEntry(), anEntry({ source_id: "b", user_id: "whatsapp:+346001" }));
    await retryMatching([NOW.slice(0, 10)], { user: "whatsapp:+34600" }, desk.deps, () => undefined);
    expect(desk.quarantine.entries).toMatchObject([{ user_id: "whatsapp:+346001" }]);
  });
});

it("an id names an entry, and nothing else is one", () => {
  const entry = anEntry();
  expect(parseEntryId(entryId(entry))).toEqual({
    first_received_at: entry.first_received_at,
    source_id: entry.source_id,
  });
  for (const wrong of ["", "0b9c-1", `${NOW}_`, `${NOW}#a`, `${NOW}_a/../b`, `x${entryId(entry)}`]) {
    expect(parseEntryId(wrong), wrong).toBeUndefined();
  }
});

it("a short event may carry its first arrival itself", () => {
  const body = JSON.stringify({ ...JSON.parse(BODY), first_received_at: "2025-11-20T11:00:05.000Z" });
  const event = parseEvent(body, new Date("2025-11-20T12:00:00.000Z"), keys);
  expect(event.ok && event.message).toMatchObject({
    first_received_at: "2025-11-20T11:00:05.000Z",
    timestamp: "2025-11-20T11:00:00.500Z",
  });
});
