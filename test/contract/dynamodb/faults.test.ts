import { afterAll, describe, expect, it } from "vitest";
import { TransientError } from "../../../functions/core/domain/errors.ts";
import type { Fence } from "../../../functions/core/domain/fence.ts";
import type { RoutedMessage } from "../../../functions/core/domain/message.ts";
import { Scene } from "../suites/scene.ts";
import { openDynamo, storesOf } from "./engine.ts";
import {
  cancelled,
  type Fault,
  faultyClient,
  namedError,
  refusedStatements,
  throttledClient,
} from "./faults.ts";

const engine = await openDynamo();
afterAll(() => engine.engines.close());

const direct = storesOf(engine);
const storesWith = (...faults: Fault[]) => {
  const { client, calls } = faultyClient(engine.engines, faults);
  return { ...storesOf(engine, client), calls };
};
const write = (error: Error, moment: Fault["moment"] = "before"): Fault => ({
  command: "TransactWriteItemsCommand",
  moment,
  error,
});
const bump = (error: Error): Fault => ({ command: "UpdateItemCommand", moment: "before", error });
const statement = (error: Error, moment: Fault["moment"] = "before"): Fault => ({
  command: "BatchExecuteStatementCommand",
  moment,
  error,
});
const read = (error: Error): Fault => ({ command: "BatchGetItemCommand", moment: "before", error });
const analysesOf = async (scene: Scene) =>
  (await direct.reader.recent(scene.userId, 1, 100)).map((row, item) => ({
    item,
    tag: scene.tag,
    row,
    filled: { intent: "saludo" },
  }));
const heldOf = async (scene: Scene) => ({
  rows: (await direct.reader.recent(scene.userId, 1, 100)).length,
  counted: (await direct.profiles.get(scene.userId, 1))?.interaction_history.total_messages ?? 0,
});

