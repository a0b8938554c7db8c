import type { LakeRow, LakeValue } from "../../../functions/core/domain/lake-row.ts";
import {
  byDayAndChannel,
  byPerson,
  count,
  distinct,
  groupBy,
  isEscalation,
  mean,
  numbersBetween,
  percentile,
  sessionOf,
  weekdayOf,
  wholes,
} from "./figures.ts";
import { calendarDays, hoursOfDay, inZone, mondayOf, type ZonedRow } from "./zoned-rows.ts";

/** A row that a query must give: numbers that are whole in the lake are `bigint`, others `number`. */
export type ExpectedRow = Readonly<Record<string, string | number | bigint | null>>;

/** What a query is asked. */
export interface Question {
  readonly from: string;
  readonly to: string;
  readonly timezone: string;
}

/**
 * The results of the queries, computed a second time straight from the rows and from the definitions of
 * `queries/README.md`: nothing here is shared with the SQL or with the product's code.
 */
export const EXPECTED: Readonly<
  Record<string, (rows: readonly LakeRow[], question: Question) => ExpectedRow[]>
> = {
  "daily-metrics": (rows, question) => dailyMetrics(rows, { ...question, to: question.from }),
  "metrics-range": dailyMetrics,
  "daily-breakdown": (rows, question) => dailyBreakdown(rows, { ...question, to: question.from }),
  "top-intents": topIntents,
  "sentiment-by-day": sentimentByDay,
  escalations,
  "hourly-activity": hourlyActivity,
  "response-time": responseTime,
  "retention-cohorts": retentionCohorts,
  "data-quality": (rows, question) => dataQuality(rows, { ...question, to: question.from }),
};

function within(rows: readonly LakeRow[], { from, to, timezone }: Question): ZonedRow[] {
  return inZone(rows, timezone).filter(({ date }) => date >= from && date <= to);
}

function dailyMetrics(rows: readonly LakeRow[], question: Question): ExpectedRow[] {
  const all = within(rows, question);
  return calendarDays(question.from, question.to).map((date) => {
    const day = all.filter((zoned) => zoned.date === date).map(({ row }) => row);
    const persons = day.filter(byPerson);
    const times = wholes(day, "processing_time_ms");
    return {
      date,
      total_messages: BigInt(day.length),
      unique_users: distinct(persons.map(({ user_id }) => user_id)),
      distinct_sessions: distinct(day.map(sessionOf)),
      avg_confidence: mean(numbersBetween(day, "confidence_score", 0, 1)),
      avg_processing_time: mean(times.map(Number)),
      p50_processing_time: percentile(times, 50),
      p95_processing_time: percentile(times, 95),
      total_tokens: wholes(day, "tokens_used").reduce((sum, tokens) => sum + tokens, 0n),
      escalations: count(day, isEscalation),
      positive_sentiment: count(persons, ({ sentiment }) => sentiment === "positive"),
      negative_sentiment: count(persons, ({ sentiment }) => sentiment === "negative"),
    };
  });
}

function dailyBreakdown(rows: readonly LakeRow[], question: Question): ExpectedRow[] {
  const told: { dimension: string; value: LakeValue | undefined; row: LakeRow }[] = [];
  for (const { row, hour } of within(rows, question)) {
    told.push({ dimension: "channel", value: row["channel"], row });
    told.push({ dimension: "hour", value: hour < 10 ? `0${hour}` : String(hour), row });
    told.push({ dimension: "language", value: row["language"], row });
    told.push({ dimension: "role", value: row["role"], row });
    if (!byPerson(row)) continue;
    told.push({ dimension: "intent", value: row["intent"], row });
    told.push({ dimension: "sentiment", value: row["sentiment"], row });
  }
  const groups = groupBy(
    told.filter(({ value }) => value !== null),
    ({ dimension, value }) => JSON.stringify([dimension, value]),
  );
  return [...groups].flatMap(([key, members]) => {
    const [dimension, value] = JSON.parse(key) as [string, string];
    const of = members.map(({ row }) => row);
    const figures = {
      total_messages: of.length,
      unique_users: Number(distinct(of.filter(byPerson).map(({ user_id }) => user_id))),
      escalations: Number(count(of, isEscalation)),
    };
    return Object.entries(figures).map(([metric, number]) => ({
      date: question.from,
      dimension,
      value,
      metric,
      number,
    }));
  });
}

