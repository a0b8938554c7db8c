"""Reads a Parquet file and writes it again as pyarrow does: arguments are source, target, codec."""

import sys

import pyarrow.parquet as parquet

source, target, codec = sys.argv[1:]
table = parquet.read_table(source)
parquet.write_table(table, target, compression=codec, row_group_size=100, write_page_index=True)
