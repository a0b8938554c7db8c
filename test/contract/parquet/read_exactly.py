"""Prints every value of a Parquet file to the bit, as JSON lines: argument 1 is the file, others are users to filter by."""

import json
import struct
import sys

import pyarrow
import pyarrow.parquet as parquet


def exact(value: pyarrow.Scalar) -> str | bool | None:
    if not value.is_valid:
        return None
    kind = value.type
    if pyarrow.types.is_string(kind):
        return value.as_py().encode().hex()
    if pyarrow.types.is_floating(kind):
        return struct.pack(">d", value.as_py()).hex()
    if pyarrow.types.is_boolean(kind):
        return value.as_py()
    if pyarrow.types.is_timestamp(kind) or pyarrow.types.is_date32(kind):
        return str(value.value)
    return str(value.as_py())


def show(table: pyarrow.Table) -> None:
    for index in range(table.num_rows):
        print(json.dumps({name: exact(table[name][index]) for name in table.column_names}))


file, *users = sys.argv[1:]
schema = parquet.read_schema(file)
print(json.dumps({field.name: str(field.type) + ("" if field.nullable else " not null") for field in schema}))
if users:
    for user in users:
        show(parquet.read_table(file, filters=[("user_id", "=", user)]))
else:
    show(parquet.read_table(file))