/** The five most frequent. */
function topIntents(rows: readonly LakeRow[], question: Question): ExpectedRow[] {
  const withIntent = within(rows, question)
    .map(({ row }) => row)
    .filter((row) => byPerson(row) && row["intent"] !== null);
  return [...groupBy(withIntent, (row) => String(row["intent"]))]
    .sort(([a, x], [b, y]) => y.length - x.length || Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .slice(0, 5)
    .map(([intent, of], index) => ({
      position: BigInt(index + 1),
      intent,
      messages: BigInt(of.length),
      users: distinct(of.map(({ user_id }) => user_id)),
      share: of.length / withIntent.length,
    }));
}

function sentimentByDay(rows: readonly LakeRow[], question: Question): ExpectedRow[] {
  const all = within(rows, question).filter(({ row }) => byPerson(row));
  return calendarDays(question.from, question.to).map((date) => {
    const day = all.filter((zoned) => zoned.date === date).map(({ row }) => row);
    const having = (wanted: string | null): bigint => count(day, ({ sentiment }) => sentiment === wanted);
    return {
      date,
      positive: having("positive"),
      negative: having("negative"),
      neutral: having("neutral"),
      mixed: having("mixed"),
      unknown: having(null),
      avg_sentiment_score: mean(numbersBetween(day, "sentiment_score", -1, 1)),
    };
  });
}

function escalations(rows: readonly LakeRow[], question: Question): ExpectedRow[] {
  return byDayAndChannel(within(rows, question)).map(({ date, channel, of }) => {
    const escalated = of.filter(isEscalation);
    const sessions = distinct(of.map(sessionOf));
    const escalatedSessions = distinct(escalated.map(sessionOf));
    return {
      date,
      channel,
      escalations: BigInt(escalated.length),
      escalated_users: distinct(escalated.map(({ user_id }) => user_id)),
      escalated_sessions: escalatedSessions,
      sessions,
      escalation_rate: Number(escalatedSessions) / Number(sessions),
    };
  });
}

function hourlyActivity(rows: readonly LakeRow[], question: Question): ExpectedRow[] {
  const slots = calendarDays(question.from, question.to).flatMap((date) =>
    hoursOfDay(date, question.timezone).map((hour) => ({ date, hour, weekday: weekdayOf(date) })),
  );
  const all = within(rows, question);
  return [...groupBy(slots, ({ weekday, hour }) => `${weekday} ${hour}`).values()].map((of) => {
    const { weekday = 0, hour = 0 } = of[0] ?? {};
    const messages = all.filter((zoned) => weekdayOf(zoned.date) === weekday && zoned.hour === hour);
    return {
      weekday: BigInt(weekday),
      hour: BigInt(hour),
      days: BigInt(of.length),
      messages: BigInt(messages.length),
      users: distinct(messages.filter(({ row }) => byPerson(row)).map(({ row }) => row.user_id)),
    };
  });
}

function responseTime(rows: readonly LakeRow[], question: Question): ExpectedRow[] {
  const timed = within(rows, question).filter(({ row }) => row["processing_time_ms"] !== null);
  return byDayAndChannel(timed).map(({ date, channel, of }) => {
    const times = wholes(of, "processing_time_ms");
    return {
      date,
      channel,
      answers: BigInt(times.length),
      avg_processing_time: mean(times.map(Number)),
      p50_processing_time: percentile(times, 50),
      p95_processing_time: percentile(times, 95),
      max_processing_time: percentile(times, 100),
    };
  });
}

function retentionCohorts(rows: readonly LakeRow[], question: Question): ExpectedRow[] {
  const weeks = new Map<string, Set<string>>();
  for (const { row, date } of within(rows, question).filter(({ row }) => byPerson(row)))
    weeks.set(row.user_id, (weeks.get(row.user_id) ?? new Set()).add(mondayOf(date)));
  const people = [...weeks.values()].map((of) => [...of].sort());
  return [...groupBy(people, ([first]) => String(first))].flatMap(([cohort, members]) =>
    [...groupBy(members.flat(), (week) => week)].map(([week, of]) => ({
      cohort,
      week: BigInt((Date.parse(week) - Date.parse(cohort)) / 604_800_000),
      cohort_users: BigInt(members.length),
      active_users: BigInt(of.length),
      retention: of.length / members.length,
    })),
  );
}

function dataQuality(rows: readonly LakeRow[], question: Question): ExpectedRow[] {
  const day = within(rows, question).map(({ row }) => row);
  const said = day.filter((row) => row["deleted"] === false && row["content"] !== "");
  const answers = day.filter((row) => row["role"] === "assistant");
  const missing = (of: readonly LakeRow[], name: string, column: string): ExpectedRow =>
    check(name, of, (row) => row[column] === null);
  const check = (name: string, of: readonly LakeRow[], isFault: (row: LakeRow) => boolean): ExpectedRow => ({
    name,
    part: count(of, isFault),
    whole: BigInt(of.length),
  });
  const beyond = (name: string, column: string, least: number, most: number): ExpectedRow => {
    const having = day.filter((row) => row[column] !== null);
    const fine = numbersBetween(having, column, least, most).length;
    return { name, part: BigInt(having.length - fine), whole: BigInt(having.length) };
  };
  const lag = (row: LakeRow): number => Number(row["first_received_at"]) - row.timestamp;
  return [
    missing(said.filter(byPerson), "unknown_intent", "intent"),
    missing(said.filter(byPerson), "null_sentiment", "sentiment"),
    missing(said, "null_language", "language"),
    ...["ai_model_used", "confidence_score", "processing_time_ms", "tokens_used"].map((column) =>
      missing(answers, `null_${column}`, column),
    ),
    check(
      "empty_text",
      day.filter((row) => row["deleted"] === false && row["message_type"] === "text"),
      (row) => /^ *$/.test(String(row["content"])),
    ),
    beyond("confidence_out_of_range", "confidence_score", 0, 1),
    beyond("sentiment_out_of_range", "sentiment_score", -1, 1),
    check("clock_ahead", day, (row) => lag(row) < -300_000),
    check("arrived_late", day, (row) => lag(row) > 86_400_000),
  ];
}
