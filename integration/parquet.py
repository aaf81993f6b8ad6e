#!/usr/bin/env python3
"""Reads every table of a run in Parquet with other people's readers, and compares it with the same columns in NDJSON.

    parquet.py FOLDER

FOLDER has TABLE.parquet, TABLE.none.parquet and TABLE.ndjson.gz of each table, with equal columns, and empty.parquet, a window without
rows. Exit code 1 where anything differs.
"""

import datetime
import gzip
import json
import sys
from pathlib import Path

import duckdb
import fastparquet
import pandas
import polars
import pyarrow.dataset
import pyarrow.parquet

UTC = datetime.timezone.utc
KINDS = {"bool": "boolean", "int64": "integer", "double": "number", "string": "text", "timestamp[us, tz=UTC]": "timestamp"}


class Number(str):
    """A number as it stands in JSON."""


def loads(text):
    return json.loads(text, parse_float=Number, parse_int=Number)


def expected(value, kind):
    """What a column has to give for a value of NDJSON."""
    if value is None:
        return None
    if kind == "integer":
        return int(value)
    if kind == "number":
        return float(value)
    if kind == "timestamp":
        return datetime.datetime.fromisoformat(value).astimezone(UTC)
    if kind == "boolean":
        assert value is True or value is False
        return value
    if isinstance(value, (Number, str)):
        return str(value)
    # Objects and lists are JSON text, compared as what they mean.
    return ("json", value if isinstance(value, (dict, list)) else json.dumps(value))


def agrees(value, want):
    if isinstance(want, tuple):
        return isinstance(value, str) and (loads(value) == want[1] or value == want[1])
    if isinstance(want, str) and isinstance(value, str) and value != want:
        # A column of JSON has a string in quotes.
        return value.startswith('"') and json.loads(value) == want or lone(value) == lone(want)
    return type(value) is type(want) and value == want


def lone(text):
    """Half a surrogate pair is written as its escape."""
    return "".join(f"\\u{ord(letter):04x}" if 0xD800 <= ord(letter) <= 0xDFFF else letter for letter in text).lower()


def check(name, columns, rows, want):
    assert len(rows) == len(want), f"{name}: {len(rows)} rows, and not {len(want)}"
    for number, (row, wanted) in enumerate(zip(rows, want)):
        for column, value, wanted_value in zip(columns, row, wanted):
            assert agrees(value, wanted_value), f"{name}: row {number}, {column}: {value!r}, and not {wanted_value!r}"


def plain(value):
    """A value of a reader as Python's own."""
    if value is None or value is pandas.NA or value is pandas.NaT or isinstance(value, float) and value != value:
        return None
    if isinstance(value, pandas.Timestamp):
        return value.to_pydatetime().astimezone(UTC)
    if isinstance(value, datetime.datetime):
        return value.astimezone(UTC)
    if isinstance(value, bytes):
        return value.decode("utf-8")
    return value.item() if hasattr(value, "item") else value


def frame_rows(frame, kinds):
    rows = []
    for record in frame.itertuples(index=False, name=None):
        row = [plain(value) for value in record]
        # A column of numbers with nulls is one of floats in a frame.
        for place, kind in enumerate(kinds):
            if kind == "integer" and isinstance(row[place], float):
                row[place] = int(row[place])
            if kind == "boolean" and isinstance(row[place], float):
                row[place] = bool(row[place])
        rows.append(row)
    return rows


def read_table(folder, table, suffix=""):
    path = folder / f"{table}{suffix}.parquet"
    lines = gzip.decompress((folder / f"{table}.ndjson.gz").read_bytes()).decode("utf-8").split("\n")[:-1]
    objects = [loads(line) for line in lines]
    found = pyarrow.parquet.read_table(path, page_checksum_verification=True)
    columns = found.column_names
    kinds = [KINDS[str(field.type)] for field in found.schema]
    if objects:
        assert columns == list(objects[0]), f"{table}: other columns"
    want = [[expected(row[column], kind) for column, kind in zip(columns, kinds)] for row in objects]
    metadata = pyarrow.parquet.read_metadata(path)
    assert metadata.created_by.startswith("agentsight-export version ") and " (build " in metadata.created_by
    check(f"{path.name} by pyarrow", columns, [[plain(value) for value in row.values()] for row in found.to_pylist()], want)
    database = duckdb.connect()
    database.execute("SET TimeZone = 'UTC'")
    rows = database.execute("SELECT * FROM read_parquet(?)", [str(path)]).fetchall()
    check(f"{path.name} by DuckDB", columns, [[plain(value) for value in row] for row in rows], want)
    check(f"{path.name} by polars", columns, [[plain(value) for value in row] for row in polars.read_parquet(path).rows()], want)
    frame = pandas.read_parquet(path, dtype_backend="pyarrow")
    check(f"{path.name} by pandas", columns, frame_rows(frame, kinds), want)
    frame = fastparquet.ParquetFile(str(path)).to_pandas()
    if objects:
        check(f"{path.name} by fastparquet", columns, frame_rows(frame, kinds), want)
    return path, columns, kinds, [[plain(value) for value in row.values()] for row in found.to_pylist()]


def prune(path, columns, kinds, rows):
    """A filter on each column gives the rows that a scan gives, whether readers skip row groups by statistics or not."""
    database = duckdb.connect()
    database.execute("SET TimeZone = 'UTC'")
    dataset = pyarrow.dataset.dataset(path)
    checked = 0
    for place, (column, kind) in enumerate(zip(columns, kinds)):
        values = sorted({row[place] for row in rows if row[place] is not None}, key=lambda value: value.encode() if isinstance(value, str) else value)
        if not values:
            continue
        for value in {values[0], values[len(values) // 2], values[-1]}:
            scan = sum(1 for row in rows if row[place] == value)
            name = '"' + column.replace('"', '""') + '"'
            by_duckdb, = database.execute(f"SELECT count(*) FROM read_parquet(?) WHERE {name} = ?", [str(path), value]).fetchone()
            by_pyarrow = dataset.count_rows(filter=pyarrow.dataset.field(column) == value)
            by_polars = polars.scan_parquet(path).filter(polars.col(column) == polars.lit(value)).collect().height
            assert {by_duckdb, by_pyarrow, by_polars} == {scan}, (
                f"{path.name}: {column} = {value!r}: {scan} by a scan, DuckDB {by_duckdb}, pyarrow {by_pyarrow}, polars {by_polars}")
            checked += 1
    return checked


def main(folder):
    checked = 0
    for table in ("conversations", "messages", "feedbacks", "action_logs", "attachments"):
        path, columns, kinds, rows = read_table(folder, table)
        read_table(folder, table, ".none")
        checked += prune(path, columns, kinds, rows)
        print(f"  {table}: {len(rows)} rows of {len(columns)} columns, read by pyarrow, DuckDB, polars, pandas and fastparquet")
    print(f"  {checked} filters give the rows that a scan gives")
    empty = folder / "empty.parquet"
    metadata = pyarrow.parquet.read_metadata(empty)
    assert metadata.num_rows == metadata.num_row_groups == 0 and metadata.num_columns > 10
    assert duckdb.connect().execute("SELECT count(*) FROM read_parquet(?)", [str(empty)]).fetchone() == (0,)
    assert polars.read_parquet(empty).height == len(pandas.read_parquet(empty)) == 0
    print("  a window without rows is a file without row groups")


main(Path(sys.argv[1]))
