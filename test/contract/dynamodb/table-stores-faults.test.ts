import { randomUUID } from "node:crypto";
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, describe, expect, it } from "vitest";
import { createIdentities } from "../../../functions/adapters/dynamodb/identities.ts";
import type { RequestNotes } from "../../../functions/core/ports/request-notes.ts";
import { memoryNotes } from "../../../functions/core/use-cases/erasure/request-notes.ts";
import { aPace, aTarget } from "../../support/erasure-targets.ts";
import { openDynamo } from "./engine.ts";
import { faultyClient, namedError, refusedStatements } from "./faults.ts";
import { personalTables } from "./personal-tables.ts";

const engine = await openDynamo();
afterAll(() => engine.engines.close());
const tables = personalTables(engine);
const { documents } = engine.engines;
const aPerson = (): string => `whatsapp:+34${randomUUID()}`;
const contextsOver = (client: typeof documents) => tables.stores({ client })["conversation-contexts"];

describe("Tables erased under faults", () => {
  it("removes what is throttled or in conflict in another try, each item alone", async () => {
    const person = aPerson();
    await tables.place("conversation-contexts", [{ user_id: person, generation: 1, count: 30 }]);
    const codes = ["ThrottlingError", "TransactionConflict", "ProvisionedThroughputExceeded"];
    const { removed } = await contextsOver(refusedStatements(engine.engines, codes)).erase(
      [aTarget(person)],
      aPace(),
    );
    expect(removed[0]?.items).toBe(30);
    expect(await tables.heldOf("conversation-contexts", person)).toBe(0);
  });

  it("makes a throttled call again, and gives up where nothing moves, saying so without the person", async () => {
    const person = aPerson();
    await tables.place("conversation-contexts", [{ user_id: person, generation: 1, count: 3 }]);
    const throttled = (times: number) =>
      faultyClient(
        engine.engines,
        Array.from({ length: times }, () => ({
          command: "BatchExecuteStatementCommand",
          moment: "before" as const,
          error: namedError("ThrottlingException"),
        })),
      );
    const stuck = throttled(10);
    const error: unknown = await contextsOver(stuck.client)
      .erase([aTarget(person)], aPace())
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: "TransientError" });
    expect(String(error)).toMatch(/BatchExecuteStatement on hilo-local-conversation-contexts: throttled/);
    expect(String(error)).not.toContain(person);
    expect(stuck.calls.filter((name) => name.startsWith("BatchExecute"))).toHaveLength(10);
    expect((await contextsOver(throttled(9).client).erase([aTarget(person)], aPace())).done).toBe(true);
    expect(await tables.heldOf("conversation-contexts", person)).toBe(0);
  });

  it("fails for good where it may not delete", async () => {
    const person = aPerson();
    await tables.place("quarantine", [{ user_id: person, generation: 1 }]);
    const { quarantine } = tables.stores({ client: refusedStatements(engine.engines, ["AccessDenied"]) });
    await expect(quarantine.erase([aTarget(person)], aPace())).rejects.toMatchObject({
      name: "PermanentError",
      message: expect.stringContaining("grant the role this action"),
    });
    expect(await tables.heldOf("quarantine", person)).toBe(1);
  });

  it("leaves what was replaced by the next generation between the look and the removal", async () => {
    const person = aPerson();
    await tables.place("user-profiles", [{ user_id: person, generation: 1 }]);
    const { removed, done } = await tables.stores()["user-profiles"].erase(
      [aTarget(person)],
      aPace({
        async unheld(targets) {
          await tables.place("user-profiles", [{ user_id: person, generation: 2 }]);
          return targets;
        },
      }),
    );
    expect([done, removed[0]?.items]).toEqual([true, 0]);
    expect(await tables.heldOf("user-profiles", person)).toBe(1);
  });

  it("comes to an end though every call has no time left: a step each", async () => {
    const person = aPerson();
    await tables.place("conversations", [{ user_id: person, generation: 1, count: 101 }]);
    const { conversations } = tables.stores();
    const none = aPace({ hasTime: () => false });
    expect((await conversations.erase([aTarget(person)], none)).done).toBe(false);
    expect(await tables.heldOf("conversations", person)).toBe(1);
    expect((await conversations.erase([aTarget(person)], none)).done).toBe(true);
    expect(await tables.heldOf("conversations", person)).toBe(0);
  });

  it("stops in the middle for a hold that is set meanwhile", async () => {
    const person = aPerson();
    await tables.place("message-ids", [{ user_id: person, generation: 1, count: 510 }]);
    let asked = 0;
    const pace = aPace({ unheld: async (targets) => (asked++ === 0 ? targets : []) });
    const { done, removed } = await tables.stores()["message-ids"].erase([aTarget(person)], pace);
    expect([done, removed[0]?.items]).toEqual([true, 500]);
    expect(await tables.heldOf("message-ids", person)).toBe(10);
  });
});

