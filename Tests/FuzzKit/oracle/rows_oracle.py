"""Rows in CSV and NDJSON, read back by Python's own readers, and in Parquet, read back by one that is made of the specification alone."""

import csv
import datetime
import decimal
import io
import json
import re

import parquet_reader
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
        wanted.append([expected_field(fitting(cell(row, column["path"]), column["type"]), column["type"]) for column in columns])
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
            inert = guarded(value, case) if is_text else value
            if plain(field) != plain(inert):
                return f"{inert!r} came as {field!r}"
            if spreadsheet and runs_as_formula(field):
                return f"{field!r} would run as a formula"
    return None


PARQUET_KINDS = {"boolean": "boolean", "integer": "int64", "number": "double", "timestamp": "timestamp"}


def parquet_verdict(case, columns, rows, answer):
    found, records = parquet_reader.read(answer)
    wanted = [(plain(column["name"]), PARQUET_KINDS.get(column["type"], "text")) for column in columns]
    if [(plain(name), kind) for name, kind in found] != wanted:
        return f"the columns are {found!r}, and not {wanted!r}"
    if len(records) != len(rows):
        return f"{len(records)} rows of {len(rows)}"
    for row, record in zip(rows, records):
        for column, value in zip(columns, record):
            want = parquet_value(fitting(cell(row, column["path"]), column["type"]), column["type"])
            if isinstance(want, str) and isinstance(value, str):
                want, value = plain(want), plain(value)
            if repr(want) != repr(value):
                return f"{column['name']} is {value!r}, and not {want!r}"
    return None


def parquet_value(value, kind):
    """What a column of a type holds of a value's text."""
    if value == "null":
        return None
    if kind == "boolean":
        return value == "true"
    if kind == "integer":
        return int(value)
    if kind == "number":
        return float(value)
    if kind == "timestamp":
        return microseconds(plain(parse(value)))
    return expected_field(value, kind)[0]


def microseconds(text):
    """What a date-time is after 1970; finer digits are cut off."""
    year, month, day, hour, minute, second, hours, minutes = [int(part or 0) for part in DATE_TIME.fullmatch(text).groups()]
    # The calendar's year 0 is the exporter's own, and as long as the year 400.
    days = datetime.date(year or 400, month, day).toordinal() - datetime.date(1970, 1, 1).toordinal() - (0 if year else 146_097)
    digits = re.search(r"\.([0-9]+)", text, re.ASCII)
    fraction = int((digits[1] + "000000")[:6]) if digits else 0
    sign = -1 if re.search(r"-[0-9]{2}:?[0-9]{2}$", text, re.ASCII) else 1
    offset = sign * (hours * 3600 + minutes * 60)
    return (days * 86_400 + hour * 3600 + minute * 60 + second - offset) * 1_000_000 + fraction


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
            want = Pairs(
                (column["name"], parse(expected_member(fitting(cell(row, column["path"]), column["type"]), column["type"])))
                for column in columns)
        if verdict := compare(canonical(want), canonical(parse(line))):
            return verdict
    return None


def expected_member(value, kind):
    return f'"{value}"' if kind in ("string", "decimal") and value[0] not in '"{[n' else value


PLAIN = re.compile(r"-?([0-9]{1,38})(?:\.([0-9]{1,38}))?", re.ASCII)
DATE_TIME = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.[0-9]+)?)?(?:[Zz]|[+-]([0-9]{2}):?([0-9]{2}))",
    re.ASCII)


def fitting(value, kind):
    """The value's text where a column of this type holds it, else null."""
    return value if value == "null" or kind in (None, "json", "string") or fits(value, kind) else "null"


