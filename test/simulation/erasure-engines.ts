import { createDayMarks } from "../../functions/adapters/dynamodb/day-marks.ts";
import { createErasureLedger } from "../../functions/adapters/dynamodb/erasure-ledger.ts";
import { createFences } from "../../functions/adapters/dynamodb/fences.ts";
import { createMessageReader } from "../../functions/adapters/dynamodb/message-reader.ts";
import { createMessageStore } from "../../functions/adapters/dynamodb/message-store.ts";
import { createQuarantine } from "../../functions/adapters/dynamodb/quarantine.ts";
import { createTableStores } from "../../functions/adapters/dynamodb/table-stores.ts";
import { createMessageIndex } from "../../functions/adapters/opensearch/message-index.ts";
import { createSearchStore } from "../../functions/adapters/opensearch/search-store.ts";
import { createCacheStore } from "../../functions/adapters/redis/cache-store.ts";
import type { createRedisClient } from "../../functions/adapters/redis/client.ts";
import { createContextCache } from "../../functions/adapters/redis/context-cache.ts";
import { type Clock, systemClock } from "../../functions/core/domain/clock.ts";
import { storesOf } from "../../functions/core/domain/personal-stores.ts";
import type { Quarantine } from "../../functions/core/ports/quarantine.ts";
import type { QuarantineReader } from "../../functions/core/ports/quarantine-reader.ts";
import { messageTables } from "../support/message-tables.ts";
import type { TestStage } from "../support/stage.ts";
import { nothing } from "./empty-store.ts";

/** The product's adapters on running engines. */
export type RealStores = ReturnType<typeof realStores>;

/** @param clock the simulation's: what is fenced, and when */
export function realStores(stage: TestStage, redis: ReturnType<typeof createRedisClient>, clock: Clock) {
  const { documents: client, openSearch } = stage;
  const table = (name: string): string => stage.outputs.tables[name] ?? name;
  const tables = messageTables(table);
  // Times to live are the machine's, or the tables would remove what the simulation wrote in its own time.
  const marks = createDayMarks({ client, table: table("lake-days"), clock: systemClock });
  const personTables = Object.fromEntries(storesOf("tables").map((name) => [name, table(name)]));
  const quarantine: Quarantine = createQuarantine({
    client,
    table: table("quarantine"),
    ledgerTable: tables.ledger,
    clock: systemClock,
  });
  return {
    ledger: createErasureLedger({ client, table: tables.ledger }),
    fences: createFences({ client, table: tables.ledger, clock }),
    store: createMessageStore({ client, tables, marks, clock: systemClock }),
    reader: createMessageReader({ client, table: tables.contexts, clock: systemClock }),
    cache: createContextCache({ redis, clock }),
    index: createMessageIndex(openSearch),
    quarantine: quarantine as Quarantine & QuarantineReader,
    personal: {
      tables: createTableStores({
        client,
        tables: personTables as Parameters<typeof createTableStores>[0]["tables"],
      }),
      cache: { cache: createCacheStore({ redis }) },
      search: { search: createSearchStore(openSearch) },
      objects: Object.fromEntries(storesOf("objects").map((name) => [name, nothing])),
    },
  };
}
