"""What people did on a day, and in the 90 days up to it. DataFrames in, DataFrames out; the session's zone is UTC."""

from datetime import date, timedelta

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

WINDOW_DAYS = 90
HOURS = 24

# Sums of fractions are decimal, so that the order in which Spark meets the rows changes no digit.
FRACTION = "decimal(20,10)"
COUNT = "decimal(12,0)"

# What is read of the lake's rows.
MESSAGES = """
    user_id string, timestamp timestamp, message_id string, session_id string, utc_day date, role string,
    first_received_at timestamp, position bigint, escalation_triggered boolean, sentiment_score double, intent string,
    generation bigint
"""


def daily_behavior(messages: DataFrame, day: date) -> DataFrame:
    """One row per person: what they did on a UTC day. Columns of `queries/schema/user-behavior.json`, sorted.

    `messages`: rows of the lake, at least those of the day. Of a person who was erased during the day and came back,
    only the latest generation counts.
    """
    rows = _latest_generation(messages.where(F.col("utc_day") == F.lit(day)))
    rows = rows.withColumn("is_user", F.col("role") == "user").withColumn("waited", _milliseconds_to_answer())
    said = F.col("is_user")
    counts = rows.groupBy("user_id").agg(
        F.lit(day).alias("date"),
        F.count("*").alias("messages"),
        F.count_if(said).alias("user_messages"),
        F.count_if(F.col("role") == "assistant").alias("assistant_messages"),
        F.count_if(F.col("role") == "system").alias("system_messages"),
        F.count_distinct("session_id").alias("sessions"),
        F.count_distinct(F.when(said, F.hour("timestamp"))).alias("active_hours"),
        F.to_json(F.array(*[F.count_if(said & (F.hour("timestamp") == hour)) for hour in range(HOURS)])).alias(
            "messages_by_hour"
        ),
        F.count(_finite_score(said)).alias("sentiment_messages"),
        _mean(F.sum(_finite_score(said)), F.count(_finite_score(said))).alias("mean_sentiment"),
        F.count_if("escalation_triggered").alias("escalations"),
        F.count("waited").alias("answered"),
        _mean(F.sum("waited"), F.count("waited")).alias("response_ms_mean"),
        F.array_sort(F.collect_list("waited")).alias("times"),
        F.max("generation").alias("generation"),
    )
    counts = counts.withColumn("response_ms_p50", _nearest_rank(50)).withColumn("response_ms_p95", _nearest_rank(95))
    intents = rows.where(said & F.col("intent").isNotNull()).groupBy("user_id", "intent").agg(F.count("*").alias("count"))
    return _with_intents(counts, intents).select(*BEHAVIOR_COLUMNS).orderBy("user_id")


def aggregated_patterns(days: DataFrame, until: date) -> DataFrame:
    """One row per person over the 90 days up to and with `until`. Columns of `queries/schema/user-patterns.json`, sorted.

    `days`: rows of `daily_behavior`, of any days.
    """
    first = until - timedelta(days=WINDOW_DAYS - 1)
    rows = _latest_generation(days.where(F.col("date").between(F.lit(first), F.lit(until))))
    rows = rows.withColumn("hours", F.from_json("messages_by_hour", "array<bigint>"))
    score = F.col("mean_sentiment").cast(FRACTION) * F.col("sentiment_messages").cast(COUNT)
    response = F.col("response_ms_mean").cast(FRACTION) * F.col("answered").cast(COUNT)
    totals = rows.groupBy("user_id").agg(
        F.lit(until).alias("until"),
        F.min("date").alias("first_day"),
        F.max("date").alias("last_day"),
        F.count_if(F.col("user_messages") > 0).alias("active_days"),
        *[F.sum(name).alias(name) for name in SUMMED],
        F.array(*[F.sum(F.col("hours")[hour]) for hour in range(HOURS)]).alias("hours"),
        _mean(F.sum(score), F.sum("sentiment_messages")).alias("mean_sentiment"),
        _mean(F.sum(response), F.sum("answered")).alias("response_ms_mean"),
        F.max("generation").alias("generation"),
    )
    totals = (
        totals.withColumn("messages_per_day", _mean(F.col("user_messages"), F.col("active_days")))
        .withColumn("messages_by_hour", F.to_json("hours"))
        .withColumn("most", F.array_max("hours"))
        .withColumn("busiest_hour", F.when(F.col("most") > 0, F.expr("array_position(hours, most)") - 1))
    )
    counts = rows.select("user_id", F.explode(F.from_json("intents", "map<string,bigint>")).alias("intent", "count"))
    intents = counts.groupBy("user_id", "intent").agg(F.sum("count").alias("count"))
    commonest = Window.partitionBy("user_id").orderBy(F.desc("count"), "intent")
    top = intents.withColumn("place", F.row_number().over(commonest)).where("place = 1")
    totals = totals.join(top.select("user_id", F.col("intent").alias("top_intent")), "user_id", "left")
    return _with_intents(totals, intents).select(*PATTERN_COLUMNS).orderBy("user_id")


