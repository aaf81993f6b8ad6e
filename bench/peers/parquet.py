"""Writes rows of NDJSON as Parquet, thirty columns: without a service, from a file.

    parquet.py pyarrow|polars|duckdb ROWS OUTPUT gzip|zstd|none
"""

import datetime
import json
import sys

FIELDS = """id conversation_id name customer_id device language environment started_at ended_at is_marked is_used messages feedbacks
metadata.shop metadata.priority metadata.customer_tier metadata.visits metadata.trial metadata.analysis.sentiment metadata.analysis.score
metadata.order.id metadata.order.total metadata.order.items geo_location.city geo_location.region geo_location.country
geo_location.country_code geo_location.latitude geo_location.longitude geo_location.timezone""".split()


def value(row, path):
    for key in path.split("."):
        row = row.get(key) if isinstance(row, dict) else None
    if isinstance(row, (dict, list)):
        return json.dumps(row, ensure_ascii=False, separators=(",", ":"))
    return datetime.datetime.fromisoformat(row) if row and path.endswith("ed_at") else row


def columns(rows):
    """Values of a column that are not of one type are text, as a person's script would have it."""
    with open(rows, encoding="utf-8") as lines:
        records = [[value(json.loads(line), path) for path in FIELDS] for line in lines]
    found = {}
    for place, path in enumerate(FIELDS):
        values = [record[place] for record in records]
        if len({type(item) for item in values if item is not None}) > 1:
            values = [None if item is None else str(item) for item in values]
        found[path.replace(".", "__")] = values
    return found


library, rows, output, codec = sys.argv[1:]
if library == "duckdb":
    import duckdb

    chosen = ", ".join("json_extract_string(json, '$." + path + "') AS \"" + path.replace(".", "__") + "\"" for path in FIELDS)
    duckdb.execute(
        f"COPY (SELECT {chosen} FROM read_ndjson_objects('{rows}', maximum_object_size = 134217728)) "
        f"TO '{output}' (FORMAT parquet, COMPRESSION {codec.replace('none', 'uncompressed')})")
elif library == "polars":
    import polars

    polars.DataFrame(columns(rows), strict=False).write_parquet(output, compression=codec.replace("none", "uncompressed"))
else:
    import pyarrow
    import pyarrow.parquet

    pyarrow.parquet.write_table(pyarrow.table(columns(rows)), output, compression=codec)
