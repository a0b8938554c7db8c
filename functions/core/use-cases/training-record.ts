import type { Interaction } from "../domain/interaction.ts";
import { type Json, type JsonObject, rawInteger } from "../domain/json.ts";
import type { KeyChain } from "../domain/key-chain.ts";
import type { LakeRow, LakeValue } from "../domain/lake-row.ts";
import { type Redact, redactJson } from "../domain/redact.ts";

/** Columns of a message that its record keeps, besides text, times and tool calls. What is null is left out. */
const KEPT = [
  "message_type",
  "sentiment",
  "sentiment_score",
  "intent",
  "language",
  "ai_model_used",
  "confidence_score",
  "processing_time_ms",
  "tokens_used",
  "escalation_triggered",
] as const;

/** Hex digits of a pseudonym: 128 bits, so that no two people ever share one. */
const PSEUDONYM_LENGTH = 32;

export interface RecordOptions {
  /** Replaces every id by a keyed hash. @default ids stay as they are */
  readonly pseudonyms?: KeyChain;
  /** Redacts texts and tool calls. @default they stay as they are */
  readonly redact?: Redact;
}

/** What stands for a person in training logs with pseudonyms: how their records are found when they are erased. */
export const trainingPerson = (userId: string, keys: Pick<KeyChain, "identity">): string =>
  pseudonym(keys, "person", userId);

/** One line of a training log, without its line feed. The same interaction gives the same bytes. */
export function trainingRecord({ question, answers }: Interaction, options: RecordOptions): string {
  const [first, lastAnswer] = [question[0], answers.at(-1)];
  if (first === undefined || lastAnswer === undefined) throw new RangeError("an interaction has both sides");
  const { pseudonyms, redact = (text: string) => text } = options;
  const id = (kind: string, value: LakeValue | undefined): string =>
    pseudonyms === undefined ? String(value) : pseudonym(pseudonyms, kind, String(value));
  const message = (row: LakeRow): JsonObject => ({
    message_id: id("message", row.message_id),
    timestamp: isoTime(row.timestamp),
    content: redact(String(row["content"])),
    ...Object.fromEntries(
      KEPT.filter((column) => row[column] !== null).map((column) => [column, jsonOf(row[column])]),
    ),
    ...(row["tool_calls"] !== null && { tool_calls: redactJson(parseJson(row["tool_calls"]), redact) }),
  });
  return JSON.stringify({
    interaction_id: id("message", first.message_id),
    user_id: id("person", first.user_id),
    generation: jsonOf(first.generation),
    session_id: id("session", first["session_id"]),
    conversation_id: id("conversation", first["conversation_id"]),
    channel: jsonOf(first["channel"]),
    bot_id: jsonOf(first["bot_id"]),
    asked_at: isoTime(first.timestamp),
    answered_at: isoTime(lastAnswer.timestamp),
    question: question.map(message),
    answers: answers.map(message),
  });
}

const pseudonym = (keys: Pick<KeyChain, "identity">, kind: string, id: string): string =>
  keys.identity("training", kind, id).slice(0, PSEUDONYM_LENGTH);

const isoTime = (ms: number): string => new Date(ms).toISOString();

/** An integer beyond 2^53 keeps its digits; a score that is no number becomes null. */
const jsonOf = (value: LakeValue | undefined): Json =>
  typeof value === "bigint" ? rawInteger(value) : (value ?? null);

/** A text that another writer put there and that is no JSON stays a text. */
function parseJson(text: LakeValue | undefined): Json {
  try {
    return JSON.parse(String(text)) as Json;
  } catch {
    return String(text);
  }
}
