"""Rows in CSV and NDJSON, read back by Python's own readers."""

import csv
import io
import json
import re

from json_oracle import Number, Pairs, compare, canonical, minified, parse, plain

csv.field_size_limit(2**31 - 1)
DECODER = json.JSONDecoder(object_pairs_hook=Pairs, parse_int=Number, parse_float=Number)
NUMBER = re.compile(r"[+-](?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?", re.ASCII)
DANGEROUS = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")


def runs_as_formula(text):
    return text.startswith(DANGEROUS) and not NUMBER.fullmatch(text)


def skip_space(text, position):
    while text[position] in " \t\r\n":
        position += 1
    return position


def source_of(case):
    """Each row's text: what a column of JSON has to hold."""
    start = skip_space(case, case.index('"rows":[') + len('"rows":['))
    rows = []
    while case[start] != "]":
        start = skip_space(case, start + 1) if case[start] == "," else start
        _, end = DECODER.raw_decode(case, start)
        rows.append(case[start:end])
        start = skip_space(case, end)
    return rows


def members(text):
    """The members of a minified object as key and text of the value; of duplicates the last."""
    position, found = 1, {}
    while text[position] != "}":
        position += text[position] == ","
        key, position = DECODER.raw_decode(text, position)
        start = position + 1
        _, position = DECODER.raw_decode(text, start)
        found[key] = text[start:position]
    return found


def cell(row, path):
    """The text of the value at the path, null where there is none."""
    for key in path:
        if not row.startswith("{"):
            return "null"
        row = members(row).get(key, "null")
    return row


def fields_of(text):
    """The records of a CSV file and, for each field, whether it stands in quotes."""
    records, record, field, quoted, position = [], [], "", False, 0
    while position < len(text):
        if text[position] == '"' and not field and not quoted:
            quoted = True
            position += 1
            while True:
                end = text.index('"', position)
                field += text[position:end]
                position = end + 1
                if text[position:position + 1] != '"':
                    break
                field += '"'
                position += 1
        elif text[position] in ",\n" or text.startswith("\r\n", position):
            record.append((field, quoted))
            field, quoted = "", False
            if text[position] == ",":
                position += 1
            else:
                position += 2 if text[position] == "\r" else 1
                records.append(record)
                record = []
        else:
            if quoted or text[position] in '"\r':
                raise ValueError(f"a stray character after a field, at {position}")
            field += text[position]
            position += 1
    if record or field or quoted:
        raise ValueError("the last record has no end")
    return records


def csv_verdict(case, columns, rows, answer):
    spreadsheet = case["dialect"] == "spreadsheet"
    text = answer.decode("utf-8")
    if spreadsheet != text.startswith("\ufeff"):
        return "the byte order mark is wrong"
    text = text[1:] if spreadsheet else text
    records = fields_of(text)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    # The one record that the module takes for an empty line is that of a single null.
    if list(reader) != [[] if record == [("", False)] else [field for field, _ in record] for record in records]:
        return "the csv module reads other records"
    ending = "\r\n" if spreadsheet else "\n"
    if not text.endswith(ending) or (not spreadsheet and text.endswith("\r\n") and not text.endswith('"\r\n')):
        return "the last record has another ending"
    if len(records) != len(rows) + 1:
        return f"{len(records) - 1} records of {len(rows)} rows"
    wanted = [[(plain(column["name"]), True) for column in columns]]
    for row in rows:
        wanted.append([expected_field(cell(row, column["path"]), column["type"]) for column in columns])
    for record, want in zip(records, wanted):
        if len(record) != len(want):
            return f"{len(record)} fields of {len(want)} columns"
        for (field, quoted), (value, is_text) in zip(record, want):
            if value is None:
                if field or quoted:
                    return f"null came as {field!r}, in quotes: {quoted}"
                continue
            if not value and not quoted:
                return "the empty string came as null"
            inert = "'" + value if spreadsheet and is_text and runs_as_formula(value) else value
            if plain(field) != plain(inert):
                return f"{inert!r} came as {field!r}"
            if spreadsheet and runs_as_formula(field):
                return f"{field!r} would run as a formula"
    return None


def expected_field(value, kind):
    """The field that a value's text makes, and whether it is text to a spreadsheet. None for null."""
    if value == "null":
        return None, False
    if value.startswith('"') and kind != "json":
        return plain(parse(value)), True
    return value, False


def ndjson_verdict(case, columns, rows, answer):
    lines = answer.decode("utf-8").split("\n")
    if lines.pop() != "":
        return "the last line has no end"
    if len(lines) != len(rows):
        return f"{len(lines)} lines of {len(rows)} rows"
    for line, row in zip(lines, rows):
        if columns is None:
            want = parse(row)
            if line != row:
                return compare(row.encode(), line.encode())
        else:
            want = Pairs((column["name"], parse(expected_member(cell(row, column["path"]), column["type"]))) for column in columns)
        if verdict := compare(canonical(want), canonical(parse(line))):
            return verdict
    return None


def expected_member(value, kind):
    return f'"{value}"' if kind == "string" and value[0] not in '"{[n' else value


def judge(given, answer):
    text = given.decode("utf-8")
    case = dict(parse(text))
    rows = [minified(row) for row in source_of(text)]
    columns = case["columns"]
    if columns is not None:
        columns = [dict(column) for column in columns]
        names = [column["name"] for column in columns]
        if (len(set(names)) != len(names)) != (answer == b"!names"):
            return "names that are there twice are refused, and no others"
    if answer == b"!names":
        return None
    return (csv_verdict if case["format"] == "csv" else ndjson_verdict)(case, columns, rows, answer)
