import type { LakeRow } from "../../../functions/core/domain/lake-row.ts";
import { seededRandom } from "../random.ts";

/**
 * UTC days with rows: changes of the clock in Madrid (29 March, 25 October), Santiago (4 April at midnight, 5 September
 * at midnight) and Chatham (4 April, 26 September), the turn of a year, and weeks in a row for cohorts.
 */
const DAYS = [
  ["2026-03-28", 3],
  ["2026-04-03", 4],
  ["2026-09-04", 4],
  ["2026-09-25", 3],
  ["2026-10-24", 3],
  ["2026-12-31", 2],
] as const;

const DAY_MS = 86_400_000;
const LATE_MS = 40 * DAY_MS;

/** The UTC days of the set, in order, `YYYY-MM-DD`. */
const DATA_DAYS: readonly string[] = DAYS.flatMap(([first, count]) =>
  Array.from({ length: count }, (_, index) => dayText(Date.parse(first) + index * DAY_MS)),
);

/** A person who is written to and never writes: no user of any day. */
const ONLY_TOLD = "web:only-told";

/** Values that a reader or an aggregate may get wrong, each used many times. */
const USERS = [
  "whatsapp:+34600000001",
  "whatsapp:+3460000000",
  "telegram:1234567890",
  "web:ana@example.org",
  "web:ña-🙂",
  "web:O'Brien; DROP TABLE messages --",
  "app:*",
  "app:%",
  ONLY_TOLD,
];
const INTENTS = ["pedido", "factura", "devolución", "horario", "PEDIDO", null, null];
const SENTIMENTS = ["positive", "negative", "neutral", "mixed", null];
const LANGUAGES = ["es", "es-MX", "pt", "en", null];

/**
 * Some thousand rows of the lake, the same each time: several channels, languages and roles, nulls in every column that
 * may be null, edited and deleted rows, people who write across midnight, numbers out of their range.
 */
export function metricsDataSet(): LakeRow[] {
  const random = seededRandom(20_261_120);
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
  const maybe = <T>(value: T, share = 0.6): T | null => (random() < share ? value : null);
  const rows: LakeRow[] = [];

  const add = (timestamp: number, over: Partial<Record<string, LakeRow[string]>> = {}): void => {
    const user_id = pick(USERS);
    const role = pick(
      user_id === ONLY_TOLD ? ["assistant", "system"] : ["user", "user", "assistant", "assistant", "system"],
    );
    const deleted = random() < 0.05;
    const edited = !deleted && random() < 0.05;
    const answer = role === "assistant";
    const row = {
      user_id,
      timestamp,
      message_id: `m-${rows.length}`,
      // Not the person's own: the same id in two persons' hands is two sessions.
      session_id: `s-${Math.floor(random() * 6)}`,
      conversation_id: `c-${Math.floor(random() * 6)}`,
      channel: user_id.slice(0, user_id.indexOf(":")),
      bot_id: "oraculo",
      utc_day: Math.floor(timestamp / DAY_MS),
      message_type: pick(["text", "text", "image", "audio"]),
      role,
      content: deleted ? "" : pick(["Hola", "¿Cuándo?", "🙂", " "]),
      platform_message_id: maybe("p-1"),
      reply_to: maybe("m-0", 0.2),
      first_received_at: timestamp + (random() < 0.03 ? LATE_MS : Math.floor(random() * 5_000) - 500),
      position: BigInt(Math.floor(random() * 3)),
      ai_model_used: answer ? maybe("modelo-1") : null,
      confidence_score: answer ? maybe(Math.round(random() * 1e4) / 1e4) : null,
      processing_time_ms: answer ? maybe(BigInt(Math.floor(random() ** 3 * 20_000))) : null,
      tokens_used: answer ? maybe(BigInt(Math.floor(random() * 900))) : null,
      escalation_triggered: random() < 0.08,
      // A producer may send them for any role: only a person's count.
      sentiment: deleted ? null : pick(SENTIMENTS),
      sentiment_score: deleted ? null : maybe(Math.round(random() * 2e4 - 1e4) / 1e4),
      intent: deleted ? null : pick(INTENTS),
      language: deleted ? null : pick(LANGUAGES),
      metadata_other: deleted ? null : maybe('{"campaign":"a"}', 0.2),
      tool_calls: maybe('[{"tool":"t","args":{}}]', 0.1),
      media: null,
      extra: null,
      edited_at: edited ? timestamp + 60_000 : null,
      deleted,
      revision: edited || deleted ? 2n : 1n,
      generation: 1n,
      ...over,
    };
    rows.push(row as LakeRow);
  };

  for (const day of DATA_DAYS) {
    const start = Date.parse(day);
    for (let n = 0; n < 120; n++) add(start + Math.floor(random() * DAY_MS));
    // First and last millisecond of every quarter of an hour at which some zone's day or clock may change.
    for (let quarter = 0; quarter < 96; quarter += random() < 0.5 ? 1 : 3) {
      add(start + quarter * 900_000);
      add(start + quarter * 900_000 + 899_999);
    }
  }
  // 2^53 + 1 and numbers that no average may take.
  const moment = Date.parse("2026-09-05T23:59:59.999Z");
  add(moment, { tokens_used: 9_007_199_254_740_993n });
  add(moment, { confidence_score: 1.5, sentiment_score: -7, role: "user" });
  add(moment, { confidence_score: Number.NaN, sentiment_score: Number.NaN, role: "user" });
  add(moment, { processing_time_ms: 0n, confidence_score: 0, role: "assistant" });
  // Written more than five minutes after it was received, by its own clock.
  add(moment, { first_received_at: moment - 3_000_000, role: "user" });
  return rows;
}

/** Rows by their UTC day, each in the lake's order: user, time, message. */
export function rowsByDay(rows: readonly LakeRow[]): ReadonlyMap<string, LakeRow[]> {
  const days = Map.groupBy(rows, ({ timestamp }) => dayText(timestamp));
  for (const day of days.values())
    day.sort(
      (a, b) =>
        Buffer.compare(Buffer.from(a.user_id), Buffer.from(b.user_id)) ||
        a.timestamp - b.timestamp ||
        Buffer.compare(Buffer.from(a.message_id), Buffer.from(b.message_id)),
    );
  return days;
}

function dayText(moment: number): string {
  return new Date(moment).toISOString().slice(0, 10);
}
