/** Who erases a store: the functions `erase-cache`, `erase-tables`, `erase-search`, `erase-objects`. */
export const ERASERS = ["cache", "tables", "search", "objects"] as const;
export type Eraser = (typeof ERASERS)[number];

/** One place where data about people is. The record of processing, plans, erasers, verifiers and access reports come from these. */
export interface PersonalStoreDeclaration {
  /** Technology, and where in it: table, index, key, folder. */
  readonly place: string;
  readonly purpose: string;
  /** Personal fields, or kinds of content. */
  readonly fields: readonly string[];
  /** How long it is kept without an erasure. */
  readonly kept: string;
  /** How an erasure finds a person there. */
  readonly found: string;
  /** Erased by; `undefined`: cannot be edited, and is gone after `kept` at the latest. */
  readonly eraser?: Eraser;
  /** For what cannot be edited: days after which it is gone. */
  readonly goneAfterDays?: number;
}

const MESSAGE_FIELDS = [
  "user_id",
  "content",
  "platform_message_id",
  "session_id",
  "conversation_id",
  "metadata",
  "tool_calls",
  "media",
  "extra",
] as const;

const BY_USER_OBJECTS = "entries of user-objects, each object by its exact key";

/** Every store that holds personal data. A store without its plan, eraser, verifier and export fails the build and a test. */
export const PERSONAL_STORES = {
  cache: {
    place: "Valkey: context:{tag}, session:{tag}",
    purpose: "recent messages and state of a conversation, for an answer within a millisecond",
    fields: [...MESSAGE_FIELDS, "current_state", "context_summary", "cached_responses", "user_preferences"],
    kept: "30 minutes to 1 hour after the last use",
    found: "keys computed from the id under every hash key",
    eraser: "cache",
  },
  // Before the rows and ids that name the conversations: stores are erased in this order.
  conversations: {
    place: "DynamoDB: conversations",
    purpose: "headers of conversations: title, times, counts",
    fields: ["user_id", "title", "conversation_id"],
    kept: "2 years after the last message",
    found: "conversation ids in base rows and message-ids, and user_id-created_at-index",
    eraser: "tables",
  },
  "conversation-contexts": {
    place: "DynamoDB: conversation-contexts",
    purpose: "the messages themselves",
    fields: MESSAGE_FIELDS,
    kept: "30 days after the later of event and arrival",
    found: "partition of the id",
    eraser: "tables",
  },
  "message-ids": {
    place: "DynamoDB: message-ids",
    purpose: "each message once; edits and deletions find their row",
    fields: ["user_id", "message_id", "body_hash", "origin", "pending"],
    kept: "400 days",
    found: "partition of the id",
    eraser: "tables",
  },
  "user-profiles": {
    place: "DynamoDB: user-profiles",
    purpose: "preferences and counters of a person",
    fields: ["user_id", "preferred_language", "timezone", "interaction_history", "preferences"],
    kept: "2 years after the last interaction",
    found: "item of the id",
    eraser: "tables",
  },
  "conversation-sessions": {
    place: "DynamoDB: conversation-sessions",
    purpose: "live sessions of the router",
    fields: ["user_id", "session_id", "state"],
    kept: "15 minutes after the last activity, deleted within 2 days",
    found: "partition of the id",
    eraser: "tables",
  },
  identities: {
    place: "DynamoDB: identities",
    purpose: "which ids are one person",
    fields: ["alias", "linked"],
    kept: "until erased",
    found: "item of the alias and of its person, both ways",
    eraser: "tables",
  },
  quarantine: {
    place: "DynamoDB: quarantine",
    purpose: "what could not be stored, and why, until a person has mended it",
    fields: ["user_id", "body"],
    kept: "90 days",
    found: "partition of the id",
    eraser: "tables",
  },
  search: {
    place: "OpenSearch: conversations-*",
    purpose: "search and aggregations over messages",
    fields: MESSAGE_FIELDS,
    kept: "as long as the row it indexes",
    found: "term on user_id, after a refresh",
    eraser: "search",
  },
  lake: {
    place: "S3: conversations/year=/month=/day=/",
    purpose: "archive of messages for analysis",
    fields: MESSAGE_FIELDS,
    kept: "5 years",
    found: BY_USER_OBJECTS,
    eraser: "objects",
  },
  "training-logs": {
    place: "S3: logs/year=/month=/day=/",
    purpose: "interactions for retraining models, pseudonymised and redacted",
    fields: ["person (keyed hash)", "question", "answer"],
    kept: "2 years",
    found: BY_USER_OBJECTS,
    eraser: "objects",
  },
  "user-behavior": {
    place: "S3: analytics/user_behavior/",
    purpose: "what each person did in a day and in 90 days",
    fields: ["user_id", "every measure"],
    kept: "3 years",
    found: BY_USER_OBJECTS,
    eraser: "objects",
  },
  media: {
    place: "S3: media/",
    purpose: "images, documents, audio and video that people sent",
    fields: ["content"],
    kept: "7 years",
    found: BY_USER_OBJECTS,
    eraser: "objects",
  },
  "tool-results": {
    place: "S3: tool-results/",
    purpose: "results of tools that are too large for a row",
    fields: ["content"],
    kept: "5 years",
    found: BY_USER_OBJECTS,
    eraser: "objects",
  },
  "quarantine-bodies": {
    place: "S3: quarantine/",
    purpose: "bodies of quarantined events that are too large for the table",
    fields: ["body"],
    kept: "90 days",
    found: BY_USER_OBJECTS,
    eraser: "objects",
  },
  backups: {
    place: "S3: backups/dynamodb/",
    purpose: "copies of tables in DynamoDB's export format",
    fields: MESSAGE_FIELDS,
    kept: "1 year",
    found: "listing of the folder: few large files that hold everybody",
    eraser: "objects",
  },
  passing: {
    place: "S3: raw-exports/, staging/, athena-results/",
    purpose: "inputs and outputs of jobs and queries, which can be made again",
    fields: MESSAGE_FIELDS,
    kept: "2 days",
    found: "listing of the folders: what was written before the fence goes, whole",
    eraser: "objects",
  },
  holds: {
    place: "S3: holds/",
    purpose: "copies of held people's data, which no expiry touches",
    fields: MESSAGE_FIELDS,
    kept: "until the hold is lifted",
    found: "keyed hash of the id in the key",
    eraser: "objects",
  },
  queues: {
    place: "SQS: sqs-entrada-conversacion, refresh-cache, repair-index, and their dead-letter queues",
    purpose: "events and repairs on their way; the fence discards an erased person's",
    fields: MESSAGE_FIELDS,
    kept: "14 days",
    found: "not searched: every consumer asks the fence",
    goneAfterDays: 14,
  },
  "other-backups": {
    place: "S3: backups/ beside dynamodb/, such as elasticache/",
    purpose: "copies that an operator put there; Hilo writes none",
    fields: MESSAGE_FIELDS,
    kept: "1 year, and 7 days as an old version",
    found: "not searched: formats that cannot be edited; deleting them by hand is sooner",
    goneAfterDays: 373,
  },
  "point-in-time-recovery": {
    place: "DynamoDB: point-in-time recovery of every table but erasure-subjects",
    purpose: "restoring a table to a second of the last 35 days",
    fields: MESSAGE_FIELDS,
    kept: "35 days",
    found: "not searched: `hilo restore fence` erases what a restore brings back",
    goneAfterDays: 35,
  },
  "search-snapshots": {
    place: "OpenSearch Service: its own hourly snapshots",
    purpose: "restoring the domain",
    fields: MESSAGE_FIELDS,
    kept: "14 days",
    found: "not searched: `hilo restore fence` erases what a restore brings back",
    goneAfterDays: 14,
  },
} as const satisfies Readonly<Record<string, PersonalStoreDeclaration>>;