describe("MessageStore on DynamoDB under faults", () => {
  it.each([
    ["a conflict", cancelled("TransactionConflict")],
    ["a throttled item", cancelled("ProvisionedThroughputExceeded")],
    ["a throttled call", namedError("ThrottlingException")],
    ["a token under way", namedError("TransactionInProgressException")],
    ["a token used before", namedError("IdempotentParameterMismatchException")],
    ["a condition that failed", cancelled("ConditionalCheckFailed")],
    ["a failing service", namedError("InternalServerError", 500)],
  ])("stores once after %s, twice in a row", async (_, error) => {
    const scene = new Scene();
    const { store, calls } = storesWith(write(error), write(error));
    expect(await store.store([scene.message()])).toMatchObject([{ status: "stored", revision: 1 }]);
    expect(calls.filter((name) => name === "TransactWriteItemsCommand")).toHaveLength(3);
    expect(await heldOf(scene)).toEqual({ rows: 1, counted: 1 });
  });

  it("counts once when the answer to a write that was done is lost", async () => {
    const scene = new Scene();
    const { store } = storesWith(write(namedError("TimeoutError", 0), "after"));
    const outcomes = await store.store(scene.messages(3));
    expect(outcomes.map(({ status }) => status)).toEqual(["duplicate", "duplicate", "duplicate"]);
    expect(await heldOf(scene)).toEqual({ rows: 3, counted: 3 });
  });

  it("gives a person's messages back after three tries, and stores the others'", async () => {
    const [unlucky, lucky] = [new Scene(), new Scene()];
    const conflict = cancelled("TransactionConflict");
    const { store } = storesWith(write(conflict), write(conflict), write(conflict));
    const first = await store.store(unlucky.messages(2));
    expect(first).toMatchObject([{ status: "failed" }, { status: "failed" }]);
    expect(first[0]?.reason).toMatch(/DynamoDB TransactWriteItems on .*conversation-contexts: conflict/);
    expect(JSON.stringify(first)).not.toMatch(/whatsapp|CANARIO|Texto/);
    expect(await heldOf(unlucky)).toEqual({ rows: 0, counted: 0 });
    expect(await store.store([...unlucky.messages(2), lucky.message()])).toMatchObject([
      { status: "stored" },
      { status: "stored" },
      { status: "stored" },
    ]);
  });

  it("reads for ten persons at once, and for each alone where that fails", async () => {
    const ofTenPersons = () => Array.from({ length: 10 }, () => new Scene().messages(2)).flat();
    const reads = (calls: readonly string[]) => calls.filter((name) => name === "BatchGetItemCommand").length;
    const [well, throttled] = [storesWith(), storesWith(read(namedError("ThrottlingException")))];
    for (const { store } of [well, throttled]) {
      const outcomes = await store.store(ofTenPersons());
      expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set(["stored"]));
    }
    expect(reads(well.calls)).toBe(1);
    expect(reads(throttled.calls)).toBe(11);
  });

  it("keeps the order of a person whose batch takes several transactions: nothing after a failure", async () => {
    const scene = new Scene();
    const batch = scene.messages(120);
    const conflict = cancelled("TransactionConflict");
    const faults = [write(conflict), write(conflict), write(conflict)];
    const { store } = storesWith(...faults);
    const outcomes = await store.store(batch);
    expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set(["failed"]));
    expect(await heldOf(scene)).toEqual({ rows: 0, counted: 0 });
  });

  it("hands an item that can never be written back as failed, without harming others", async () => {
    const [huge, other] = [new Scene(), new Scene()];
    const outcomes = await direct.store.store([
      huge.message({ content: "x".repeat(450_000) }),
      other.message(),
    ]);
    expect(outcomes).toMatchObject([{ status: "failed" }, { status: "stored" }]);
    expect(outcomes[0]?.reason).toContain("over 400 KB");
  });

  it("reads what BatchGetItem leaves unprocessed until it has all", async () => {
    const scene = new Scene();
    const slow = storesOf(engine, throttledClient(engine.engines));
    const batch = scene.messages(6);
    await direct.store.store(batch);
    expect(new Set((await slow.store.store(batch)).map(({ status }) => status))).toEqual(
      new Set(["duplicate"]),
    );
    const keys = batch.map(({ user_id, timestamp, message_id }) => ({
      user_id,
      sort_key: `${timestamp}#${message_id}`,
    }));
    expect(await slow.reader.byKeys(keys)).toHaveLength(6);
  });

  it("does not lose an analysis to throttles and conflicts", async () => {
    const [scene, other] = [new Scene(), new Scene()];
    await direct.store.store([...scene.messages(2), ...other.messages(2)]);
    const client = refusedStatements(engine.engines, ["ThrottlingError", "TransactionConflict"]);
    expect(await storesOf(engine, client).store.applyAnalyses(await analysesOf(scene))).toMatchObject([
      { status: "analysed" },
      { status: "analysed" },
    ]);
    const { store } = storesWith(statement(namedError("ThrottlingException")));
    expect(await store.applyAnalyses(await analysesOf(other))).toMatchObject([
      { status: "analysed" },
      { status: "analysed" },
    ]);
  });

  it("hands an analysis back that stays refused, and harms no other", async () => {
    const scene = new Scene();
    await direct.store.store(scene.messages(2));
    const busy = Array.from({ length: 3 }, () => "ThrottlingError");
    for (const codes of [busy, ["ValidationError"]]) {
      const { store } = storesOf(engine, refusedStatements(engine.engines, codes));
      const outcomes = await store.applyAnalyses(await analysesOf(scene));
      const failed = outcomes.filter(({ status }) => status === "failed");
      expect(failed).toHaveLength(1);
      expect(failed[0]?.reason).toMatch(/DynamoDB BatchExecuteStatement on .*: (throttled|rejected)$/);
      expect(JSON.stringify(outcomes)).not.toContain("whatsapp");
    }
    const { store } = storesOf(engine, refusedStatements(engine.engines, ["AccessDenied"]));
    await expect(store.applyAnalyses(await analysesOf(scene))).rejects.toMatchObject({
      name: "PermanentError",
      message: expect.stringContaining("permission"),
    });
  });

  it("says lost of an analysis that was written while its answer was not: index and cache must learn of it", async () => {
    const scene = new Scene();
    await direct.store.store([scene.message()]);
    const { store } = storesWith(statement(namedError("TimeoutError", 0), "after"));
    expect(await store.applyAnalyses(await analysesOf(scene))).toMatchObject([{ status: "lost" }]);
    const [row] = await direct.reader.recent(scene.userId, 1, 1);
    expect(row).toMatchObject({ revision: 2, metadata: { intent: "saludo" } });
  });

  it("stores nothing of a past day whose mark cannot be bumped, and what is of the present day", async () => {
    const [late, other] = [new Scene(), new Scene()];
    const past = { timestamp: "2026-01-02T00:00:00.000Z" };
    const { store, calls } = storesWith(bump(namedError("ThrottlingException")));
    const outcomes = await store.store([late.message(past), other.message()]);
    expect(outcomes).toMatchObject([{ status: "failed" }, { status: "stored" }]);
    expect(outcomes[0]?.reason).toMatch(/DynamoDB UpdateItem on .*lake-days: throttled/);
    expect(await heldOf(late)).toEqual({ rows: 0, counted: 0 });
    expect(calls.filter((name) => name === "TransactWriteItemsCommand")).toHaveLength(1);
    expect(await store.store([late.message(past)])).toMatchObject([{ status: "stored" }]);
  });

  it("writes no analysis onto a row of a past day whose mark cannot be bumped", async () => {
    const scene = new Scene();
    await direct.store.store([scene.message({ timestamp: "2026-01-02T00:00:00.000Z" })]);
    const rows = await direct.reader.recent(scene.userId, 1, 1);
    const updates = await analysesOf(scene);
    const { store } = storesWith(bump(namedError("ThrottlingException")));
    expect(await store.applyAnalyses(updates)).toMatchObject([{ status: "failed" }]);
    expect(await direct.reader.recent(scene.userId, 1, 1)).toEqual(rows);
    expect(await store.applyAnalyses(updates)).toMatchObject([{ status: "analysed" }]);
  });

  it("bumps a mark once for all tries of a transaction", async () => {
    const scene = new Scene();
    const { store, calls } = storesWith(write(cancelled("TransactionConflict")));
    const past = scene.message({ timestamp: "2026-01-02T00:00:00.000Z" });
    expect(await store.store([past])).toMatchObject([{ status: "stored" }]);
    expect(calls.filter((name) => name === "UpdateItemCommand")).toHaveLength(1);
    expect(calls.indexOf("UpdateItemCommand")).toBeLessThan(calls.indexOf("TransactWriteItemsCommand"));
  });

  it.each([
    ["UnrecognizedClientException", "credentials", "PermanentError"],
    ["CredentialsProviderError", "credentials", "PermanentError"],
    ["ResourceNotFoundException", "does not exist", "PermanentError"],
    ["AccessDeniedException", "permission", "PermanentError"],
    ["TimeoutError", "unreachable", "TransientError"],
  ])("says of %s what is wrong and how to mend it, without the SDK's own text", async (name, cause, kind) => {
    const { store, reader, ledger } = storesWith(...Array.from({ length: 3 }, () => read(namedError(name))));
    const scene = new Scene();
    const message: RoutedMessage = scene.message();
    const calls = [
      () => store.store([message]),
      () => reader.byKeys([{ user_id: scene.userId, sort_key: `${message.timestamp}#m-1` }]),
      () => ledger.fences([scene.tag]),
    ];
    for (const call of calls) {
      const error: unknown = await call().catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ name: kind, message: expect.stringContaining(cause) });
      expect(String(error)).toMatch(/^\w+: DynamoDB BatchGetItem on .*hilo-/);
      expect(String(error)).not.toMatch(/whatsapp|CANARIO/);
    }
  });

  it("lets nothing through a ledger that it cannot understand", async () => {
    const scene = new Scene();
    await direct.store.store([scene.message()]);
    await direct.fence(scene.tag, { generation: 1 } as Fence);
    const broken = { name: "PermanentError", message: expect.stringContaining("restore the ledger") };
    await expect(direct.ledger.fences([scene.tag])).rejects.toMatchObject(broken);
    await expect(direct.store.store([scene.message()])).rejects.toMatchObject(broken);
    expect(await direct.store.store([scene.message({ message_id: "m-2" })])).toMatchObject([
      { status: "stale-generation" },
    ]);
  });

  it("is a transient error when nobody can be stored because the engine is away", async () => {
    const away = namedError("ECONNREFUSED");
    const { store } = storesWith(write(away), write(away), write(away));
    await expect(store.store([new Scene().message()])).rejects.toBeInstanceOf(TransientError);
  });
});
