import { z } from "zod";
import { type Json, type JsonObject, utf8Bytes } from "../domain/json.ts";

const MAX_ID_BYTES = 256;
/** Unknown fields, metadata and attachments are kept, up to this many bytes of JSON each. */
const MAX_FREE_JSON_BYTES = 16_384;
const MAX_TOOL_CALLS = 64;

const json: z.ZodType<Json> = z.json() as z.ZodType<Json>;

const boundedObject = (what: string) =>
  z.record(z.string(), json).refine((value) => utf8Bytes(JSON.stringify(value)) <= MAX_FREE_JSON_BYTES, {
    error: `${what} may take ${MAX_FREE_JSON_BYTES} bytes of JSON at most`,
  });

/** An id Hilo did not make: bounded, printable. */
const foreignId = z
  .string()
  .min(1)
  .refine((id) => utf8Bytes(id) <= MAX_ID_BYTES && id.isWellFormed() && !/\p{Cc}/u.test(id), {
    error: `must have at most ${MAX_ID_BYTES} bytes of Unicode and no control characters`,
  });

export const channelSchema = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,31}$/, "must be a channel's name, such as whatsapp, telegram or web");

export const userIdSchema = foreignId.regex(
  /^[a-z][a-z0-9_-]{0,31}:./su,
  "must be <channel>:<id>, such as whatsapp:+1234567890",
);

const timestamp = z.iso
  .datetime({ offset: true, error: "must be ISO 8601 with a zone, such as 2026-11-20T15:04:05.123Z" })
  .refine((text) => !Number.isNaN(Date.parse(text)), { error: "must be a date of the calendar" })
  .transform((text) => new Date(text).toISOString())
  // In UTC the year can be -1 or 10000: such a text sorts before all others, and the workflow refuses it.
  .refine((iso) => /^\d{4}-/.test(iso), { error: "must be of the years 0000 to 9999 in UTC" });

const score = (low: number, high: number) =>
  z.number().min(low, `must be from ${low} to ${high}`).max(high, `must be from ${low} to ${high}`);

const metadata = z
  .looseObject({
    sentiment: z
      .string()
      .toLowerCase()
      .pipe(z.enum(["positive", "negative", "neutral", "mixed"]))
      .exactOptional(),
    sentiment_score: score(-1, 1).exactOptional(),
    intent: z.string().min(1).max(128).exactOptional(),
    language: z
      .string()
      .regex(/^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, "must be a BCP 47 tag, such as es or es-MX")
      .max(35)
      .exactOptional(),
  })
  .pipe(boundedObject("metadata"));

/** Other fields of a call, such as its id, stay as they came. */
const toolCall = z.looseObject({
  tool: z.string().min(1).max(256),
  args: json.default(null),
  result: json.optional(),
});

/** The fields of a message that a producer gives. Hilo's own fields are added by the router. */
export const messageFields = {
  kind: z.enum(["message", "edit", "delete"]).default("message"),
  user_id: userIdSchema,
  channel: channelSchema,
  bot_id: foreignId.default("default"),
  message_id: z
    .string()
    .regex(/^[A-Za-z0-9._:-]{1,128}$/, "must be 1 to 128 of the characters A-Z a-z 0-9 . _ : -"),
  session_id: foreignId,
  conversation_id: foreignId,
  platform_message_id: foreignId.exactOptional(),
  reply_to: foreignId.exactOptional(),
  timestamp,
  first_received_at: timestamp,
  position: z.int().min(0).max(999_999).default(0),
  message_type: z
    .string()
    .regex(/^[a-z][a-z0-9_]{0,31}$/, "must be a type's name, such as text, image, document or audio")
    .default("text"),
  role: z.enum(["user", "assistant", "system"]),
  content: z.string(),
  ai_model_used: z.string().min(1).max(256).exactOptional(),
  confidence_score: score(0, 1).exactOptional(),
  processing_time_ms: z.int().min(0).exactOptional(),
  tokens_used: z.int().min(0).exactOptional(),
  escalation_triggered: z.boolean().default(false),
  metadata: metadata.default({}),
  tool_calls: z.array(toolCall).max(MAX_TOOL_CALLS).exactOptional(),
  media: boundedObject("media").exactOptional(),
  extra: boundedObject("unknown fields together").exactOptional(),
};

export const messageSchema = z.object(messageFields);

/** A fault of one field, without its value. */
export interface FieldFault {
  readonly field: string;
  readonly detail: string;
}

/** The first fault zod found, as path and reason. */
export function firstFault(error: z.ZodError): FieldFault {
  const issue = error.issues[0];
  const field = issue?.path.map(String).join(".") || "body";
  return { field, detail: issue?.message ?? "is not valid" };
}

/** True for a JSON object (not an array). */
export const isJsonObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);
