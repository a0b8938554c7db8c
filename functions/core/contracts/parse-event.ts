import { type JsonObject, parseWithSource } from "../domain/json.ts";
import type { KeyChain } from "../domain/key-chain.ts";
import type { Message } from "../domain/message.ts";
import { parseExactJson } from "./exact-json.ts";
import {
  type FieldFault,
  firstFault,
  isJsonObject,
  messageFields,
  messageSchema,
  userIdSchema,
} from "./message-schema.ts";
import { fromShortEvent, isShortEvent } from "./short-event.ts";

const HOUR_MS = 3_600_000;
const MAX_AHEAD_MS = HOUR_MS;
const MAX_BEHIND_MS = 400 * 24 * HOUR_MS;

/** Fields Hilo assigns: dropped from what a producer sends, so that a stored row can be sent again. */
const ASSIGNED = new Set(["generation", "revision", "deleted", "edited_at", "tag", "body_hash"]);

/** Why an event can never be stored. */
export interface Rejection extends FieldFault {
  readonly code: "invalid-json" | "invalid-field" | "out-of-time";
  /** Known where the body says it in a usable form. */
  readonly user_id?: string;
  /** When it was written, likewise: an old one is refused by the fence whenever it comes. ISO 8601, ms, UTC. */
  readonly timestamp?: string;
}

export type ParsedEvent =
  | { readonly ok: true; readonly message: Message }
  | { readonly ok: false; readonly rejection: Rejection };

/**
 * Parses an event of the queue, the short one `{canal, user_id, mensaje, timestamp, metadata}` or a full
 * message, into the one internal type. Never throws and never quotes a value.
 * @param sentAt when the queue took it; `first_received_at` is this or an earlier one that it carries.
 */
export function parseEvent(body: string, sentAt: Date, keys: KeyChain): ParsedEvent {
  const parsed = parseExactJson(body);
  if (!parsed.ok) {
    const { path, detail } = parsed.fault;
    return reject(
      path ? "invalid-field" : "invalid-json",
      { field: path || "body", detail },
      looseUserId(body),
    );
  }
  if (!isJsonObject(parsed.value)) {
    return reject("invalid-json", { field: "body", detail: "must be a JSON object that holds one message" });
  }
  const event = isShortEvent(parsed.value)
    ? fromShortEvent(parsed.value, keys)
    : { ok: true as const, fields: parsed.value };
  const userId = event.ok ? usableUserId(event.fields["user_id"]) : event.userId;
  if (!event.ok) return reject("invalid-field", event.fault, userId);

  const { timestamp } = event.fields;
  const result = messageSchema.safeParse(withDefaults(event.fields, sentAt));
  if (!result.success) return reject("invalid-field", firstFault(result.error), userId, timestamp);
  const message = withReceipt(result.data as Message, sentAt);
  const fault = faultOfTime(message);
  return fault ? reject("out-of-time", fault, userId, timestamp) : { ok: true, message };
}

function reject(code: Rejection["code"], fault: FieldFault, userId?: string, written?: unknown): ParsedEvent {
  const { data: timestamp } = messageFields.timestamp.safeParse(written);
  return {
    ok: false,
    rejection: {
      code,
      ...fault,
      ...(userId !== undefined && { user_id: userId }),
      ...(timestamp !== undefined && { timestamp }),
    },
  };
}

/** Fills what follows from other fields, drops nulls and collects unknown fields in `extra`. */
function withDefaults(fields: JsonObject, sentAt: Date): JsonObject {
  const known: JsonObject = {};
  const unknown: JsonObject = {};
  for (const [name, value] of Object.entries(fields)) {
    if (ASSIGNED.has(name)) continue;
    if (!Object.hasOwn(messageFields, name)) unknown[name] = value;
    else if (value !== null) known[name] = value;
  }
  const isMessage = (known["kind"] ?? "message") === "message";
  const userId = known["user_id"];
  known["channel"] ??= typeof userId === "string" ? (userId.split(":", 1)[0] ?? "") : "";
  known["first_received_at"] ??= sentAt.toISOString();
  if (isJsonObject(known["metadata"])) known["metadata"] = withoutNulls(known["metadata"]);
  if (!isMessage) {
    // An edit or a deletion names its message; the row knows session and role.
    known["session_id"] ??= known["conversation_id"] ?? "-";
    known["role"] ??= "user";
  }
  if (known["kind"] === "delete") {
    // What is deleted is said no more: it must not be written anywhere, nor make the deletion too large.
    known["content"] = "";
    for (const name of SAID) delete known[name];
  }
  const session = known["session_id"] ?? known["conversation_id"];
  if (session !== undefined) {
    known["session_id"] ??= session;
    known["conversation_id"] ??= session;
  }
  if (Object.keys(unknown).length > 0 && known["kind"] !== "delete") {
    known["extra"] = isJsonObject(known["extra"]) ? { ...known["extra"], ...unknown } : unknown;
  }
  return known;
}

/** What a message says beside its text. */
const SAID = ["metadata", "tool_calls", "media", "extra"];

const METADATA_OF_ANALYTICS = ["sentiment", "sentiment_score", "intent", "language"];

function withoutNulls(metadata: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(metadata).filter(
      ([name, value]) => value !== null || !METADATA_OF_ANALYTICS.includes(name),
    ),
  );
}

/** A producer may say that it came earlier (replay, dead-letter queue), never later than the queue took it. */
function withReceipt(message: Message, sentAt: Date): Message {
  const sent = sentAt.toISOString();
  return message.first_received_at <= sent ? message : { ...message, first_received_at: sent };
}

function faultOfTime(message: Message): FieldFault | undefined {
  const ahead = Date.parse(message.timestamp) - Date.parse(message.first_received_at);
  if (ahead > MAX_AHEAD_MS) {
    return {
      field: "timestamp",
      detail: "is more than 1 h ahead of its arrival: check the sender's clock and unit",
    };
  }
  if (ahead < -MAX_BEHIND_MS) {
    return {
      field: "timestamp",
      detail: "is more than 400 days before its arrival: bring history in by import",
    };
  }
  return undefined;
}

const usableUserId = (value: unknown): string | undefined => {
  const result = userIdSchema.safeParse(value);
  return result.success ? result.data : undefined;
};

/**
 * The user id of a body that cannot be stored exactly but parses, so that its quarantine entry is erasable. A number that a
 * double does not hold keeps its digits: rounded, it would be somebody else.
 */
function looseUserId(body: string): string | undefined {
  try {
    const value = parseWithSource(body, (_key, parsed, { source }) =>
      typeof parsed === "number" && !Number.isSafeInteger(parsed) ? source : parsed,
    );
    if (typeof value !== "object" || value === null) return undefined;
    const fields = value as Record<string, unknown>;
    const native = fields["user_id"];
    return usableUserId(native) ?? usableUserId(`${String(fields["canal"])}:${String(native)}`);
  } catch {
    return undefined;
  }
}
