"""What `transform.py` computes, against the same figures computed row by row in plain Python."""

import json
import math
import random
import unittest
from collections import Counter
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

from pyspark.sql import SparkSession
from transform import BEHAVIOR_COLUMNS, MESSAGES, aggregated_patterns, daily_behavior

DAY = date(2026, 11, 20)
SCHEMAS = Path(__file__).parents[2] / "queries" / "schema"
SPARK_TYPES = {"string": "string", "json": "string", "date": "date", "bigint": "bigint", "double": "double"}
FIELDS = [field.split()[0] for field in MESSAGES.split(",")]


def message(user, second, role="user", **other):
    """A row of the lake, so many seconds after midnight."""
    at = datetime(DAY.year, DAY.month, DAY.day, tzinfo=timezone.utc) + timedelta(seconds=second)
    row = {
        "user_id": user,
        "timestamp": at,
        "message_id": f"m{second}{role}",
        "session_id": "s1",
        "utc_day": DAY,
        "role": role,
        "first_received_at": at,
        "position": 0,
        "escalation_triggered": False,
        "sentiment_score": None,
        "intent": None,
        "generation": 1,
    }
    return {**row, **other}


def some_messages(count):
    pick = random.Random(5)
    for index in range(count):
        role = pick.choice(["user", "user", "assistant", "assistant", "system"])
        yield message(
            f"web:{pick.choice('abcdeé😀')}",
            pick.randrange(86_400),
            role,
            message_id=f"m{index}",
            session_id=pick.choice(["s1", "s2"]),
            escalation_triggered=pick.random() < 0.1,
            sentiment_score=pick.choice([None, 0.1, -0.3, 0.77, 1.0]),
            intent=pick.choice([None, "greeting", "refund", "señal"]),
        )


