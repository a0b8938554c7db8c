import { seededRandom } from "../random.ts";
import type { ExpectedRow } from "./expected.ts";

type PatternRow = Readonly<Record<string, string | number | bigint | boolean | null>>;

const INTENTS = ["pedido", "factura", "Ñandú", null];

/** Persons' patterns as the nightly job writes them, sorted by person, with nulls where somebody was never answered. */
export function patternsDataSet(): PatternRow[] {
  const random = seededRandom(90);
  const whole = (most: number): bigint => BigInt(Math.floor(random() * (most + 1)));
  return Array.from({ length: 200 }, (_, index) => {
    const answered = whole(4);
    const top_intent = INTENTS[Math.floor(random() ** 2 * INTENTS.length)] ?? null;
    return {
      user_id: `web:${String(index).padStart(3, "0")}`,
      until: 20_777,
      first_day: 20_700,
      last_day: 20_777,
      active_days: BigInt(Math.floor(random() ** 3 * 40)),
      messages: whole(90),
      user_messages: whole(60),
      assistant_messages: whole(30),
      sessions: whole(20),
      messages_per_day: random() * 9,
      messages_by_hour: "[]",
      busiest_hour: whole(23),
      intents: "{}",
      top_intent,
      mean_sentiment: random() < 0.3 ? null : random() * 2 - 1,
      escalations: whole(2),
      answered,
      response_ms_mean: answered === 0n ? null : random() * 9_000,
      generation: 1n,
    };
  });
}

const BANDS = [
  [0, "0 days"],
  [1, "1 day"],
  [5, "2 to 5 days"],
  [20, "6 to 20 days"],
  [90, "over 20 days"],
] as const;

/** The rows of `user-patterns`, computed apart: groups of at least so many persons, the largest first. */
export function groupPatterns(patterns: readonly PatternRow[], leastUsers: number): ExpectedRow[] {
  const groups = Map.groupBy(patterns, (row) => {
    const band = BANDS.find(([most]) => Number(row["active_days"]) <= most);
    return JSON.stringify([band?.[1], row["top_intent"]]);
  });
  const bytes = (text: string | null): Buffer => Buffer.from(text ?? "\u{10FFFF}");
  return [...groups]
    .map(([key, of]) => {
      const [activity, topIntent] = JSON.parse(key) as [string, string | null];
      return { activity, topIntent, of };
    })
    .sort(
      (a, b) =>
        b.of.length - a.of.length ||
        Buffer.compare(bytes(a.activity), bytes(b.activity)) ||
        Buffer.compare(bytes(a.topIntent), bytes(b.topIntent)),
    )
    .filter(({ of }) => of.length >= leastUsers)
    .map(({ activity, topIntent, of }, index) => {
      const sum = (column: string): bigint => of.reduce((total, row) => total + BigInt(row[column] ?? 0), 0n);
      const moods = of.map((row) => row["mean_sentiment"]).filter((mood) => typeof mood === "number");
      const waits = of.reduce(
        (total, row) => total + Number(row["response_ms_mean"]) * Number(row["answered"]),
        0,
      );
      const answered = Number(sum("answered"));
      return {
        position: BigInt(index + 1),
        activity,
        top_intent: topIntent,
        users: BigInt(of.length),
        user_messages: sum("user_messages"),
        sessions: sum("sessions"),
        escalations: sum("escalations"),
        avg_sentiment:
          moods.length === 0 ? null : moods.reduce((total, mood) => total + mood, 0) / moods.length,
        avg_response_time: answered === 0 ? null : waits / answered,
      };
    });
}