export type StoreName = keyof typeof PERSONAL_STORES;

type Erasable = {
  [Name in StoreName]: (typeof PERSONAL_STORES)[Name] extends { readonly eraser: Eraser } ? Name : never;
}[StoreName];

/** Stores that an erasure edits. */
export type ErasableStoreName = Erasable;

/** Stores of one eraser. */
export type StoresOf<E extends Eraser> = {
  [Name in StoreName]: (typeof PERSONAL_STORES)[Name] extends { readonly eraser: E } ? Name : never;
}[StoreName];

/** Names of all stores, in the order in which they are erased. */
export const STORE_NAMES = Object.keys(PERSONAL_STORES) as readonly StoreName[];

/** The declaration of a store, with every field it may have. */
export const declarationOf = (name: StoreName): PersonalStoreDeclaration => PERSONAL_STORES[name];

/** Names of an eraser's stores, or of all that are erased. */
export const storesOf = (eraser?: Eraser): ErasableStoreName[] =>
  STORE_NAMES.filter((name): name is ErasableStoreName => {
    const { eraser: own } = declarationOf(name);
    return own !== undefined && (eraser === undefined || own === eraser);
  });

/** What is kept about people only so that the stores can be found, erased and proved; it goes with what it speaks of. */
export interface BookkeepingDeclaration
  extends Omit<PersonalStoreDeclaration, "eraser" | "goneAfterDays" | "found"> {
  /** How it ends. */
  readonly ends: string;
}

/** Places with ids or keyed hashes beside the stores. */
export const BOOKKEEPING = {
  "user-objects": {
    place: "DynamoDB: user-objects",
    purpose: "which objects of the bucket hold whom, so that erasing costs what a person has",
    fields: ["user_id", "object"],
    kept: "as long as the object",
    ends: "an entry goes when its object is erased (EraseObjects)",
  },
  "erasure-ledger": {
    place: "DynamoDB: erasure-ledger",
    purpose: "fences, requests, receipts and legal holds",
    fields: ["tag (keyed hash of an id)"],
    kept: "for ever: without its fence an erased person's old messages would come back",
    ends: "with the hash keys: without them a tag is about nobody",
  },
  "erasure-subjects": {
    place: "DynamoDB: erasure-subjects",
    purpose: "ids of the people of a request while there is work to do; no backup",
    fields: ["user_ids", "object keys"],
    kept: "7 days of a plan that nobody approves; otherwise until the request is closed",
    ends: "removed when the last re-check is done (FinishErasure)",
  },
  "erasure-audit": {
    place: "S3: staging/erasure-audit/",
    purpose: "ids that an audit of the lake looks for, so that no query's history has them",
    fields: ["user_id"],
    kept: "while the audit runs; 2 days where it was killed",
    ends: "removed with every version when the audit ends",
  },
} as const satisfies Readonly<Record<string, BookkeepingDeclaration>>;
