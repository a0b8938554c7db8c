import { afterAll, describe, expect, it } from "vitest";
import { createErasureLedger } from "../../../functions/adapters/dynamodb/erasure-ledger.ts";
import { createErasureRequests } from "../../../functions/adapters/dynamodb/erasure-requests.ts";
import { readFenceSequence } from "../../../functions/adapters/dynamodb/fence-sequence.ts";
import { createFences } from "../../../functions/adapters/dynamodb/fences.ts";
import { createIdentities } from "../../../functions/adapters/dynamodb/identities.ts";
import { createLegalHolds } from "../../../functions/adapters/dynamodb/legal-holds.ts";
import { systemClock } from "../../../functions/core/domain/clock.ts";
import { NOTHING_HELD } from "../../../functions/core/domain/erasure.ts";
import type { Fence } from "../../../functions/core/domain/fence.ts";
import { fixedClock, NOW, tagOf } from "../../support/builders.ts";
import { createFakeErasureLedger } from "../../support/fakes/fake-erasure-ledger.ts";
import { FakeErasureRequests } from "../../support/fakes/fake-erasure-requests.ts";
import { createFakeFences } from "../../support/fakes/fake-fences.ts";
import { FakeIdentities } from "../../support/fakes/fake-identities.ts";
import { FakeLegalHolds } from "../../support/fakes/fake-legal-holds.ts";
import { erasureRequestsSuite, newRequestId } from "../suites/erasure-requests.ts";
import { fencesSuite } from "../suites/fences.ts";
import { identitiesSuite } from "../suites/identities.ts";
import { legalHoldsSuite } from "../suites/legal-holds.ts";
import { openDynamo } from "./engine.ts";
import { cancelled, type Fault, faultyClient, namedError, throttledWrites } from "./faults.ts";

const engine = await openDynamo();
const client = engine.engines.documents;
const ledgerTable = engine.table("erasure-ledger");
const tables = { ledger: ledgerTable, subjects: engine.table("erasure-subjects") };
afterAll(() => engine.engines.close());

erasureRequestsSuite("in memory", async () => ({
  requests: new FakeErasureRequests(fixedClock()),
  now: fixedClock(),
}));
const now = fixedClock(new Date().toISOString());
erasureRequestsSuite("DynamoDB", async () => ({
  requests: createErasureRequests({ client, tables, clock: now }),
  now,
}));

fencesSuite("in memory", async () => {
  const held = { fences: new Map<string, Fence>() };
  let count = 0;
  const raise = () => {
    count += 1;
  };
  return {
    fences: createFakeFences(held, { raise }),
    ledger: createFakeErasureLedger(held),
    sequence: async () => count,
  };
});
fencesSuite("DynamoDB", async () => ({
  fences: createFences({ client, table: ledgerTable }),
  ledger: createErasureLedger({ client, table: ledgerTable }),
  sequence: () => readFenceSequence(client, ledgerTable),
}));

legalHoldsSuite("in memory", async () => new FakeLegalHolds());
legalHoldsSuite("DynamoDB", async () => createLegalHolds({ client, table: ledgerTable }));

identitiesSuite("in memory", async () => new FakeIdentities());
identitiesSuite("DynamoDB", async () => createIdentities({ client, table: engine.table("identities") }));

describe("on DynamoDB when calls fail", () => {
  /** The answer is lost though it was written, a conflict, a throttle. */
  const troubles = (): Fault[] => [
    { command: "TransactWriteItemsCommand", moment: "after", error: namedError("TimeoutError") },
    { command: "TransactWriteItemsCommand", moment: "before", error: cancelled("TransactionConflict") },
    { command: "TransactWriteItemsCommand", moment: "before", error: cancelled("ThrottlingError") },
  ];
  const random = () => 0;

  it("adds what was removed once, and says what it changed", async () => {
    for (const fault of troubles()) {
      const requests = createErasureRequests({ client, tables, clock: systemClock });
      const request_id = newRequestId();
      const expires_at = new Date(Date.now() + 86_400_000).toISOString();
      const request = { request_id, people: 1, created_at: NOW, planned_by: "ana", expires_at };
      await requests.create({ ...request, status: "planned", attempts: 0, held: 0, stores: {} }, []);
      const faulty = createErasureRequests({
        client: faultyClient(engine.engines, [fault]).client,
        tables,
        clock: systemClock,
        random,
      });
      const counts = { ...NOTHING_HELD, items: 7 };
      await faulty.putCounts(request_id, "removed", [{ person: 1, store: "cache", counts }]);
      expect((await requests.people(request_id))[0]?.removed.cache).toEqual(counts);

      const again = createErasureRequests({
        client: faultyClient(engine.engines, [{ ...fault }]).client,
        tables,
        clock: systemClock,
        random,
      });
      expect(await again.update(request_id, ["planned"], { status: "closed" })).toBe(true);
    }
  });

  it("sets one fence", async () => {
    for (const fault of troubles()) {
      const fences = createFences({
        client: faultyClient(engine.engines, [fault]).client,
        table: ledgerTable,
        random,
      });
      const entry = { tag: tagOf(newRequestId()), requestId: newRequestId(), at: NOW };
      expect((await fences.fence(entry)).generation).toBe(1);
      expect((await fences.fence(entry)).generation).toBe(1);
    }
  });

  it("lifts a hold and says so, and throws where conflicts last, without ids", async () => {
    const holds = createLegalHolds({
      client: faultyClient(engine.engines, troubles()).client,
      table: ledgerTable,
      random,
    });
    const tag = tagOf(newRequestId());
    await holds.set({ tag, set_at: NOW, actor: "ana", reason: "case 1" });
    expect(await holds.lift(tag)).toBe(true);

    const lasting = Array.from({ length: 12 }, () => troubles()[1] as Fault);
    const { client: conflicted } = faultyClient(engine.engines, lasting);
    const fences = createFences({ client: conflicted, table: ledgerTable, random });
    await expect(fences.fence({ tag, requestId: newRequestId(), at: NOW })).rejects.toMatchObject({
      name: "TransientError",
      message: expect.stringMatching(
        new RegExp(`^DynamoDB TransactWriteItems on ${ledgerTable}: conflict after 12 tries$`),
      ),
    });
  });

  it("writes what BatchWriteItem left unprocessed", async () => {
    const requests = createErasureRequests({
      client: throttledWrites(engine.engines),
      tables,
      clock: systemClock,
      random,
    });
    const id = newRequestId();
    await requests.notes(id).add(["a", "b", "c"]);
    expect(await requests.notes(id).all()).toEqual(["a", "b", "c"]);
  });
});
