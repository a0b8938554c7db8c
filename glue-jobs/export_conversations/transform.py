"""Rows of the lake from the lines of DynamoDB's own exports. DataFrames in, DataFrames out."""

from datetime import date
from typing import Any

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

SHARDS = 16

# What the session must be set to.
SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    # Spark would infer what holds for each of thirty columns from each other one, which takes it minutes.
    "spark.sql.constraintPropagation.enabled": "false",
}

SPARK_TYPES = {
    "string": "string",
    "json": "string",
    "bigint": "bigint",
    "double": "double",
    "boolean": "boolean",
    "timestamp": "timestamp",
    "date": "date",
}

# Attributes that are keys of indexes, bookkeeping, or read by other names.
OTHER_ATTRIBUTES = ["kind", "metadata", "ttl", "message_type_shard", "day_shard", "day_sort"]
# Columns that are keys of the map `metadata`.
OF_METADATA = ["sentiment", "sentiment_score", "intent", "language"]

_VALUE = "struct<S:string,N:string,BOOL:boolean,NULL:boolean,M:map<string,struct<S:string,N:string>>>"
_ITEM = f"map<string,{_VALUE}>"
# A full export has `Item`, an incremental one the images before and after.
_LINE = f"Item {_ITEM}, NewImage {_ITEM}, OldImage {_ITEM}"

_ISO = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"
_ISO_LENGTH = 24
_INTEGER = r"^-?\d{1,19}$"


def items(lines: DataFrame, day: date) -> DataFrame:
    """The item that each line (column `value`) tells of, as the map `item`: the later image, or the one that was deleted.

    Only lines that mention the UTC day are parsed; there may be items of other days among them.

    The lake keeps what the table lets expire, so that a deletion there is none here; erasures are told by the fence.
    A deletion that says only which key it was has no item.
    """
    line = F.from_json("value", _LINE, {"mode": "FAILFAST"})
    # Out of an array, because Spark would otherwise parse the line again for every condition on it.
    parsed = lines.where(F.col("value").contains(f"{day.isoformat()}T")).select(F.explode(F.array(line)).alias("line"))
    item = F.coalesce("line.Item", "line.NewImage", "line.OldImage")
    return parsed.select(item.alias("item")).where("item IS NOT NULL")


def day_rows(exported: DataFrame, day: date, columns: list[dict[str, Any]]) -> DataFrame:
    """Rows of a UTC day as the lake has them, of each message its latest state; with the column `shard`, 0 to 15.

    `exported`: what `items` returned, of one export or of several; `columns`: those of `queries/schema/messages.json`.
    An item that the lake cannot hold exactly fails the job, with the column's name and no value.
    """
    of_day = exported.where(F.substring(F.col("item")["timestamp"]["S"], 1, 10) == day.isoformat())
    values = {column["name"]: _value(column["name"], column["type"]) for column in columns}
    problem = F.coalesce(_unknown_attribute(columns), *[_problem(column, values) for column in columns], F.lit(None))
    checked = F.when(problem.isNull(), values["user_id"]).otherwise(F.raise_error(problem))
    rows = of_day.select(*[value.alias(name) for name, value in ({**values, "user_id": checked}).items()])
    latest = Window.partitionBy("user_id", "timestamp", "message_id").orderBy(F.desc("generation"), F.desc("revision"))
    rows = rows.withColumn("place", F.row_number().over(latest)).where("place = 1").drop("place")
    return rows.withColumn("shard", (F.crc32(F.col("user_id").cast("binary")) % SHARDS).cast("int"))


def in_lake_order(rows: DataFrame) -> DataFrame:
    """Each shard in one partition, sorted as the lake is. Spark compares strings by their UTF-8 bytes, as the lake does."""
    return rows.repartition(SHARDS, "shard").sortWithinPartitions("shard", "user_id", "timestamp", "message_id")


def _attribute(name: str) -> Column:
    item = F.col("item")
    return item["metadata"]["M"][name] if name in OF_METADATA else item[name]


def _value(name: str, kind: str) -> Column:
    """A column's value; null where there is none, and where there is one of another kind."""
    if name == "utc_day":
        return F.to_date(_value("timestamp", "timestamp"))
    attribute = _attribute(name)
    if kind == "timestamp":
        # The sort key is the time and the message's id.
        text = F.substring(attribute["S"], 1, _ISO_LENGTH) if name == "timestamp" else attribute["S"]
        return F.when(text.rlike(_ISO), F.to_timestamp(text))
    if kind == "bigint":
        return F.when(attribute["N"].rlike(_INTEGER), attribute["N"].cast("bigint"))
    if kind == "double":
        # What is too small for DynamoDB's numbers is kept as its text.
        return F.coalesce(attribute["N"], attribute["S"]).cast("double")
    if kind == "boolean":
        return attribute["BOOL"]
    return attribute["S"]


def _problem(column: dict[str, Any], values: dict[str, Column]) -> Column:
    name, value = column["name"], values[column["name"]]
    if name == "utc_day":
        return F.lit(None).cast("string")
    is_there = _attribute(name).isNotNull()
    wrong = F.when(is_there & value.isNull(), F.lit(f"{name} is no {column['type']} that the lake can hold"))
    if column["nullable"]:
        return wrong
    return F.coalesce(wrong, F.when(value.isNull(), F.lit(f"{name} is missing")))


def _unknown_attribute(columns: list[dict[str, Any]]) -> Column:
    known = F.array(*[F.lit(name) for name in [column["name"] for column in columns] + OTHER_ATTRIBUTES])
    unknown = F.array_except(F.map_keys("item"), known)
    return F.when(F.size(unknown) > 0, F.concat(unknown[0], F.lit(" has no column in the lake's schema")))
