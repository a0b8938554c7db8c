import { afterAll } from "vitest";
import { createDayReader } from "../../../functions/adapters/dynamodb/day-reader.ts";
import { systemClock } from "../../../functions/core/domain/clock.ts";
import { createFakeDayReader } from "../../support/fakes/fake-day-reader.ts";
import { createFakeMessageStore } from "../../support/fakes/fake-message-store.ts";
import { FakeTables } from "../../support/fakes/fake-tables.ts";
import { dayReaderSuite } from "../suites/day-reader.ts";
import { openDynamo, storesOf } from "./engine.ts";

const engine = await openDynamo();
afterAll(() => engine.engines.close());

dayReaderSuite("in memory", async () => {
  const tables = new FakeTables(systemClock);
  const daysAt = (moment: Date) => createFakeDayReader({ everyRow: () => tables.everyRow(() => moment) });
  return { store: createFakeMessageStore(tables), days: createFakeDayReader(tables), daysAt };
});

dayReaderSuite("DynamoDB", async () => {
  const deps = { client: engine.engines.documents, table: engine.table("conversation-contexts") };
  return {
    store: storesOf(engine).store,
    days: createDayReader({ ...deps, clock: systemClock }),
    daysAt: (moment) => createDayReader({ ...deps, clock: () => moment }),
  };
});
