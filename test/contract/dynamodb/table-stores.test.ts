import { afterAll } from "vitest";
import { personalStoreSuite } from "../suites/personal-store.ts";
import { openDynamo } from "./engine.ts";
import { type PersonalTable, personalTables } from "./personal-tables.ts";

const engine = await openDynamo();
afterAll(() => engine.engines.close());
const tables = personalTables(engine);

/** Things placed that are more than a page of 1 MB or, where they are small, than a group of removals. */
const MANY: Readonly<Record<PersonalTable, number>> = {
  conversations: 150,
  "conversation-contexts": 30,
  "message-ids": 600,
  "user-profiles": 8,
  "conversation-sessions": 30,
  identities: 150,
  quarantine: 30,
};
const STEPS: Readonly<Record<PersonalTable, number>> = {
  conversations: 2,
  "conversation-contexts": 1,
  "message-ids": 2,
  "user-profiles": 8,
  "conversation-sessions": 1,
  identities: 4,
  quarantine: 1,
};

for (const table of Object.keys(tables.names) as PersonalTable[]) {
  personalStoreSuite(`${table} on DynamoDB`, async () => ({
    store: tables.stores()[table],
    place: (data) => tables.place(table, data),
    heldOf: (userId) => tables.heldOf(table, userId),
    raw: () => tables.raw(table),
    itemsOfOne: table === "identities" ? 2 : 1,
    isSingle: table === "user-profiles",
    many: MANY[table],
    steps: STEPS[table],
    dying: (at) => tables.stores({ client: tables.dyingClient(at) })[table],
    away: tables.stores({ client: tables.awayClient() })[table],
    name: /DynamoDB \w+ on .*hilo-local-/,
  }));
}
