import type { TableShape } from "../constructs/data-table.ts";

/** Every table, by its logical name. Shards and sort keys are made by the functions. */
export const TABLES = {
  "conversation-contexts": {
    hash: "user_id",
    range: "timestamp",
    expires: true,
    indexes: [
      { name: "SessionIndex", hash: "session_id", range: "timestamp" },
      { name: "MessageTypeIndex", hash: "message_type_shard", range: "timestamp" },
      { name: "DayIndex", hash: "day_shard", range: "day_sort", project: "all" },
    ],
  },
  "message-ids": { hash: "user_id", range: "message_id", expires: true },
  "user-profiles": {
    hash: "user_id",
    expires: true,
    indexes: [{ name: "CreatedDateIndex", hash: "created_date_shard", range: "created_date" }],
  },
  conversations: {
    hash: "conversation_id",
    range: "user_id",
    expires: true,
    indexes: [{ name: "user_id-created_at-index", hash: "user_id", range: "created_at" }],
  },
  quarantine: {
    hash: "user_id",
    range: "received",
    expires: true,
    indexes: [
      { name: "ReceivedIndex", hash: "received_shard", range: "received", project: ["code", "field"] },
    ],
  },
  // Marks of shards, manifests of objects, states of days. `dirty` is there while a day is: the index is sparse.
  "lake-days": {
    hash: "day",
    range: "shard",
    expires: false,
    indexes: [{ name: "DirtyIndex", hash: "dirty", range: "day" }],
  },
  // Live sessions, 15 minutes.
  "conversation-sessions": { hash: "user_id", range: "session_id", expires: true },
  // Both ways: from an id to its person, and back.
  identities: { hash: "alias", range: "linked", expires: false },
  // Raw ids while an erasure works: no backup may keep what it removes. Unapproved plans expire.
  "erasure-subjects": { hash: "request_id", range: "entry", expires: true, recoverable: false },
  // It must outlive what it speaks of: no expiry. `open` is there while a request or a hold is.
  "erasure-ledger": {
    hash: "tag",
    expires: false,
    indexes: [{ name: "OpenIndex", hash: "open", range: "created_at", project: "all" }],
  },
  // Entries expire weeks after the bucket's rules removed the object and its last version; see the ADR on objects.
  "user-objects": { hash: "user_id", range: "object", expires: true },
} as const satisfies Readonly<Record<string, TableShape>>;

export type TableName = keyof typeof TABLES;
