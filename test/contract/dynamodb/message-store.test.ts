import { afterAll } from "vitest";
import { systemClock } from "../../../functions/core/domain/clock.ts";
import { createFakeErasureLedger } from "../../support/fakes/fake-erasure-ledger.ts";
import { createFakeMessageReader, createFakeMessageStore } from "../../support/fakes/fake-message-store.ts";
import {
  createFakeConversationReader,
  createFakeProfileReader,
} from "../../support/fakes/fake-person-readers.ts";
import { FakeTables } from "../../support/fakes/fake-tables.ts";
import { messageChangesSuite } from "../suites/message-changes.ts";
import { messageMarksSuite } from "../suites/message-marks.ts";
import { messageStoreSuite } from "../suites/message-store.ts";
import { personReadersSuite } from "../suites/person-readers.ts";
import type { Stores } from "../suites/scene.ts";
import { openDynamo, storesOf } from "./engine.ts";

const engine = await openDynamo();
afterAll(() => engine.engines.close());

async function fakeStores(): Promise<Stores> {
  const tables = new FakeTables(systemClock);
  return {
    store: createFakeMessageStore(tables),
    storeAt: (clock) => createFakeMessageStore(tables, clock),
    markOf: async (day, shard) => tables.marks.get(`${day}#${shard}`) ?? 0,
    reader: createFakeMessageReader(tables),
    readerAt: (clock) => createFakeMessageReader(tables.seenAt(clock)),
    profiles: createFakeProfileReader(tables),
    conversations: createFakeConversationReader(tables),
    ledger: createFakeErasureLedger(tables),
    async fence(tag, fence) {
      tables.fences.set(tag, fence);
    },
  };
}

messageStoreSuite("in memory", fakeStores);
messageChangesSuite("in memory", fakeStores);
messageStoreSuite("DynamoDB", async () => storesOf(engine));
messageChangesSuite("DynamoDB", async () => storesOf(engine));
messageMarksSuite("in memory", fakeStores);
messageMarksSuite("DynamoDB", async () => storesOf(engine));
personReadersSuite("in memory", fakeStores);
personReadersSuite("DynamoDB", async () => storesOf(engine));