def fits(value, kind):
    if value[0] in "[{":
        return False
    if value[0] == '"':
        text = plain(parse(value))
        if kind == "timestamp":
            return is_date_time(text)
        return kind == "decimal" and bool(re.fullmatch(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?", text, re.ASCII) and PLAIN.fullmatch(text))
    if value in ("true", "false"):
        return kind == "boolean"
    whole = re.fullmatch(r"-?[0-9]+", value, re.ASCII)
    if kind == "integer":
        return bool(whole) and value != "-0" and -(2**63) <= int(value) < 2**63
    if kind == "decimal":
        return bool(PLAIN.fullmatch(value)) and value != "-0" and not beyond_decimal(value)
    return kind == "number" and is_double(value)


def beyond_decimal(value):
    """Whether the number has an exponent. Those that only a double holds are no decimals."""
    return "e" in value.lower()


def is_double(value):
    """Whether the nearest double has these digits in its own shortest form."""
    if re.fullmatch(r"-?[0-9]+", value, re.ASCII) and value != "-0":
        return len(value.lstrip("-")) <= 15
    exact, double = decimal.Decimal(value), float(value)
    return abs(double) != float("inf") and decimal.Decimal(repr(double)) == exact


def is_date_time(text):
    found = DATE_TIME.fullmatch(text)
    if not found:
        return False
    year, month, day, hour, minute, second, *offset = [int(part or 0) for part in found.groups()]
    try:
        # The calendar's year 0 is the exporter's own.
        datetime.date(year or 2000, month, day)
    except ValueError:
        return False
    return hour < 24 and minute < 60 and second < 60 and offset[0] < 24 and offset[1] < 60


def leaves(value, path):
    """The paths below an object that end at anything but an object with members, of all duplicates."""
    for key, member in value:
        if isinstance(member, Pairs) and member:
            yield from leaves(member, path + [plain(key)])
        else:
            yield path + [plain(key)]


def spread_columns(rows):
    """The columns that `"spread"` stands for: name, path, and what the column holds."""
    columns, known = [], []
    # Of keys that would make one column the first has it, and what is declared comes before all.
    taken = {"a__rest", "b__rest", "č", "rest"}
    first = parse(rows[0]) if rows else Pairs()
    for prefix in ["a", "b"]:
        # Of a row's own keys that are duplicates the last counts.
        below = [value for value in [value for key, value in first if key == prefix][-1:] if isinstance(value, Pairs)]
        found = {tuple(path) for value in below for path in leaves(value, [prefix])}
        for path in sorted(found, key=lambda path: [key.encode() for key in path]):
            name = "__".join(path)
            if name in taken:
                continue
            taken.add(name)
            columns.append({"name": name, "path": list(path), "type": "leaf"})
            known.append(path)
        columns.append({"name": f"{prefix}__rest", "path": [prefix], "type": "rest"})
    columns.append({"name": "č", "path": ["č"], "type": None})
    columns.append({"name": "rest", "path": [], "type": "unknown"})
    return columns, known


def leftovers(value, path, known):
    """What of a value no column of the known paths takes; None where that is nothing."""
    if not isinstance(value, Pairs) or not value:
        return value
    rest = {}
    for key, member in value:
        below = path + (plain(key),)
        is_way = any(known_path[:len(below)] == below for known_path in known)
        rest.pop(plain(key), None)
        if not is_way or (below not in known and not (isinstance(member, Pairs) and member)):
            rest[plain(key)] = member
        elif isinstance(member, Pairs) and member:
            below_rest = leftovers(member, below, known)
            if below_rest is not None:
                rest[plain(key)] = below_rest
    return Pairs(rest.items()) or None


def loose(value):
    """The value without the order of members and what duplicates hide."""
    if isinstance(value, Pairs):
        return {plain(key): loose(member) for key, member in value}
    if isinstance(value, list):
        return [loose(element) for element in value]
    return ("number", value) if isinstance(value, Number) else plain(value) if isinstance(value, str) else value


def spread_values(row, columns, known):
    """What each column has to hold, as a value; None for null."""
    whole = parse(row)
    values = []
    for column in columns:
        if column["type"] == "unknown":
            rest = {plain(key): value for key, value in whole if key not in ("a", "b", "č")}
            values.append(loose(Pairs(rest.items())) if rest else None)
            continue
        value = whole
        for key in column["path"]:
            value = {plain(k): v for k, v in value}.get(key) if isinstance(value, Pairs) else None
        if column["type"] == "rest":
            value = leftovers(value, tuple(column["path"]), known)
        elif column["type"] == "leaf" and isinstance(value, Pairs) and value:
            value = None
        values.append(None if value is None else loose(value))
    return values


def spread_verdict(case, rows, answer):
    columns, known = spread_columns(rows)
    names = [column["name"] for column in columns]
    if len(set(names)) != len(names):
        return None if answer == b"!names" else "two columns of one name were not refused"
    if answer == b"!names":
        return f"no two of these columns have one name: {names}"
    if case["format"] == "parquet":
        return spread_parquet_verdict(columns, known, rows, answer)
    text = answer.decode("utf-8")
    if case["format"] == "csv":
        records = fields_of(text.removeprefix("\ufeff"))
        if [plain(field) for field, _ in records[0]] != [plain(guarded(name, case)) for name in names]:
            return f"the header is {records[0]}, and not {names}"
        have = [[field_value(*field, column) for field, column in zip(record, columns)] for record in records[1:]]
    else:
        have = []
        for line in text.split("\n")[:-1]:
            pairs = parse(line)
            if [plain(key) for key, _ in pairs] != names:
                return "the keys of a line are not the columns"
            have.append([None if value is None else loose(value) for _, value in pairs])
    if len(have) != len(rows):
        return f"{len(have)} rows of {len(rows)}"
    for row, values in zip(rows, have):
        want = spread_values(row, columns, known)
        if case["format"] == "csv":
            want = [flat(value, column, case) for value, column in zip(want, columns)]
        for column, wanted, value in zip(columns, want, values):
            if wanted != value:
                return f"{column['name']} is {value!r}, and not {wanted!r}"
    return None


def spread_parquet_verdict(columns, known, rows, answer):
    found, records = parquet_reader.read(answer)
    if found != [(column["name"], "text") for column in columns] or len(records) != len(rows):
        return f"the columns are {found!r}, or the rows are not {len(rows)}"
    for row, record in zip(rows, records):
        for column, want, value in zip(columns, spread_values(row, columns, known), record):
            have = None if value is None else field_value(value, True, column)
            want = flat(want, column, {"dialect": "warehouse"})
            if want != have:
                return f"{column['name']} is {have!r}, and not {want!r}"
    return None


def guarded(text, case):
    """The text as a field holds it: behind an apostrophe where a spreadsheet would run it."""
    return "'" + text if case["dialect"] == "spreadsheet" and runs_as_formula(text) else text


def flat(value, column, case):
    """A value as a field gives it back: text, or JSON where it is an object or an array."""
    if column["type"] in ("rest", "unknown"):
        return value
    if isinstance(value, str):
        return guarded(value, case)
    return value[1] if isinstance(value, tuple) else str(value).lower() if isinstance(value, bool) else value


def field_value(field, quoted, column):
    if not field and not quoted:
        return None
    if column["type"] in ("rest", "unknown"):
        return loose(parse(field))
    text = plain(field)
    if text.startswith(("{", "[")):
        try:
            return loose(parse(field))
        except ValueError:
            return text
    return text


def judge(given, answer):
    text = given.decode("utf-8")
    case = dict(parse(text))
    rows = [minified(row) for row in source_of(text)]
    columns = case["columns"]
    if columns == "spread":
        return spread_verdict(case, rows, answer)
    if columns is not None:
        columns = [dict(column) for column in columns]
        names = [column["name"] for column in columns]
        if (len(set(names)) != len(names)) != (answer == b"!names"):
            return "names that are there twice are refused, and no others"
    if answer == b"!names":
        return None
    verdicts = {"csv": csv_verdict, "ndjson": ndjson_verdict, "parquet": parquet_verdict}
    return verdicts[case["format"]](case, columns, rows, answer)