# What a window of days has the sums of.
SUMMED = ["messages", "user_messages", "assistant_messages", "sessions", "escalations", "answered"]

BEHAVIOR_COLUMNS = [
    "user_id",
    "date",
    "messages",
    "user_messages",
    "assistant_messages",
    "system_messages",
    "sessions",
    "active_hours",
    "messages_by_hour",
    "intents",
    "sentiment_messages",
    "mean_sentiment",
    "escalations",
    "answered",
    "response_ms_mean",
    "response_ms_p50",
    "response_ms_p95",
    "generation",
]

PATTERN_COLUMNS = [
    "user_id",
    "until",
    "first_day",
    "last_day",
    "active_days",
    "messages",
    "user_messages",
    "assistant_messages",
    "sessions",
    "messages_per_day",
    "messages_by_hour",
    "busiest_hour",
    "intents",
    "top_intent",
    "mean_sentiment",
    "escalations",
    "answered",
    "response_ms_mean",
    "generation",
]


def _latest_generation(rows: DataFrame) -> DataFrame:
    """Without the rows of a person's erased past, should some still be there."""
    latest = F.max("generation").over(Window.partitionBy("user_id"))
    return rows.withColumn("latest", latest).where("generation = latest").drop("latest")


def _milliseconds_to_answer() -> Column:
    """For a person's message: the time to the next answer in its session; null where none followed."""
    # Backwards in the order shown, so that one pass over a session is enough.
    backwards = [F.desc(column) for column in ("timestamp", "first_received_at", "position", "message_id")]
    session = Window.partitionBy("user_id", "session_id").orderBy(*backwards)
    later = session.rowsBetween(Window.unboundedPreceding, -1)
    answered = F.last(F.when(F.col("role") == "assistant", F.unix_millis("timestamp")), ignorenulls=True).over(later)
    return F.when(F.col("role") == "user", answered - F.unix_millis("timestamp"))


def _finite_score(said: Column) -> Column:
    """A score that is a number from -1 to 1."""
    return F.when(said & F.col("sentiment_score").between(-1, 1), F.col("sentiment_score").cast(FRACTION))


def _mean(total: Column, count: Column) -> Column:
    return F.when(count > 0, total.cast("double") / count.cast("double"))


def _nearest_rank(percent: int) -> Column:
    """Percentile of the sorted array `times`: its element at ⌈percent · n / 100⌉; null where it is empty."""
    rank = F.ceil(F.size("times") * percent / F.lit(100))
    return F.when(F.size("times") > 0, F.element_at("times", rank.cast("int")))


def _with_intents(people: DataFrame, intents: DataFrame) -> DataFrame:
    """Adds the JSON object `intents`, names in order, from rows of (user_id, intent, count)."""
    entries = F.map_from_entries(F.array_sort(F.collect_list(F.struct("intent", "count"))))
    objects = intents.groupBy("user_id").agg(F.to_json(entries).alias("intents"))
    return people.join(objects, "user_id", "left").withColumn("intents", F.coalesce("intents", F.lit("{}")))
