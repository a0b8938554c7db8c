import { createErasureLedger } from "../../functions/adapters/dynamodb/erasure-ledger.ts";
import { createLakeDays } from "../../functions/adapters/dynamodb/lake-days.ts";
import { createLegalHolds } from "../../functions/adapters/dynamodb/legal-holds.ts";
import { partitionTable } from "../../functions/adapters/dynamodb/person-table.ts";
import {
  createRestoredTable,
  headerNotes,
  objectKeys,
  type RestoredKind,
} from "../../functions/adapters/dynamodb/restored-table.ts";
import { createTableStore } from "../../functions/adapters/dynamodb/table-store.ts";
import { createTableStores } from "../../functions/adapters/dynamodb/table-stores.ts";
import { createRestoredIndexes } from "../../functions/adapters/opensearch/restored-indexes.ts";
import { createSearchStore } from "../../functions/adapters/opensearch/search-store.ts";
import { createLakeRowFiles, createParquetFiles } from "../../functions/adapters/parquet/lake-row-files.ts";
import { createMessageRowRemoval } from "../../functions/adapters/parquet/row-removal.ts";
import { createLakeObjects } from "../../functions/adapters/s3/lake-objects.ts";
import { createLakeVersions } from "../../functions/adapters/s3/lake-versions.ts";
import { systemClock } from "../../functions/core/domain/clock.ts";
import type { UserRow, UserTable } from "../../functions/core/domain/user-tables.ts";
import { peopleInObject } from "../../functions/core/use-cases/people-in-object.ts";
import {
  fenceRestored,
  type Restored,
  type RestoreFenceDeps,
  type RestoreFenceReport,
} from "../../functions/core/use-cases/restore-fence.ts";
import { fenceRestoredBucket } from "../../functions/core/use-cases/restore-fence-bucket.ts";
import type { StageSession } from "../stage-session.ts";
import { cachedPeople, personalTables, userRowRemoval } from "../subject/open-stores.ts";

/** What a fencing found; of a bucket also whom it could not name. */
export type Fenced = RestoreFenceReport & { readonly unresolved?: number };

interface Wanted {
  readonly leastFences: number;
  readonly onProgress: NonNullable<RestoreFenceDeps["onProgress"]>;
}

/** Fences a restored table. */
export async function fenceTable(
  session: StageSession,
  { table, as, leastFences, onProgress }: Wanted & { readonly table: string; readonly as: RestoredKind },
): Promise<Fenced> {
  const client = session.dynamo();
  const restored: Restored = {
    people: createRestoredTable({ client, table, as }),
    store:
      as === "user-objects"
        ? createTableStore({
            client,
            open: async () => partitionTable(client, table, ["user_id", "object"]),
            random: Math.random,
          })
        : createTableStores({
            client,
            tables: { ...personalTables(session), [as]: table },
            ...(as === "conversations" && { notes: headerNotes(client, table) }),
          })[as],
  };
  return fenceRestored(restored, leastFences, await fenceDeps(session, onProgress));
}

/** Fences restored indexes. */
export async function fenceIndex(
  session: StageSession,
  { indexes, leastFences, onProgress }: Wanted & { readonly indexes: readonly string[] },
): Promise<Fenced> {
  const client = session.search();
  const restored = {
    people: createRestoredIndexes({ client, indexes }),
    store: createSearchStore(client, indexes),
  };
  return fenceRestored(restored, leastFences, await fenceDeps(session, onProgress));
}

/** Fences the stage's cache. */
export async function fenceCache(
  session: StageSession,
  { leastFences, onProgress }: Wanted,
): Promise<Fenced> {
  const cache = cachedPeople(session);
  return fenceRestored({ people: cache, store: cache }, leastFences, await fenceDeps(session, onProgress));
}

/** Fences a restored bucket. */
export async function fenceBucket(
  session: StageSession,
  { bucket, leastFences, onProgress }: Wanted & { readonly bucket: string },
): Promise<Fenced> {
  const restored = { client: session.s3(), bucket };
  const client = session.dynamo();
  const messages = createLakeRowFiles("hyparquet");
  const userRows = ({ schema }: UserTable) => createParquetFiles<UserRow>(schema, "hyparquet");
  const keys = await session.keys();
  return fenceRestoredBucket(leastFences, {
    ...(await fenceDeps(session, onProgress)),
    keys,
    objects: createLakeObjects(restored),
    versions: createLakeVersions(restored),
    rows: createMessageRowRemoval(),
    userRows: userRowRemoval,
    peopleIn: (key, file) => peopleInObject(key, file, { messages, userRows }),
    ownedKeys: () => objectKeys(client, session.table("user-objects")),
  });
}

async function fenceDeps(session: StageSession, onProgress: Wanted["onProgress"]): Promise<RestoreFenceDeps> {
  const client = session.dynamo();
  const ledger = session.table("erasure-ledger");
  return {
    ledger: createErasureLedger({ client, table: ledger }),
    days: createLakeDays({
      client,
      tables: { days: session.table("lake-days"), ledger },
      clock: systemClock,
    }),
    keys: await session.keys(),
    holds: createLegalHolds({ client, table: ledger }),
    onProgress,
  };
}