describe("Headers of conversations", () => {
  /** A header that the index does not show (yet): it lacks what the index sorts by. */
  const unindexed = async (user_id: string, conversation_id: string): Promise<void> => {
    const Item = { conversation_id, user_id, generation: 1, title: "x" };
    await documents.send(new PutCommand({ TableName: tables.names.conversations, Item }));
  };
  const store = (notes?: RequestNotes) => tables.stores(notes && { notes }).conversations;
  const itemsOf = async (counts: Promise<readonly { readonly items: number }[]>) => (await counts)[0]?.items;

  it("are found where only rows or ids name them, and where only the index does", async () => {
    const person = aPerson();
    await tables.place("conversations", [{ user_id: person, generation: 1 }]);
    const Row = {
      user_id: person,
      timestamp: "2026-11-20T12:00:00.000Z#m",
      conversation_id: "by-row",
      generation: 2,
    };
    await documents.send(new PutCommand({ TableName: tables.names["conversation-contexts"], Item: Row }));
    const Id = { user_id: person, message_id: "m", conversation_id: "by-id", generation: 1 };
    await documents.send(new PutCommand({ TableName: tables.names["message-ids"], Item: Id }));
    await unindexed(person, "by-row");
    await unindexed(person, "by-id");
    await unindexed(aPerson(), "by-row");
    expect(await itemsOf(store().count([aTarget(person)]))).toBe(3);
    expect(
      await itemsOf(
        store()
          .erase([aTarget(person)], aPace())
          .then(({ removed }) => removed),
      ),
    ).toBe(3);
    expect(await tables.heldOf("conversations", person)).toBe(0);
  });

  it("are verified by the request's notes when nothing else names them any more", async () => {
    const [person, notes] = [aPerson(), memoryNotes()];
    await tables.place("message-ids", [{ user_id: person, generation: 1, count: 2 }]);
    await unindexed(person, "c-0");
    await unindexed(person, "c-1");
    // Killed before anything was removed; the ids are erased by another try.
    const dying = tables.stores({ client: tables.dyingClient(0), notes }).conversations;
    await expect(dying.erase([aTarget(person)], aPace())).rejects.toThrow("killed");
    expect(await notes.all()).toHaveLength(2);
    await tables.stores()["message-ids"].erase([aTarget(person)], aPace());
    expect(await itemsOf(store().verify([aTarget(person)]))).toBe(0);
    expect(await itemsOf(store(notes).verify([aTarget(person)]))).toBe(2);
    await store(notes).erase([aTarget(person)], aPace());
    expect(await itemsOf(store(notes).verify([aTarget(person)]))).toBe(0);
    expect(await tables.heldOf("conversations", person)).toBe(0);
  });
});

describe("Links between ids", () => {
  it("go both ways with their alias; those of another alias, and those made after the fence, stay", async () => {
    const identities = createIdentities({ client: documents, table: tables.names.identities });
    const [old, other, person_id, next] = [
      aPerson(),
      aPerson(),
      `person_${randomUUID()}`,
      `person_${randomUUID()}`,
    ];
    await identities.link({ alias: old, person_id, valid_from: "2026-01-01T00:00:00.000Z" });
    await identities.link({ alias: other, person_id, valid_from: "2026-01-01T00:00:00.000Z" });
    await identities.link({ alias: old, person_id: next, valid_from: "2026-11-20T12:00:00.001Z" });
    const { removed } = await tables.stores().identities.erase([aTarget(old)], aPace());
    expect(removed[0]?.items).toBe(2);
    expect((await identities.ofAlias(old)).map((link) => link.person_id)).toEqual([next]);
    expect((await identities.ofPerson(person_id)).map(({ alias }) => alias)).toEqual([other]);
    expect((await identities.ofPerson(next)).map(({ alias }) => alias)).toEqual([old]);
  });
});
