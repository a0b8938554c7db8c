"""What becomes of the lines of DynamoDB's exports, in the layout that AWS documents."""

import json
import tempfile
import unittest
from datetime import date, datetime, timezone
from pathlib import Path
from zlib import crc32

from manifest import Export, check_chain, read_export
from pyspark.sql import SparkSession
from transform import SETTINGS, SPARK_TYPES, day_rows, in_lake_order, items

DAY = date(2026, 11, 20)
COLUMNS = json.loads((Path(__file__).parents[2] / "queries" / "schema" / "messages.json").read_text())["columns"]


def item(user="web:a", second=0, message="m1", **other):
    """An item of the table, as DynamoDB writes it. An attribute that is None is left out."""
    time = f"2026-11-20T12:00:{second:02}.000Z"
    attributes = {
        "user_id": {"S": user},
        "timestamp": {"S": f"{time}#{message}"},
        "message_id": {"S": message},
        "session_id": {"S": "s1"},
        "conversation_id": {"S": "s1"},
        "channel": {"S": "web"},
        "bot_id": {"S": "b"},
        "kind": {"S": "message"},
        "message_type": {"S": "text"},
        "role": {"S": "user"},
        "content": {"S": "hola"},
        "first_received_at": {"S": time},
        "position": {"N": "0"},
        "escalation_triggered": {"BOOL": False},
        "metadata": {"M": {}},
        "deleted": {"BOOL": False},
        "revision": {"N": "1"},
        "generation": {"N": "1"},
        "ttl": {"N": "1800000000"},
        "message_type_shard": {"S": "text#1"},
        "day_shard": {"S": "2026-11-20#1"},
        "day_sort": {"S": "web:a\u0001"},
    }
    return {name: value for name, value in {**attributes, **other}.items() if value is not None}


def change(old, new, at=1):
    """A record of an incremental export: no new image where the item was deleted, no old one where it was put."""
    key = {name: (new or old)[name] for name in ("user_id", "timestamp")}
    images = {"OldImage": old, "NewImage": new}
    written = {"WriteTimestampMicros": {"N": str(at)}}
    return {"Metadata": written, "Keys": key, **{name: image for name, image in images.items() if image}}


