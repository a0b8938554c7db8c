"""Glue job `export-conversations`: stages the rows of a UTC day from DynamoDB's own exports."""

import argparse
import json
from datetime import date

from manifest import check_chain, read_export
from pyspark.sql import DataFrame, Observation, SparkSession
from pyspark.sql import functions as F
from transform import SETTINGS, day_rows, in_lake_order, items


def main() -> None:
    options = _options()
    spark = SparkSession.builder.appName("export-conversations").getOrCreate()
    files = {"outputTimestampType": "TIMESTAMP_MILLIS", "compression.codec": "zstd"}
    for name, value in {**SETTINGS, **{f"spark.sql.parquet.{name}": value for name, value in files.items()}}.items():
        spark.conf.set(name, value)

    def read_text(path: str) -> str:
        return spark.read.text(path, wholetext=True).collect()[0].value

    schema = json.loads(read_text(options.schema_path))
    exports = [read_export(folder, read_text) for folder in options.s3_input_path.split(",")]
    check_chain(exports)
    lines, seen = _lines(spark, [file for export in exports for file in export.files])
    rows = in_lake_order(day_rows(items(lines, options.date), options.date, schema["columns"]))
    rows.write.mode("overwrite").partitionBy("shard").parquet(options.s3_output_path)

    expected = sum(export.records for export in exports)
    if seen.get["records"] != expected:
        raise ValueError(f"the data files have {seen.get['records']} records, their manifests {expected}")


def _lines(spark: SparkSession, files: list[str]) -> tuple[DataFrame, Observation]:
    """The lines of the data files, counted as they pass."""
    seen = Observation("export")
    lines = spark.read.text(files, lineSep="\n").where("value <> ''")
    return lines.observe(seen, F.count(F.lit(1)).alias("records")), seen


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--date", type=date.fromisoformat, required=True)
    parser.add_argument("--s3-input-path", required=True)
    parser.add_argument("--s3-output-path", required=True)
    parser.add_argument("--schema-path", required=True)
    # Glue passes arguments of its own.
    return parser.parse_known_args()[0]


if __name__ == "__main__":
    main()
