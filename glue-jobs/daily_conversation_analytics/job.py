"""Glue job `daily-conversation-analytics`: stages what people did on a day, and their patterns of 90 days."""

import argparse
from datetime import date, timedelta

from pyspark.errors import AnalysisException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import StructType
from transform import MESSAGES, WINDOW_DAYS, aggregated_patterns, daily_behavior


def main() -> None:
    options = _options()
    spark = SparkSession.builder.appName("daily-conversation-analytics").getOrCreate()
    spark.conf.set("spark.sql.session.timeZone", "UTC")
    spark.conf.set("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MILLIS")
    spark.conf.set("spark.sql.parquet.compression.codec", "zstd")
    output = options.s3_output_path.rstrip("/")

    messages = _read(spark, MESSAGES, _partition(options.s3_input_path, options.date))
    _stage(daily_behavior(messages, options.date), f"{output}/user_behavior")

    # What was staged, rather than computing it again; the day's published file may be an older one.
    today = spark.read.parquet(f"{output}/user_behavior")
    before = _before(spark, today.schema, options.s3_history_path, options.date)
    _stage(aggregated_patterns(today.unionByName(before), options.date), f"{output}/user_patterns")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--date", type=date.fromisoformat, required=True)
    parser.add_argument("--s3-input-path", required=True)
    parser.add_argument("--s3-output-path", required=True)
    parser.add_argument("--s3-history-path")
    # Glue passes arguments of its own.
    options, _ = parser.parse_known_args()
    if options.s3_history_path is None:
        lake = options.s3_input_path.rstrip("/").rpartition("/")[0]
        options.s3_history_path = f"{lake}/analytics/user_behavior/daily"
    return options


def _partition(folder: str, day: date) -> str:
    return f"{folder.rstrip('/')}/year={day:%Y}/month={day:%m}/day={day:%d}"


def _read(spark: SparkSession, schema: StructType | str, folder: str) -> DataFrame:
    """Rows of a folder, none where it is not there. Columns that an older file lacks are null."""
    try:
        return spark.read.schema(schema).parquet(folder)
    except AnalysisException as error:
        if error.getErrorClass() != "PATH_NOT_FOUND":
            raise
        return spark.createDataFrame([], schema)


def _before(spark: SparkSession, schema: StructType, folder: str, day: date) -> DataFrame:
    """The published files of the window's days before this one."""
    rows = _read(spark, schema, folder)
    if "year" in rows.columns:
        partition = F.make_date("year", "month", "day")
        rows = rows.where(partition.between(F.lit(day - timedelta(days=WINDOW_DAYS - 1)), F.lit(day - timedelta(days=1))))
    return rows.select(*schema.names)


def _stage(rows: DataFrame, folder: str) -> None:
    """Writes rows in their order. Files in the order of their names are sorted as a whole."""
    rows.write.mode("overwrite").parquet(folder)


if __name__ == "__main__":
    main()
