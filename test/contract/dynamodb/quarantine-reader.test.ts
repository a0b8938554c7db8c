import { afterAll } from "vitest";
import { createQuarantine } from "../../../functions/adapters/dynamodb/quarantine.ts";
import { createQuarantineReader } from "../../../functions/adapters/dynamodb/quarantine-reader.ts";
import { systemClock } from "../../../functions/core/domain/clock.ts";
import { createFakeQuarantine } from "../../support/fakes/fake-quarantine.ts";
import { FakeTables } from "../../support/fakes/fake-tables.ts";
import { quarantineReaderSuite } from "../suites/quarantine-reader.ts";
import { openDynamo } from "./engine.ts";

const engine = await openDynamo();
afterAll(() => engine.engines.close());

quarantineReaderSuite("in memory", async () => {
  const quarantine = createFakeQuarantine(new FakeTables(systemClock));
  return { quarantine, reader: quarantine };
});

quarantineReaderSuite("DynamoDB", async () => {
  const deps = {
    client: engine.engines.documents,
    table: engine.table("quarantine"),
    ledgerTable: engine.table("erasure-ledger"),
    clock: systemClock,
  };
  return { quarantine: createQuarantine(deps), reader: createQuarantineReader(deps) };
});
