import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { StoresOf } from "../../core/domain/personal-stores.ts";
import type { PersonalStore } from "../../core/ports/personal-store.ts";
import type { RequestNotes } from "../../core/ports/request-notes.ts";
import { openConversationHeaders } from "./conversation-headers.ts";
import { identityLinks } from "./identity-links.ts";
import { type PersonTable, partitionTable } from "./person-table.ts";
import { createTableStore } from "./table-store.ts";

export interface TableStoresDeps {
  readonly client: DynamoDBDocumentClient;
  /** Physical names by logical name. */
  readonly tables: Readonly<Record<StoresOf<"tables">, string>>;
  /**
   * Notes of the request in hand. With them the headers of conversations are verified even where rows, ids and index
   * no longer name them; without, as in a plan or an export, by what names them still.
   */
  readonly notes?: RequestNotes;
  /** Jitter, 0 to 1. @default Math.random */
  readonly random?: () => number;
}

/** The tables that hold data about people, in the order in which they are erased (`PERSONAL_STORES`). */
export function createTableStores({
  client,
  tables,
  notes,
  random = Math.random,
}: TableStoresDeps): Record<StoresOf<"tables">, PersonalStore> {
  const store = (open: () => Promise<PersonTable>): PersonalStore =>
    createTableStore({ client, open, random });
  const partition = (table: StoresOf<"tables">, range?: string): PersonalStore =>
    store(async () =>
      partitionTable(client, tables[table], range === undefined ? ["user_id"] : ["user_id", range]),
    );
  return {
    conversations: store(() => openConversationHeaders({ client, tables, random, ...(notes && { notes }) })),
    "conversation-contexts": partition("conversation-contexts", "timestamp"),
    "message-ids": partition("message-ids", "message_id"),
    "user-profiles": partition("user-profiles"),
    "conversation-sessions": partition("conversation-sessions", "session_id"),
    identities: store(async () => identityLinks(client, tables.identities, random)),
    quarantine: partition("quarantine", "received"),
  };
}
