import { z } from "zod";
import type { JsonObject } from "../domain/json.ts";
import type { KeyChain } from "../domain/key-chain.ts";
import { channelSchema, type FieldFault, firstFault, userIdSchema } from "./message-schema.ts";

/** Prefixes of the ids that Hilo derives, by channel; others take their channel's name. */
const ID_PREFIX: Readonly<Record<string, string>> = { whatsapp: "wa", telegram: "tg" };
/** The last second of the year 9999: a later one has no ISO text of four digits. */
const MAX_EPOCH_SECONDS = 253_402_300_799;

const platformId = z.union([z.string().min(1).max(256), z.int().transform(String)], {
  error: "must be an integer or a string of 1 to 256 characters",
});

const shortEvent = z.looseObject({
  canal: channelSchema,
  user_id: platformId,
  mensaje: z.string(),
  timestamp: z
    .number("must be a number of seconds since 1970 (epoch)")
    .min(0, "must be seconds since 1970 (epoch)")
    .max(MAX_EPOCH_SECONDS, "must be seconds since 1970 (epoch), not milliseconds"),
  bot_id: platformId.nullish(),
  metadata: z.looseObject({ chat_id: platformId, message_id: platformId, bot_id: platformId.nullish() }),
});

type FullFields =
  | { readonly ok: true; readonly fields: JsonObject }
  | { readonly ok: false; readonly fault: FieldFault; readonly userId?: string };

/** True for the queue's short event: it alone names its fields in Spanish. */
export const isShortEvent = (body: JsonObject): boolean =>
  Object.hasOwn(body, "canal") || Object.hasOwn(body, "mensaje");

/** Fields of the full message for a short event; ids derived by keyed hash of (bot, chat, platform id). */
export function fromShortEvent(body: JsonObject, keys: KeyChain): FullFields {
  const result = shortEvent.safeParse(body);
  const userId = canonicalUserId(body["canal"], body["user_id"]);
  if (!result.success) {
    return { ok: false, fault: firstFault(result.error), ...(userId !== undefined && { userId }) };
  }
  const { canal, mensaje, timestamp, metadata, user_id: _native, bot_id, ...others } = result.data;
  const { message_id, bot_id: botOfChat, ...kept } = metadata;
  // Messages are counted for each bot: a bot that is not told apart takes another one's ids.
  const bot = botOfChat ?? bot_id ?? "default";
  const prefix = ID_PREFIX[canal] ?? canal;
  const fields = {
    role: "user",
    session_id: `${prefix}_${keys.identity("chat", bot, metadata.chat_id)}`,
    ...(others as JsonObject),
    channel: canal,
    bot_id: bot,
    user_id: userId ?? "",
    message_id: `${prefix}_${keys.identity("message", bot, metadata.chat_id, message_id)}`,
    platform_message_id: message_id,
    timestamp: new Date(Math.round(timestamp * 1000)).toISOString(),
    content: mensaje,
    metadata: kept as JsonObject,
  };
  return { ok: true, fields };
}

/** `<channel>:<native id>`; an id that has its channel already stays. */
function canonicalUserId(channel: unknown, native: unknown): string | undefined {
  if (typeof channel !== "string" || (typeof native !== "string" && typeof native !== "number"))
    return undefined;
  const text = String(native);
  const result = userIdSchema.safeParse(text.startsWith(`${channel}:`) ? text : `${channel}:${text}`);
  return result.success ? result.data : undefined;
}
