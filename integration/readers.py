#!/usr/bin/env python3
"""Reads every output of one run with Python's own readers, jq and gzip, and compares them with samples/conversations.ndjson.

    readers.py FOLDER

Exit code 1 where anything differs.
"""

import csv
import gzip
import io
import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

SAMPLES = Path(__file__).resolve().parent.parent / "samples"
REST = {"metadata": "metadata__rest", "geo_location": "geo_location__rest"}


def loads(text):
    """Numbers to the digit: Python's floats would hide what was lost."""
    return json.loads(text, parse_float=Decimal, parse_int=Decimal)


def leaves(value, path):
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from leaves(inner, path + [key])
    else:
        yield "__".join(path), value


def held(column, value):
    """Whether a column has the value: one of text, or of long decimals, has numbers and booleans as text."""
    if isinstance(column, str) and isinstance(value, Decimal):
        return Decimal(column) == value
    return column == (str(value).lower() if isinstance(column, str) and isinstance(value, bool) else value)


def main(folder):
    sample = [json.loads(line) for line in (SAMPLES / "conversations.ndjson").read_text("utf-8").split("\n") if line]
    order = {row["id"]: index for index, row in enumerate(sample)}
    original = (SAMPLES / "conversations.ndjson").read_bytes().split(b"\n")

    raw = gzip.decompress((folder / "raw.ndjson.gz").read_bytes())
    lines = raw.split(b"\n")
    assert lines.pop() == b"" and len(lines) == len(sample) == 400, len(lines)
    for line in lines:
        assert line == original[order[json.loads(line)["id"]]], "a row is not what the service sent, byte for byte"
    print(f"  {len(lines)} rows are the service's own bytes")

    assert (folder / "plain.ndjson").read_bytes() == raw
    for name in ("raw.ndjson.gz", "flat.ndjson.gz", "warehouse.csv.gz", "best.csv.gz"):
        data = (folder / name).read_bytes()
        assert subprocess.run(["gzip", "-dc", folder / name], check=True, capture_output=True).stdout == gzip.decompress(data)
        subprocess.run(["gzip", "-t", folder / name], check=True)
        # One member: a reader that stops after the first has all of it.
        import zlib

        reader = zlib.decompressobj(31)
        reader.decompress(data)
        assert reader.eof and not reader.unused_data, name
    ids = subprocess.run(["jq", "-r", ".id"], input=raw, check=True, capture_output=True).stdout.split()
    assert [int(text) for text in ids] == [json.loads(line)["id"] for line in lines]
    print("  gzip, zlib and jq read one whole member")

    flat = [loads(line) for line in gzip.decompress((folder / "flat.ndjson.gz").read_bytes()).decode().split("\n") if line]
    warehouse = gzip.decompress((folder / "warehouse.csv.gz").read_bytes()).decode()
    assert warehouse == gzip.decompress((folder / "best.csv.gz").read_bytes()).decode()
    assert "\r\n" not in warehouse.split("\n")[0]
    table = list(csv.reader(io.StringIO(warehouse, newline=""), strict=True))
    header, cells = table[0], table[1:]
    assert len(cells) == len(flat) == 400
    checked = 0
    for row, columns, record in zip(map(loads, lines), flat, cells, strict=True):
        assert list(columns) == header, "NDJSON and CSV have the same columns"
        record = dict(zip(header, record, strict=True))
        for name, value in columns.items():
            if value is None:
                assert record[name] == "", name
            elif isinstance(value, bool):
                assert record[name] == str(value).lower(), name
            elif isinstance(value, str) and name not in REST.values():
                assert record[name] == value, name
            else:
                assert loads(record[name]) == value, name
            checked += 1
        # Nothing of the row is lost: each leaf is in its column, or in the rest.
        for field, rest in REST.items():
            left = dict(leaves(columns[rest], [field])) if columns[rest] is not None else {}
            for name, value in leaves(row[field], [field]):
                if value is None or value == {}:
                    continue
                assert held(columns.get(name), value) or left.get(name) == value or columns[rest] == value, name
    print(f"  NDJSON and CSV hold the same {checked} values")

    # What is null is empty, and what is empty is quoted.
    named = {loads(line)["id"]: loads(line)["name"] for line in lines}
    first = warehouse.split("\n", 1)[1]
    assert ',"",' in first and ",," in first
    assert any(name == "" for name in named.values()) and any(name is None for name in named.values())

    digits = {text for text in ("9007199254740993", "18446744073709551616", "1e-7", "0.1", "1E400") if text.encode() in raw}
    for text in digits:
        assert text in warehouse, text
    assert len(digits) >= 3, digits
    print(f"  numbers keep their digits: {', '.join(sorted(digits))}")

    sheet = (folder / "spreadsheet.csv").read_bytes()
    assert sheet.startswith(b"\xef\xbb\xbf")
    table = list(csv.reader(io.StringIO(sheet.decode("utf-8-sig"), newline=""), strict=True))
    assert len(table) == 401
    for record in table:
        for cell in record:
            if cell[:1] in tuple("=+-@\t\r＝＋－＠"):
                Decimal(cell)  # text that is just a number is left alone
    print("  no cell of the spreadsheet would run")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
