#!/usr/bin/env python3
"""Reads every table of a run in Parquet with other people's readers, and compares it with the same columns in NDJSON.

    parquet.py FOLDER

FOLDER has TABLE.parquet, TABLE.none.parquet, TABLE.zstd.parquet and TABLE.ndjson.gz of each table, with equal columns, and
empty.parquet, a window without rows. Exit code 1 where anything differs.
"""

import datetime
import gzip
import json
import os
import sys
from pathlib import Path

# Spark gives timestamps in the zone of the process.
os.environ.update(TZ="UTC", SPARK_LOCAL_IP="127.0.0.1")

import chdb
import duckdb
import fastparquet
import pandas
import polars
import pyarrow.dataset
import pyarrow.parquet
from pyspark.sql import SparkSession
from pyspark.sql.functions import col, lit

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


def start_spark():
    return SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").config(
        "spark.driver.bindAddress", "127.0.0.1").config("spark.driver.host", "127.0.0.1").config(
        "spark.sql.session.timeZone", "UTC").config("spark.sql.caseSensitive", "true").config(
        "spark.log.level", "ERROR").config("spark.ui.showConsoleProgress", "false").getOrCreate()


def spark_name(column):
    return "`" + column.replace("`", "``") + "`"


def read_by_engine(path):
    """The rows of a file, as ClickHouse's engine reads them."""
    return chdb.query(f"SELECT * FROM file('{path}', Parquet) SETTINGS session_timezone = 'UTC'", "ArrowTable")


def read_table(folder, table, spark, suffix=""):
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
    frame = spark.read.parquet(str(path))
    assert frame.columns == columns, f"{path.name} by Spark: other columns"
    rows = [[value.replace(tzinfo=UTC) if isinstance(value, datetime.datetime) else value for value in row] for row in frame.collect()]
    check(f"{path.name} by Spark", columns, rows, want)
    if objects:
        found_by_engine = read_by_engine(path)
        assert found_by_engine.column_names == columns, f"{path.name} by ClickHouse's engine: other columns"
        check(f"{path.name} by ClickHouse's engine", columns, list(zip(*(
            [plain(value) for value in column.to_pylist()] for column in found_by_engine.columns))), want)
    return path, columns, kinds, [[plain(value) for value in row.values()] for row in found.to_pylist()]


def prune(path, columns, kinds, rows, spark):
    """A filter on each column gives the rows that a scan gives, whether readers skip row groups by statistics or not."""
    database = duckdb.connect()
    database.execute("SET TimeZone = 'UTC'")
    dataset = pyarrow.dataset.dataset(path)
    by_spark = {}
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
            by_spark[column, value] = scan
            checked += 1
    # Pruned by statistics, and not.
    for pushed in ("true", "false"):
        spark.conf.set("spark.sql.parquet.filterPushdown", pushed)
        frame = spark.read.parquet(str(path))
        for (column, value), scan in by_spark.items():
            found = frame.filter(col(spark_name(column)) == lit(value)).count()
            assert found == scan, f"{path.name}: {column} = {value!r}: {scan} by a scan, Spark {found} (pushed down: {pushed})"
    return checked


def main(folder):
    checked = 0
    spark = start_spark()
    for table in ("conversations", "messages", "feedbacks", "action_logs", "attachments"):
        path, columns, kinds, rows = read_table(folder, table, spark)
        for suffix in (".none", ".zstd"):
            read_table(folder, table, spark, suffix)
        checked += prune(path, columns, kinds, rows, spark)
        print(f"  {table}: {len(rows)} rows of {len(columns)} columns, read by seven readers")
    print(f"  {checked} filters give the rows that a scan gives")
    empty = folder / "empty.parquet"
    metadata = pyarrow.parquet.read_metadata(empty)
    assert metadata.num_rows == metadata.num_row_groups == 0 and metadata.num_columns > 10
    assert duckdb.connect().execute("SELECT count(*) FROM read_parquet(?)", [str(empty)]).fetchone() == (0,)
    assert spark.read.parquet(str(empty)).count() == 0
    assert polars.read_parquet(empty).height == len(pandas.read_parquet(empty)) == 0
    spark.stop()
    print("  a window without rows is a file without row groups")


main(Path(sys.argv[1]))