def expected_behavior(rows):
    """The figures of one person, message by message."""
    rows = sorted(rows, key=lambda row: (row["timestamp"], row["message_id"]))
    said = [row for row in rows if row["role"] == "user"]
    scores = [row["sentiment_score"] for row in said if row["sentiment_score"] is not None]
    times = []
    for index, row in enumerate(rows):
        answers = [
            later["timestamp"] - row["timestamp"]
            for later in rows[index + 1 :]
            if later["role"] == "assistant" and later["session_id"] == row["session_id"]
        ]
        if row["role"] == "user" and answers:
            times.append(answers[0] // timedelta(milliseconds=1))
    times.sort()
    hours = Counter(row["timestamp"].hour for row in said)
    return {
        "user_id": rows[0]["user_id"],
        "date": DAY,
        "messages": len(rows),
        "user_messages": len(said),
        "assistant_messages": sum(row["role"] == "assistant" for row in rows),
        "system_messages": sum(row["role"] == "system" for row in rows),
        "sessions": len({row["session_id"] for row in rows}),
        "active_hours": len(hours),
        "messages_by_hour": [hours[hour] for hour in range(24)],
        "intents": dict(Counter(row["intent"] for row in said if row["intent"])),
        "sentiment_messages": len(scores),
        "mean_sentiment": sum(scores) / len(scores) if scores else None,
        "escalations": sum(row["escalation_triggered"] for row in rows),
        "answered": len(times),
        "response_ms_mean": sum(times) / len(times) if times else None,
        "response_ms_p50": times[math.ceil(len(times) * 0.5) - 1] if times else None,
        "response_ms_p95": times[math.ceil(len(times) * 95 / 100) - 1] if times else None,
        "generation": 1,
    }


class Transform(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.spark = SparkSession.builder.getOrCreate()
        cls.spark.conf.set("spark.sql.session.timeZone", "UTC")

    def messages(self, rows):
        return self.spark.createDataFrame([tuple(row[field] for field in FIELDS) for row in rows], MESSAGES)

    def behavior(self, rows):
        return [row.asDict() for row in daily_behavior(self.messages(rows), DAY).collect()]

    def day_row(self, user, day, **other):
        row = {name: 0 for name in BEHAVIOR_COLUMNS}
        hours = json.dumps([0] * 24)
        row.update(user_id=user, date=day, messages_by_hour=hours, intents="{}", mean_sentiment=None, generation=1)
        return {**row, "response_ms_mean": None, **other}

    def patterns(self, rows):
        schema = daily_behavior(self.messages([]), DAY).schema
        days = self.spark.createDataFrame([tuple(row[name] for name in schema.names) for row in rows], schema)
        return [row.asDict() for row in aggregated_patterns(days, DAY).collect()]

    def test_behavior_equals_figures_counted_row_by_row(self):
        rows = list(some_messages(600))
        by_user = {}
        for row in rows:
            by_user.setdefault(row["user_id"], []).append(row)
        expected = [expected_behavior(by_user[user]) for user in sorted(by_user, key=str.encode)]
        found = self.behavior(rows)
        self.assertEqual(len(found), 7)
        for one, other in zip(found, expected, strict=True):
            for name in ("messages_by_hour", "intents"):
                one[name] = json.loads(one[name])
            for name in ("mean_sentiment", "response_ms_mean"):
                self.assertAlmostEqual(one.pop(name), other.pop(name), places=9)
            self.assertEqual(one, other)

    def test_a_message_without_answer_has_no_time(self):
        [row] = self.behavior([message("web:a", 10), message("web:a", 5, "assistant")])
        self.assertEqual(row["answered"], 0)
        self.assertIsNone(row["response_ms_p50"])
        self.assertIsNone(row["response_ms_mean"])

    def test_an_answer_in_another_session_is_none(self):
        [row] = self.behavior([message("web:a", 1), message("web:a", 2, "assistant", session_id="s2")])
        self.assertEqual(row["answered"], 0)

    def test_scores_that_are_none_are_left_out(self):
        scores = [0.5, float("nan"), 7.0, None]
        [row] = self.behavior([message("web:a", index, sentiment_score=score) for index, score in enumerate(scores)])
        self.assertEqual((row["sentiment_messages"], row["mean_sentiment"]), (1, 0.5))

    def test_the_last_millisecond_of_a_day_is_in_its_last_hour(self):
        last = datetime(2026, 11, 20, 23, 59, 59, 999_000, tzinfo=timezone.utc)
        [row] = self.behavior([message("web:a", 0, timestamp=last)])
        self.assertEqual(json.loads(row["messages_by_hour"]), [0] * 23 + [1])

    def test_rows_of_other_days_do_not_count(self):
        rows = [message("web:a", 1), message("web:a", 2, utc_day=DAY - timedelta(days=1))]
        self.assertEqual([row["messages"] for row in self.behavior(rows)], [1])

    def test_an_erased_past_does_not_count(self):
        rows = [message("web:a", 1), message("web:a", 2, generation=2), message("web:b", 3)]
        found = [(row["user_id"], row["messages"], row["generation"]) for row in self.behavior(rows)]
        self.assertEqual(found, [("web:a", 1, 2), ("web:b", 1, 1)])

    def test_people_come_in_the_order_of_their_bytes(self):
        users = ["web:\U0001f600", "web:\uffee", "web:z", "web:é"]
        found = [row["user_id"] for row in self.behavior([message(user, 1) for user in users])]
        self.assertEqual(found, ["web:z", "web:é", "web:\uffee", "web:\U0001f600"])

    def test_a_day_without_messages_has_no_rows(self):
        self.assertEqual(self.behavior([]), [])

    def test_columns_are_those_of_the_schema_files(self):
        behavior = daily_behavior(self.messages([]), DAY)
        for frame, name in [(behavior, "user-behavior"), (aggregated_patterns(behavior, DAY), "user-patterns")]:
            columns = json.loads((SCHEMAS / f"{name}.json").read_text())["columns"]
            expected = [(column["name"], SPARK_TYPES[column["type"]]) for column in columns]
            self.assertEqual(frame.dtypes, expected)

    def test_patterns_sum_up_the_window(self):
        hours = [0] * 24
        hours[9], hours[7] = 3, 3
        days = [
            self.day_row(
                "web:a",
                DAY,
                messages=5,
                user_messages=2,
                answered=1,
                response_ms_mean=100.0,
                mean_sentiment=0.5,
                sentiment_messages=1,
                intents='{"b":1,"a":1}',
                messages_by_hour=json.dumps(hours),
            ),
            self.day_row(
                "web:a",
                DAY - timedelta(days=89),
                messages=3,
                user_messages=3,
                answered=3,
                response_ms_mean=500.0,
                mean_sentiment=-0.5,
                sentiment_messages=3,
                intents='{"b":1,"a":1}',
            ),
            self.day_row("web:a", DAY - timedelta(days=90), messages=1_000, user_messages=1_000),
            self.day_row("web:a", DAY + timedelta(days=1), messages=1_000, user_messages=1_000),
        ]
        [row] = self.patterns(days)
        self.assertEqual((row["first_day"], row["last_day"], row["until"]), (DAY - timedelta(days=89), DAY, DAY))
        self.assertEqual((row["messages"], row["user_messages"], row["active_days"]), (8, 5, 2))
        self.assertEqual(row["messages_per_day"], 2.5)
        self.assertEqual((row["response_ms_mean"], row["mean_sentiment"]), (400.0, -0.25))
        self.assertEqual((row["intents"], row["top_intent"], row["busiest_hour"]), ('{"a":2,"b":2}', "a", 7))

    def test_patterns_of_who_never_wrote_have_no_busiest_hour(self):
        [row] = self.patterns([self.day_row("web:a", DAY, messages=1, assistant_messages=1)])
        self.assertIsNone(row["busiest_hour"])
        self.assertIsNone(row["messages_per_day"])
        self.assertIsNone(row["top_intent"])
        self.assertEqual(row["active_days"], 0)

    def test_patterns_leave_an_erased_past_out(self):
        days = [
            self.day_row("web:a", DAY - timedelta(days=2), messages=7),
            self.day_row("web:a", DAY, messages=1, generation=2),
        ]
        found = [(row["messages"], row["generation"], row["first_day"]) for row in self.patterns(days)]
        self.assertEqual(found, [(1, 2, DAY)])