class Transform(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.spark = SparkSession.builder.getOrCreate()
        for name, value in SETTINGS.items():
            cls.spark.conf.set(name, value)

    def rows(self, *records):
        lines = self.spark.createDataFrame([(json.dumps(record),) for record in records], "value string")
        return [row.asDict() for row in in_lake_order(day_rows(items(lines, DAY), DAY, COLUMNS)).collect()]

    def full(self, *found):
        return self.rows(*[{"Item": one} for one in found])

    def test_a_row_has_the_columns_of_the_schema(self):
        lines = self.spark.createDataFrame([(json.dumps({"Item": item()}),)], "value string")
        expected = [(column["name"], SPARK_TYPES[column["type"]]) for column in COLUMNS]
        self.assertEqual(day_rows(items(lines, DAY), DAY, COLUMNS).dtypes, [*expected, ("shard", "int")])

    def test_values_come_exactly(self):
        [row] = self.full(
            item(
                user="web:é😀",
                content={"S": "\ufeffNUL \u0000 👩‍👩‍👧 \"quoted\" \r\n"},
                metadata={"M": {"sentiment": {"S": "positive"}, "sentiment_score": {"S": "5e-324"}, "intent": {"S": "x"}}},
                confidence_score={"N": "0.30000000000000004"},
                tokens_used={"N": "9007199254740993"},
                tool_calls={"S": '[{"tool":"t","args":{"1":2}}]'},
                edited_at={"S": "2026-11-21T00:00:00.001Z"},
            )
        )
        self.assertEqual(row["user_id"], "web:é😀")
        self.assertEqual(row["content"], "\ufeffNUL \u0000 👩‍👩‍👧 \"quoted\" \r\n")
        self.assertEqual((row["sentiment"], row["sentiment_score"], row["intent"]), ("positive", 5e-324, "x"))
        self.assertEqual((row["confidence_score"], row["tokens_used"]), (0.30000000000000004, 9007199254740993))
        self.assertEqual(row["tool_calls"], '[{"tool":"t","args":{"1":2}}]')
        self.assertEqual((row["language"], row["ai_model_used"]), (None, None))
        self.assertEqual(row["utc_day"], DAY)
        self.assertEqual(row["shard"], crc32("web:é😀".encode()) % 16)
        self.assertEqual(row["edited_at"].astimezone(timezone.utc), datetime(2026, 11, 21, 0, 0, 0, 1000, timezone.utc))

    def test_rows_of_other_days_are_left_out(self):
        other = item(timestamp={"S": "2026-11-19T23:59:59.999Z#m1"})
        last = item(message="m2", timestamp={"S": "2026-11-20T23:59:59.999Z#m2"})
        self.assertEqual([row["message_id"] for row in self.full(other, last)], ["m2"])

    def test_rows_come_in_the_order_of_their_bytes_shard_by_shard(self):
        users = [f"web:{name}" for name in ("z", "é", "\uffee", "\U0001f600", "a", "b", "c", "d")]
        found = self.full(*[item(user, second, f"m{second}") for user in users for second in (2, 1)])
        expected = [
            (user, second)
            for shard in range(16)
            for user in sorted(users, key=str.encode)
            for second in (1, 2)
            if crc32(user.encode()) % 16 == shard
        ]
        by_shard = sorted(found, key=lambda row: row["shard"])
        self.assertEqual([(row["user_id"], row["timestamp"].second) for row in by_shard], expected)

    def test_an_incremental_export_adds_and_replaces(self):
        edited = item(message="m1", content={"S": "edited"}, revision={"N": "2"})
        inserted = item(second=1, message="m2")
        found = self.rows({"Item": item()}, change(item(), edited), change(None, inserted))
        self.assertEqual([(row["message_id"], row["content"]) for row in found], [("m1", "edited"), ("m2", "hola")])

    def test_an_older_state_never_replaces_a_later_one(self):
        later = item(content={"S": "edited"}, revision={"N": "3"})
        found = self.rows({"Item": later}, change(None, item()), change(item(), item(revision={"N": "2"})))
        self.assertEqual([(row["content"], row["revision"]) for row in found], [("edited", 3)])

    def test_what_expired_in_the_table_stays(self):
        expired = change(item(message="m1", revision={"N": "2"}), None)
        found = self.rows({"Item": item()}, expired, change(item(second=5, message="m2"), None))
        self.assertEqual([(row["message_id"], row["revision"]) for row in found], [("m1", 2), ("m2", 1)])

    def test_a_deletion_without_image_removes_nothing(self):
        record = change(item(), None)
        del record["OldImage"]
        self.assertEqual([row["message_id"] for row in self.rows({"Item": item()}, record)], ["m1"])

    def test_what_the_lake_cannot_hold_fails_without_its_value(self):
        wrong = {
            "unknown has no column": {"unknown": {"S": "secret"}},
            "position is no bigint": {"position": {"N": "1.5"}},
            "tokens_used is no bigint": {"tokens_used": {"S": "secret"}},
            "first_received_at is no timestamp": {"first_received_at": {"S": "secret"}},
            "session_id is missing": {"session_id": None},
            "content is no string": {"content": {"L": [{"S": "secret"}]}},
        }
        for problem, attributes in wrong.items():
            with self.subTest(problem), self.assertRaises(Exception) as raised:
                self.full(item(**attributes))
            self.assertIn(problem, str(raised.exception))
            self.assertNotIn("secret", str(raised.exception))

    def test_a_line_that_is_no_json_fails(self):
        lines = self.spark.createDataFrame([('{"Item": {"user_id": {"S": "2026-11-20T"',)], "value string")
        with self.assertRaises(Exception):
            items(lines, DAY).collect()

    def test_manifests_lead_to_the_data_files(self):
        summary = {"outputFormat": "DYNAMODB_JSON", "itemCount": 3, "exportTime": "2026-11-21T00:00:00.000Z"}
        files = [
            {"itemCount": 1, "dataFileS3Key": "AWSDynamoDB/01-a/data/x.json.gz"},
            {"itemCount": 2, "dataFileS3Key": "raw-exports/AWSDynamoDB/01-a/data/y.json.gz"},
        ]
        found = self.read("raw-exports/AWSDynamoDB/01-a", summary, files)
        self.assertEqual([path.partition("/raw-exports/")[2] for path in found.files], [
            "AWSDynamoDB/01-a/data/x.json.gz",
            "AWSDynamoDB/01-a/data/y.json.gz",
        ])
        self.assertEqual((found.records, found.since), (3, None))

    def test_data_files_of_an_incremental_export_lie_in_a_common_folder(self):
        summary = {
            "outputFormat": "DYNAMODB_JSON",
            "exportType": "INCREMENTAL_EXPORT",
            "itemCount": 1,
            "exportFromTime": "2026-11-21T00:00:00.000Z",
            "exportToTime": "2026-11-22T00:00:00Z",
        }
        found = self.read("AWSDynamoDB/02-b", summary, [{"itemCount": 1, "dataFileS3Key": "AWSDynamoDB/data/x.json.gz"}])
        self.assertTrue(found.files[0].endswith("/AWSDynamoDB/data/x.json.gz"))
        self.assertEqual(found.since, datetime(2026, 11, 21, tzinfo=timezone.utc))

    def test_manifests_that_disagree_are_refused(self):
        summary = {"outputFormat": "DYNAMODB_JSON", "itemCount": 2, "exportTime": "2026-11-21T00:00:00.000Z"}
        with self.assertRaisesRegex(ValueError, "1 records, the summary 2"):
            self.read("AWSDynamoDB/01-a", summary, [{"itemCount": 1, "dataFileS3Key": "AWSDynamoDB/01-a/data/x.json.gz"}])

    def test_a_gap_between_exports_is_refused(self):
        first, second, third = (datetime(2026, 11, day, tzinfo=timezone.utc) for day in (1, 2, 3))
        full, next_one, late = Export([], 0, None, first), Export([], 0, first, second), Export([], 0, third, third)
        check_chain([full, next_one])
        for chain in ([], [next_one], [full, late]):
            with self.subTest(len(chain)), self.assertRaises(ValueError):
                check_chain(chain)

    def read(self, key, summary, files):
        with tempfile.TemporaryDirectory() as bucket:
            folder = Path(bucket, key)
            folder.mkdir(parents=True)
            (folder / "manifest-summary.json").write_text(json.dumps(summary))
            (folder / "manifest-files.json").write_text("".join(json.dumps(file) + "\n" for file in files))
            return read_export(f"{folder}/", lambda path: Path(path).read_text())
