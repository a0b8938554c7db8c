import { generateConversations, type QueueEvent } from "../local/demo/conversations.ts";
import { userOf } from "../local/demo/demo-day.ts";

/** Analyses that a producer brings itself: `PerformAnalytics` then has nothing to write back. */
const ANALYSED = { sentiment: "neutral", sentiment_score: 0, intent: "order_status", language: "es" };
const DAY_MS = 86_400_000;
const SENTENCE = "¿Me puede decir, por favor, cuándo llega mi pedido a Valparaíso? ";

/** A full message of a person, a minute ago or some days more, with a text of so many bytes. */
export function aMessage(
  user: string,
  id: string,
  options: { readonly bytes: number; readonly analysed: boolean; readonly daysAgo?: number },
): QueueEvent {
  return {
    user_id: `web:${user}`,
    message_id: id,
    session_id: `session-${user}`,
    timestamp: new Date(Date.now() - 60_000 - (options.daysAgo ?? 0) * DAY_MS).toISOString(),
    role: "user",
    content: textOf(options.bytes),
    ...(options.analysed && { metadata: ANALYSED }),
  };
}

function textOf(bytes: number): string {
  let text = "";
  while (Buffer.byteLength(text + SENTENCE) <= bytes) text += SENTENCE;
  return text + "a".repeat(bytes - Buffer.byteLength(text));
}

/**
 * A day's conversations of a shop, in order of time, cut into batches of so many messages. The day's length is squeezed
 * into what has passed of today: rows of a past day would each cost the mark of their day as well.
 */
export function conversationBatches(options: {
  readonly seed: number;
  readonly users: number;
  readonly messages: number;
  readonly size: number;
}): QueueEvent[][] {
  const now = Date.now();
  const today = new Date(now).toISOString().slice(0, 10);
  const start = Date.parse(`${today}T00:00:00Z`);
  const squeezed = (at: number): number => start + Math.floor(((at - start) * (now - start)) / DAY_MS);
  const events = generateConversations({ ...options, day: today }).map((event) => {
    const at = event["timestamp"];
    const timestamp =
      typeof at === "string"
        ? new Date(squeezed(Date.parse(at))).toISOString()
        : Math.floor(squeezed(Number(at) * 1_000) / 1_000);
    return { ...event, timestamp };
  });
  return cut(events, options.size);
}

/** A batch of ten messages for each of so many rounds, each of another person, or all of one. */
export function tens(options: {
  readonly name: string;
  readonly rounds: number;
  readonly people: "one" | "ten";
}): QueueEvent[][] {
  return Array.from({ length: options.rounds }, (_, round) =>
    Array.from({ length: 10 }, (_, index) =>
      aMessage(
        `${options.name}-${options.people === "one" ? round : index}`,
        `${options.name}-${round}-${index}`,
        {
          bytes: 80,
          analysed: false,
        },
      ),
    ),
  );
}

function cut<T>(values: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(values.length / size) }, (_, part) =>
    values.slice(part * size, (part + 1) * size),
  );
}

/** How many different people are in a batch, on average. */
export const peopleIn = (batches: readonly (readonly QueueEvent[])[]): number =>
  batches.reduce((sum, batch) => sum + new Set(batch.map(userOf)).size, 0) / batches.length;
