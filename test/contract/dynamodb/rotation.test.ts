import { randomBytes } from "node:crypto";
import { CreateTableCommand, DeleteTableCommand } from "@aws-sdk/client-dynamodb";
import { ScanCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, expect, it } from "vitest";
import { createErasureLedger } from "../../../functions/adapters/dynamodb/erasure-ledger.ts";
import { createFences } from "../../../functions/adapters/dynamodb/fences.ts";
import { createLakeDays } from "../../../functions/adapters/dynamodb/lake-days.ts";
import { createLedgerTags } from "../../../functions/adapters/dynamodb/ledger-tags.ts";
import { createLegalHolds } from "../../../functions/adapters/dynamodb/legal-holds.ts";
import { systemClock } from "../../../functions/core/domain/clock.ts";
import type { Fence } from "../../../functions/core/domain/fence.ts";
import { KeyChain } from "../../../functions/core/domain/key-chain.ts";
import { retagLedger } from "../../../functions/core/use-cases/erasure/retag-ledger.ts";
import { createFakeErasureLedger } from "../../support/fakes/fake-erasure-ledger.ts";
import { createFakeFences, type FakeFenceTables } from "../../support/fakes/fake-fences.ts";
import { FakeLedgerTags } from "../../support/fakes/fake-ledger-tags.ts";
import { FakeLegalHolds } from "../../support/fakes/fake-legal-holds.ts";
import { ledgerTagsSuite } from "../suites/ledger-tags.ts";
import { openDynamo } from "./engine.ts";

const engine = await openDynamo();
const client = engine.engines.documents;
const tables: string[] = [];
afterAll(async () => {
  for (const TableName of tables) await client.send(new DeleteTableCommand({ TableName }));
  await engine.engines.close();
});

/** A ledger of its own: a rotation is of a whole table, and other tests use the stage's. */
async function newLedger(): Promise<string> {
  const TableName = `hilo-test-ledger-${randomBytes(6).toString("hex")}`;
  await client.send(
    new CreateTableCommand({
      TableName,
      KeySchema: [{ AttributeName: "tag", KeyType: "HASH" }],
      AttributeDefinitions: [{ AttributeName: "tag", AttributeType: "S" }],
      BillingMode: "PAY_PER_REQUEST",
    }),
  );
  tables.push(TableName);
  return TableName;
}

ledgerTagsSuite("in memory", async (clock) => {
  const held: FakeFenceTables = { fences: new Map<string, Fence>() };
  const holds = new FakeLegalHolds(held);
  return {
    tags: new FakeLedgerTags(held, clock, { holds }),
    fences: createFakeFences(held, { clock }),
    ledger: createFakeErasureLedger(held),
    holds,
    keptTags: async () => [...held.fences.keys(), ...holds.holds.keys()],
  };
});

ledgerTagsSuite("DynamoDB", async (clock) => {
  const table = await newLedger();
  return {
    tags: createLedgerTags({ client, table, clock, pageItems: 3 }),
    fences: createFences({ client, table, clock }),
    ledger: createErasureLedger({ client, table }),
    holds: createLegalHolds({ client, table }),
    async keptTags() {
      const { Items: items = [] } = await client.send(new ScanCommand({ TableName: table }));
      return items
        .map(({ tag }) => String(tag).replace("hold#", ""))
        .filter((tag) => !["fence-sequence", "tag-walk"].includes(tag));
    },
  };
});

it("a rotation before the first fence is no fence: the lake's commits go on", async () => {
  const ledger = await newLedger();
  const keys = new KeyChain({ k1: "1".repeat(64), k2: "2".repeat(64) });
  const tags = createLedgerTags({ client, table: ledger, clock: systemClock });
  await retagLedger({ finish: false }, { ledger: tags, keys, clock: systemClock });
  const days = createLakeDays({
    client,
    tables: { days: engine.table("lake-days"), ledger },
    clock: systemClock,
  });
  const entry = { day: "rotation-test", item: "people", upload: { uploadId: "u", key: "k" } };
  const fenceSequence = await days.fenceSequence();
  expect(fenceSequence).toBe(0);
  expect(await days.recordUpload({ ...entry, fenceSequence })).toBe("recorded");
  await days.forgetUpload(entry.day, entry.item, entry.upload);
});
