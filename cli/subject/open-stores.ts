import { createIdentities } from "../../functions/adapters/dynamodb/identities.ts";
import { createPersonObjects } from "../../functions/adapters/dynamodb/person-objects.ts";
import { createTableStores, type TableStoresDeps } from "../../functions/adapters/dynamodb/table-stores.ts";
import { type CachedPeople, createCachedPeople } from "../../functions/adapters/lambda/cached-people.ts";
import { createSearchStore } from "../../functions/adapters/opensearch/search-store.ts";
import {
  createLakeRowRemoval,
  createMessageRowRemoval,
} from "../../functions/adapters/parquet/row-removal.ts";
import { createLakeObjects } from "../../functions/adapters/s3/lake-objects.ts";
import { createLakeVersions } from "../../functions/adapters/s3/lake-versions.ts";
import type { KeyChain } from "../../functions/core/domain/key-chain.ts";
import type { UserRow, UserTable } from "../../functions/core/domain/user-tables.ts";
import { resolvePeople } from "../../functions/core/use-cases/erasure/resolve-people.ts";
import { createObjectExports } from "../../functions/core/use-cases/object-exports.ts";
import type { ExportedPerson, PersonalExports } from "../../functions/core/use-cases/subject-export.ts";
import { CommandFailure } from "../failure.ts";
import type { StageSession } from "../stage-session.ts";

/** Physical names of the tables that hold people. */
export const personalTables = (session: StageSession): TableStoresDeps["tables"] => ({
  "conversation-contexts": session.table("conversation-contexts"),
  "conversation-sessions": session.table("conversation-sessions"),
  conversations: session.table("conversations"),
  identities: session.table("identities"),
  "message-ids": session.table("message-ids"),
  quarantine: session.table("quarantine"),
  "user-profiles": session.table("user-profiles"),
});

/** The cache, by the stage's function: in AWS nothing else can reach it. */
export function cachedPeople(session: StageSession): CachedPeople {
  const functionName = session.outputs.functions["access-cache"];
  if (functionName === undefined)
    throw new CommandFailure("The stage has no function access-cache: deploy it again");
  return createCachedPeople({ client: session.lambda(), functionName });
}

/** What removes people from files of a table of the lake. */
export const userRowRemoval = ({ schema }: UserTable) => createLakeRowRemoval<UserRow>(schema);

/** Every store of the stage that holds people, to be read. */
export function openExports(session: StageSession, keys: KeyChain): PersonalExports {
  const client = session.dynamo();
  const bucket = { client: session.s3(), bucket: session.outputs.bucket };
  return {
    cache: cachedPeople(session),
    search: createSearchStore(session.search()),
    ...createTableStores({ client, tables: personalTables(session) }),
    ...createObjectExports({
      people: createPersonObjects({ client, table: session.table("user-objects") }),
      objects: createLakeObjects(bucket),
      versions: createLakeVersions(bucket),
      rows: createMessageRowRemoval(),
      userRows: userRowRemoval,
      keys,
    }),
  };
}

/** Decisions about ids that were somebody else's, too. */
export interface IdDecisions {
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
}

/**
 * People by all their ids, in the order in which they were given; two that turn out to be one are one.
 * @throws CommandFailure where an id was somebody else's, too, and nobody has decided whose it is
 */
export async function resolveSubjects(
  session: StageSession,
  users: readonly string[],
  keys: KeyChain,
  { include = [], exclude = [] }: IdDecisions = {},
): Promise<ExportedPerson[][]> {
  const identities = createIdentities({ client: session.dynamo(), table: session.table("identities") });
  const given = users.map((user, index) => ({ person: index + 1, user_ids: [user], include, exclude }));
  const subjects = await resolvePeople(given, { identities });
  const undecided = subjects.flatMap(({ undecided: ids = [] }) => ids);
  if (undecided.length > 0)
    throw new CommandFailure(
      `${undecided.length} of the ids belonged to somebody else, too: decide with --include or --exclude: ${undecided.join(", ")}`,
      2,
    );
  return subjects.map(({ user_ids: ids }) => ids.map((id) => ({ user_id: id, tags: keys.tags(id) })));
}
