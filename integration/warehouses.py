#!/usr/bin/env python3
"""Loads every table in every format into real systems with the statements that `schema` prints, and compares what arrived with the API.

    warehouses.py COMMAND FOLDER

The service is that of AGENTSIGHT_API_ENDPOINT. PostgreSQL is started in FOLDER; DuckDB and ClickHouse run in this process. Exit code 1
where a value arrives otherwise than the API gives it, or a window that was exported again leaves a row behind.
"""

import csv
import gzip
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import urllib.parse
import urllib.request
from datetime import datetime
from decimal import Decimal
from pathlib import Path

PARENTS = {"conversation": "integer", "conversation_id": "string", "conversation_started_at": "timestamp", "position": "integer"}
FIELDS = {
    "conversations": {
        "id": "integer", "agent": "integer", "conversation_id": "string", "name": "string", "customer_id": "string",
        "customer_ip_address": "string", "device": "string", "language": "string", "environment": "string", "environment_id": "integer",
        "metadata": "json", "started_at": "timestamp", "ended_at": "timestamp", "is_marked": "boolean", "is_used": "boolean",
        "is_deleted": "boolean", "deleted_at": "timestamp", "geo_location": "json", "messages": "json", "feedbacks": "json",
    },
    "messages": PARENTS | {
        "id": "integer", "timestamp": "timestamp", "sender": "string", "content": "string", "action_name": "string", "metadata": "json",
        "attachments": "json", "action_logs": "json", "button": "json",
    },
    "feedbacks": PARENTS | {
        "id": "integer", "message": "integer", "kind": "string", "sentiment": "string", "source": "string", "category": "string",
        "comment": "string", "created_at": "timestamp", "environment": "string", "user": "integer",
    },
    "action_logs": PARENTS | {
        "id": "integer", "message": "integer", "action": "integer", "started_at": "timestamp", "ended_at": "timestamp",
        "duration_ms": "integer", "tools_used": "json", "response": "json", "error_message": "string", "metadata": "json",
    },
    "attachments": PARENTS | {
        "id": "integer", "message": "integer", "file_name": "string", "mime_type": "string", "size": "integer", "file_url": "string",
    },
}
OBJECTS = {"conversations": ["metadata", "geo_location"], "messages": ["metadata"], "action_logs": ["metadata"]}
OUTPUTS = {
    "raw": "{{ table: {table} }}",
    "flat": "{{ table: {table}, flatten: [{objects}] }}",
    "csv": "{{ table: {table}, format: csv }}",
}


def loads(text):
    """Numbers to the digit: Python's floats would hide what was lost."""
    return json.loads(text, parse_float=Decimal, parse_int=Decimal)


def canonical(value):
    """A JSON value as one text, whatever the order of its keys and the spelling of its numbers."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(key)}:{canonical(value[key])}" for key in sorted(value)) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    if isinstance(value, Decimal):
        if not value:
            return "0"
        return f"{value.normalize():f}" if abs(value.adjusted()) < 1000 else str(value.normalize())
    return json.dumps(value)


def microseconds(text):
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    since = moment - datetime.fromisoformat("1970-01-01T00:00:00+00:00")
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


# MARK: What the API says

def fetch(parameters):
    """Every conversation, page by page of a set that holds still."""
    rows, page = [], 1
    while True:
        query = urllib.parse.urlencode({"page": page, "page_size": 100, "ordering": "id", "include_deleted": "true"} | parameters)
        request = urllib.request.Request(
            f"{os.environ['AGENTSIGHT_API_ENDPOINT']}/api/conversations/?{query}",
            headers={"Authorization": f"Api-Key {os.environ['AGENTSIGHT_API_KEY']}"})
        with urllib.request.urlopen(request) as answer:
            body = loads(answer.read().decode())
        rows += body["results"]
        if not body["next"]:
            assert len(rows) == body["count"]
            return rows
        page += 1


def tables(conversations):
    """The rows that every table has to have."""
    found = {table: [] for table in FIELDS}
    for row in conversations:
        found["conversations"].append(row)
        parents = {"conversation": row["id"], "conversation_id": row["conversation_id"], "conversation_started_at": row["started_at"]}

        def add(table, elements, more):
            for position, element in enumerate(elements):
                found[table].append(parents | more | {"position": Decimal(position)} | {k: v for k, v in element.items() if v is not None})

        add("messages", row["messages"], {})
        add("feedbacks", row["feedbacks"], {})
        for message in row["messages"]:
            add("action_logs", message["action_logs"], {"message": message["id"]})
            add("attachments", message["attachments"], {"message": message["id"]})
    return found


def expected(table, row, column):
    value = row.get(column)
    if value is None:
        return None
    match FIELDS[table][column]:
        case "integer": return int(value)
        case "timestamp": return microseconds(value)
        case "json": return canonical(value)
    return value


# MARK: What arrived

def put(target, path, value):
    for key in path[:-1]:
        inner = target.setdefault(key, {})
        if not isinstance(inner, dict):
            raise AssertionError(f"{path} is below a value")
        target = inner
    target[path[-1]] = value


def without_nulls(value):
    """An object less its null leaves, which no column tells from what is not there, and then without what is empty because of that."""
    if not isinstance(value, dict):
        return value
    kept = {key: without_nulls(inner) for key, inner in value.items() if inner is not None}
    return {key: inner for key, inner in kept.items() if inner != {} or value[key] == {}}


def as_text(value, path, types):
    """The value as columns of text hold it."""
    if isinstance(value, dict) and value:
        return {key: as_text(inner, path + [key], types) for key, inner in value.items()}
    if types.get(tuple(path)) in ("string", None) and not isinstance(value, str) and value is not None:
        return "text:" + canonical(value)
    return value


def rebuilt(row, field, columns, types):
    """An object put together again out of its columns and its rest."""
    rest = row.get(f"{field}__rest")
    if rest is not None:
        rest = loads(rest)
        if not isinstance(rest, dict):
            return rest
    result = rest or {}
    for path, name in columns.items():
        if path[0] != field or row.get(name) is None:
            continue
        value, kind = row[name], types[path]
        if kind == "json":
            value = loads(value)
        elif kind in ("number", "decimal"):
            value = Decimal(repr(value)) if isinstance(value, float) else Decimal(str(value))
        elif kind == "integer":
            value = Decimal(value)
        put(result, path[1:], value)
    return result if result or rest is not None else None


def text_of(value):
    """A leaf as text: what a column of strings makes of a number, a boolean or a list."""
    if isinstance(value, dict) and value:
        return {key: text_of(inner) for key, inner in value.items()}
    if isinstance(value, str):
        try:
            parsed = loads(value)
        except ValueError:
            return value
        return canonical(parsed) if not isinstance(parsed, str) else value
    return canonical(value)


class System:
    def json(self, text, variant):
        return canonical(loads(text))

    def same(self, name, wanted, found):
        digests = [hashlib.sha256("\n".join(map(repr, values)).encode()).hexdigest() for values in (wanted, found)]
        if digests[0] != digests[1]:
            first = next((pair for pair in zip(wanted, found) if pair[0] != pair[1]), (len(wanted), len(found)))
            raise AssertionError(f"{self.name}: {name} arrived otherwise: {first}")

    def check(self, variant, conversations, catalog):
        counts = {}
        for table, rows in tables(conversations).items():
            order = lambda row: (int(row["id"]), int(row.get("position") or 0))
            rows = sorted(rows, key=order)
            found = sorted(self.rows(table, self.types(table, catalog)), key=lambda row: (row["id"], row.get("position") or 0))
            if len(rows) != len(found):
                raise AssertionError(f"{self.name}, {variant}: {len(found)} rows of {table}, not {len(rows)}")
            spread = OBJECTS.get(table, []) if variant != "raw" else []
            for column in FIELDS[table]:
                if column not in spread:
                    values = [row[column] for row in found]
                    wanted = [expected(table, row, column) for row in rows]
                    if FIELDS[table][column] == "json":
                        values = [value if value is None else self.json(value, variant) for value in values]
                        wanted = [value if value is None else self.json(value, variant) for value in wanted]
                    self.same(f"{variant} {table}.{column}", wanted, values)
            for field in spread:
                entries = [entry for entry in catalog if entry["table"] == table and entry["path"][0] == field]
                columns = {tuple(entry["path"]): entry["name"] for entry in entries}
                types = {tuple(entry["path"]): entry.get("type", "string") for entry in entries}
                self.same(
                    f"{variant} {table}.{field}", [canonical(text_of(without_nulls(row.get(field)))) for row in rows],
                    [canonical(text_of(without_nulls(rebuilt(row, field, columns, types)))) for row in found])
            counts[table] = len(found)
        return counts

    def types(self, table, catalog):
        found = dict(FIELDS[table])
        for entry in catalog:
            if entry["table"] == table:
                found[entry["name"]] = entry.get("type", "string")
        return found


class DuckDB(System):
    name = "duckdb"

    def __init__(self, folder):
        import duckdb

        self.connection = duckdb.connect(str(folder / "warehouse.duckdb"))

    def one(self, query):
        return str(self.connection.execute(query).fetchone()[0])

    def roll_back(self):
        self.connection.execute("ROLLBACK")

    def run(self, script):
        self.connection.execute(script)

    def reset(self):
        for table in FIELDS:
            self.connection.execute(f"DROP TABLE IF EXISTS {table}")

    def rows(self, table, types):
        names = [row[0] for row in self.connection.execute(f"DESCRIBE {table}").fetchall()]
        select = [
            f'epoch_us("{name}")' if types.get(name) == "timestamp" else f'"{name}"::VARCHAR' if types.get(name, "json") == "json"
            else f'"{name}"' for name in [name.replace('"', '""') for name in names]]
        return [dict(zip(names, row)) for row in self.connection.execute(f"SELECT {', '.join(select)} FROM {table}").fetchall()]


class Postgres(System):
    name = "postgres"

    def __init__(self, folder, port=54329):
        self.binaries = max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))
        self.data = folder / "postgres"
        self.port = str(port)
        self.data.mkdir()
        if os.getuid() == 0:
            shutil.chown(self.data, "postgres")
            folder.chmod(0o755)
        self.server("initdb", "-D", self.data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale", "C.UTF-8")
        self.server(
            "pg_ctl", "-D", self.data, "-w", "-l", self.data / "log", "-o",
            f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off", "start")

    def server(self, tool, *arguments):
        command = [str(self.binaries / tool), *map(str, arguments)]
        if os.getuid() == 0:
            command = ["runuser", "-u", "postgres", "--", *command]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)

    def stop(self):
        self.server("pg_ctl", "-D", self.data, "-m", "immediate", "stop")

    def run(self, script):
        done = subprocess.run(
            ["psql", "-X", "-q", "-h", "127.0.0.1", "-p", self.port, "-U", "postgres", "-d", "postgres", "-f", "-"],
            input=script, text=True, capture_output=True)
        errors = [line for line in done.stderr.split("\n") if line and "NOTICE" not in line]
        if done.returncode or errors:
            raise AssertionError(f"psql: {done.returncode}: {errors[:5]}")
        return done.stdout

    def one(self, query):
        return self.run(f"\\pset format unaligned\n\\pset tuples_only\n{query};").strip()

    def roll_back(self):
        """The server does it where the client ends."""

    def reset(self):
        for table in FIELDS:
            self.run(f"DROP TABLE IF EXISTS {table};")

    def rows(self, table, types):
        names = self.run(
            f"\\pset format unaligned\n\\pset tuples_only\nSELECT column_name FROM information_schema.columns WHERE table_name = '{table}' "
            "ORDER BY ordinal_position;").split("\n")[:-1]
        select = []
        for name in names:
            quoted = '"' + name.replace('"', '""') + '"'
            # As text: what JSON makes of a number is the reader's affair.
            text = f"(extract(epoch FROM {quoted}) * 1000000)::bigint::text" if types.get(name) == "timestamp" else f"{quoted}::text"
            select.append(text)
        lines = self.run(
            "\\pset format unaligned\n\\pset tuples_only\n"
            f"SELECT json_build_array({', '.join(select[:90])}) || '\x1f' || json_build_array({', '.join(select[90:])}) FROM {table};")
        rows = []
        for line in lines.split("\n")[:-1]:
            first, second = line.split("\x1f")
            rows.append({name: self.value(text, types.get(name, "json")) for name, text in zip(names, json.loads(first) + json.loads(second))})
        return rows

    @staticmethod
    def value(text, kind):
        if text is None:
            return None
        match kind:
            case "integer" | "timestamp": return int(text)
            case "boolean": return text == "true"
            case "number": return float(text)
        return text


class ClickHouse(System):
    name = "clickhouse"

    def __init__(self, folder):
        from chdb import session

        self.session = session.Session(str(folder / "clickhouse"))

    def run(self, script):
        lines = [line for line in script.split("\n") if not line.startswith("--")]
        for statement in "\n".join(lines).split(";\n"):
            if statement.strip():
                self.session.query(statement)

    def json(self, text, variant):
        # Its reader of JSON gives a lone string as its text, without quotes.
        if variant != "csv" and not text.startswith(("{", "[")):
            text = loads(text) if text.startswith('"') else text
            return text_of(text) if isinstance(text, str) else canonical(text)
        return canonical(loads(text)) if variant == "csv" else text_of(text)

    def reset(self):
        for table in FIELDS:
            self.session.query(f"DROP TABLE IF EXISTS {table}")

    def rows(self, table, types):
        described = self.session.query(f"DESCRIBE TABLE {table}", "JSONCompactEachRow").bytes().decode()
        names = [json.loads(line)[0] for line in described.split("\n") if line]
        select = []
        for name in names:
            quoted = "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"
            select.append(f"toUnixTimestamp64Micro({quoted})" if types.get(name) == "timestamp" else quoted)
        settings = "SETTINGS output_format_json_quote_64bit_integers = 0, output_format_json_quote_decimals = 1"
        result = self.session.query(f"SELECT {', '.join(select)} FROM {table} {settings}", "JSONCompactEachRow").bytes().decode()
        rows = []
        for line in result.split("\n"):
            if line:
                rows.append(dict(zip(names, json.loads(line))))
        return rows


# MARK: Data frames

class Frames(System):
    """Readers without a schema: the fields of text, of every file of a table, as they read them."""

    def check_frames(self, folder, conversations):
        for table, rows in tables(conversations).items():
            rows = sorted(rows, key=lambda row: (int(row["id"]), int(row.get("position") or 0)))
            for variant in ("raw", "csv"):
                found = sorted(self.texts(folder, variant, table), key=lambda row: (int(row["id"]), int(row.get("position") or 0)))
                for column, kind in FIELDS[table].items():
                    if kind == "string":
                        wanted = [self.seen(expected(table, row, column), variant) for row in rows]
                        self.same(f"{variant} {table}.{column}", wanted, [row.get(column) for row in found])
        print(f"  {self.name}: every field of text of every table, from NDJSON and CSV")

    def seen(self, value, variant):
        return value

    def files(self, folder, variant, table):
        return sorted(str(path) for path in (folder / variant / table).rglob("*.gz"))


class Polars(Frames):
    name = "polars"

    def texts(self, folder, variant, table):
        import polars

        if variant == "csv":
            # A window without rows is a header alone.
            return [row for file in self.files(folder, variant, table) for row in polars.read_csv(file, infer_schema=False).to_dicts()]
        schema = {name: polars.String if kind == "string" else polars.Int64 for name, kind in FIELDS[table].items() if kind in ("string", "integer")}
        rows = []
        for file in self.files(folder, variant, table):
            content = gzip.decompress(Path(file).read_bytes())
            if content:
                rows += polars.read_ndjson(content, schema=schema).to_dicts()
        return rows


class Pandas(Frames):
    name = "pandas"

    def seen(self, value, variant):
        # Its reader of CSV does not tell null from the empty string; that of pyarrow, below, does.
        return "" if variant == "csv" and value is None else value

    def texts(self, folder, variant, table):
        import pandas

        rows = []
        for file in self.files(folder, variant, table):
            if variant == "csv":
                frame = pandas.read_csv(file, dtype=str, keep_default_na=False)
            else:
                # Its own reader of JSON ends at integers beyond 64 bits, so the standard one reads for it.
                frame = pandas.DataFrame([json.loads(line) for line in gzip.open(file, "rt", encoding="utf-8", newline="\n")], dtype=object)
            rows += frame.astype(object).where(frame.notna(), None).to_dict("records")
        return rows


class PyArrow(Frames):
    name = "pyarrow"

    def texts(self, folder, variant, table):
        if variant == "raw":
            return [json.loads(line) for file in self.files(folder, variant, table) for line in gzip.open(file, "rt", encoding="utf-8", newline="\n")]
        import pyarrow
        from pyarrow import csv

        rows = []
        for file in self.files(folder, variant, table):
            with gzip.open(file, "rt", encoding="utf-8") as lines:
                header = next(__import__("csv").reader(lines))
            rows += csv.read_csv(
                file, parse_options=csv.ParseOptions(newlines_in_values=True),
                convert_options=csv.ConvertOptions(
                    column_types={name: pyarrow.string() for name in header}, null_values=[""], strings_can_be_null=True,
                    quoted_strings_can_be_null=False)).to_pylist()
        return rows


class PySpark(Frames):
    name = "pyspark"

    def __init__(self):
        from pyspark.sql import SparkSession

        self.session = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").config(
            "spark.driver.bindAddress", "127.0.0.1").config("spark.driver.host", "127.0.0.1").config(
            "spark.log.level", "ERROR").getOrCreate()

    def texts(self, folder, variant, table):
        files = self.files(folder, variant, table)
        fields = ", ".join(
            f"`{name}` {'STRING' if kind == 'string' else 'BIGINT'}" for name, kind in FIELDS[table].items() if kind in ("string", "integer"))
        if variant == "raw":
            frame = self.session.read.schema(fields).json(files)
        else:
            frame = self.session.read.csv(
                # An empty field becomes nullValue, "" becomes emptyValue, and then what equals nullValue is null.
                files, header=True, multiLine=True, escape='"', emptyValue="", nullValue="\x01", lineSep="\n", enforceSchema=False,
                ignoreLeadingWhiteSpace=False, ignoreTrailingWhiteSpace=False, maxCharsPerColumn=-1)
        names = [name for name, kind in FIELDS[table].items() if kind in ("string", "integer") and name in frame.columns]
        return [row.asDict() for row in frame.select(*[f"`{name}`" for name in names]).collect()]


# MARK: Straight into a command

def pipe(command, folder, postgres, wanted):
    """Streams a run into each loader, without a file between them, and expects so many feedbacks."""
    file = folder / "csv.yml"
    postgres.run(statements(command, file, postgres))
    postgres.run("DROP TABLE IF EXISTS piped; CREATE TABLE piped (LIKE feedbacks INCLUDING DEFAULTS);")
    number = 1 + list(FIELDS).index("feedbacks")
    copy = "\\copy piped FROM STDIN WITH (FORMAT csv, HEADER true)"
    into = {
        "psql": ["psql", "-X", "-q", "-h", "127.0.0.1", "-p", postgres.port, "-U", "postgres", "-d", "postgres", "-c", copy],
        # With its columns, as below: to find them out it would read the pipe empty.
        "duckdb": [
            sys.executable, "-c",
            "import duckdb; print(duckdb.sql(\"SELECT count(*) FROM read_csv('/dev/stdin', header = true, auto_detect = false, columns = {"
            + ", ".join(f"'{name}': 'VARCHAR'" for name in (*FIELDS["feedbacks"], "rest")) + "})\").fetchall()[0][0])",
        ],
        "clickhouse": [
            sys.executable, "-m", "chdb",
            "SELECT count() FROM file('/dev/stdin', 'CSVWithNames', '"
            + ", ".join(f"{name} Nullable(String)" for name in (*FIELDS["feedbacks"], "rest")) + "')", "CSV",
        ],
    }
    for name, reader in into.items():
        run = subprocess.Popen(
            [command, "run", "--quiet", file, "--set", "filters.device=mobile", "--stdout", "--output", str(number)], stdout=subprocess.PIPE)
        read = subprocess.run(reader, stdin=run.stdout, capture_output=True, text=True)
        run.stdout.close()
        assert run.wait() == 0 and read.returncode == 0, (name, run.returncode, read.stderr)
        found = postgres.run("\\pset format unaligned\n\\pset tuples_only\nSELECT count(*) FROM piped;") if name == "psql" else read.stdout
        assert int(found) == wanted, f"{name}: {found} rows came through the pipe, not {wanted}"
        print(f"  run --stdout | {name}: {wanted} feedbacks")


# MARK: A conversation that moved

def move(export, variant):
    """Gives the window that was committed last a conversation of another one, which keeps it: as where its `started_at` was changed, and only
    the one window was exported since. The id, and its new `started_at`."""
    manifests = [json.loads(path.read_text()) for path in (export / "_agentsight" / "windows").glob("*.json")]
    manifests = sorted((m for m in manifests if m["proof"]["distinct_ids"]), key=lambda m: (m["committed_at"], m["window"]["key"]))
    older, newest = manifests[0], manifests[-1]
    paths = lambda manifest: {file["table"]: export / file["path"] for file in manifest["files"]}
    ids = [row["id"] for row in rows_of(paths(older)["conversations"], variant)]
    talked = {row["conversation"] for row in rows_of(paths(older)["messages"], variant)}
    moved, at = next(i for i in ids if i in talked), newest["window"]["start"]
    for table, path in paths(newest).items():
        own, start = ("id", "started_at") if table == "conversations" else ("conversation", "conversation_started_at")
        rows = [row | {start: at} for row in rows_of(paths(older)[table], variant) if row[own] == moved]
        text = gzip.decompress(path.read_bytes()).decode()
        if variant == "csv":
            lines = io.StringIO()
            csv.DictWriter(lines, next(csv.reader(io.StringIO(text))), extrasaction="ignore", lineterminator="\n").writerows(rows)
            text += lines.getvalue()
        else:
            text += "".join(json.dumps(row) + "\n" for row in rows)
        path.write_bytes(gzip.compress(text.encode()))
    return int(moved), microseconds(at)


def statements(command, file, system, *arguments):
    made = subprocess.run([command, "schema", file, "--for", system.name, *arguments], check=True, capture_output=True, text=True)
    return made.stdout


def rows_of(path, variant):
    text = gzip.decompress(path.read_bytes()).decode()
    if variant == "csv":
        return list(csv.DictReader(io.StringIO(text)))
    return [json.loads(line) for line in text.split("\n") if line]


def check_moved(system, moved, at, catalog):
    """The table has each row once, and those of the conversation as the newer window has them."""
    for table in FIELDS:
        types = system.types(table, catalog)
        rows = system.rows(table, types)
        own, start = ("id", "started_at") if table == "conversations" else ("conversation", "conversation_started_at")
        assert len({row["id"] for row in rows}) == len(rows), f"{system.name}: a row of {table} is there twice"
        found = {row[start] for row in rows if row[own] == moved}
        assert found <= {at} and (found or table not in ("conversations", "messages")), f"{system.name}: {table} has {moved} at {found}, not {at}"
    print(f"  {system.name}: a conversation that moved to another window is there once, as the newer one has it")


def check_other_windows(script, windows, database):
    """The client of DuckDB goes on behind a window that is wrong."""
    places = [found.start() for found in re.finditer(r"found_rows <> \d+", script)]
    middle = places[len(places) // 2]
    broken = script[:middle] + re.sub(r"\d+", "999999", script[middle:], count=1)
    client = [Path(sys.executable).parent / "duckdb", "-csv", "-noheader", database]
    done = subprocess.run(client, input=broken, capture_output=True, text=True)
    assert done.returncode == 1 and "rows differ from the manifest" in done.stderr, (done.returncode, done.stderr[:500])
    found = subprocess.run([*client, "SELECT count(*) FROM _agentsight_loads"], check=True, capture_output=True, text=True).stdout
    assert int(found) == windows - 1, f"duckdb: {found} of {windows} loads beside a wrong one"
    database.unlink()


def check_printed(command, file, system, settings, variant, conversations, catalog):
    """The script of `load --print` loads each window once, and nothing of a window whose rows are not those of its manifest."""
    printed = [command, "load", file, "--print", "--into", system.name, *settings]
    script = subprocess.run(printed, check=True, capture_output=True, text=True).stdout
    ledgers = "DROP TABLE IF EXISTS _agentsight_loads; DROP TABLE IF EXISTS _agentsight_deleted;"
    system.reset()
    system.run(ledgers)
    times = []
    for _ in range(2):
        system.run(script)
        counts = system.check(variant, conversations, catalog)
        times.append(system.one("SELECT max(_loaded_at) FROM conversations"))
    assert times[0] == times[1], f"{system.name}: a script that was run again loaded again"
    # As if the windows had been exported again.
    system.run("UPDATE _agentsight_loads SET content_sha256 = '';")
    system.run(script)
    system.check(variant, conversations, catalog)
    times[0] = system.one("SELECT max(_loaded_at) FROM conversations")
    assert times[0] != times[1], f"{system.name}: a window that was exported again was not loaded"
    assert system.one("SELECT count(*) FROM _agentsight_deleted") == "0", f"{system.name}: rows that are there are called deleted"
    windows = system.one("SELECT count(*) FROM _agentsight_loads")
    system.run("DELETE FROM _agentsight_loads;")
    for _ in range(2):
        try:
            system.run(re.sub(r"found_rows <> \d+", "found_rows <> 999999", script))
        except Exception as error:
            assert "rows differ from the manifest" in str(error), error
            system.roll_back()
        else:
            raise AssertionError(f"{system.name}: a window with other rows was loaded")
    assert system.one("SELECT max(_loaded_at) FROM conversations") == times[0], f"{system.name}: a wrong window changed the table"
    assert system.one("SELECT count(*) FROM _agentsight_loads") == "0", f"{system.name}: a wrong window is in the ledger"
    if isinstance(system, DuckDB):
        check_other_windows(script, int(windows), file.with_suffix(".duckdb"))
    system.reset()
    system.run(ledgers)
    print(f"  {system.name}, {variant}, printed script: {', '.join(f'{count} {table}' for table, count in counts.items())}, {windows} loads")


def main(command, folder):
    # Where a server runs as another user, it has to find its folder.
    folder.chmod(0o755)
    systems = [DuckDB(folder), Postgres(folder), ClickHouse(folder)]
    try:
        for variant, output in OUTPUTS.items():
            outputs = "".join(
                "  - " + (OUTPUTS["raw"] if variant == "flat" and table not in OBJECTS else output).format(
                    table=table, objects=", ".join(OBJECTS.get(table, []))) + "\n" for table in FIELDS)
            file = folder / f"{variant}.yml"
            file.write_text(
                f"version: 1\nname: {variant}\nfilters: {{ include_deleted: true }}\n"
                "window: { from: 2026-03-01, to: 2026-05-01, every: week }\n"
                f"destination: {folder / variant}\noutputs:\n{outputs}")
            for step, settings, parameters in (
                ("loaded", [], {}), ("exported again with other filters, and loaded again", ["--set", "filters.device=mobile"], {"device": "mobile"}),
            ):
                subprocess.run([command, "run", "--quiet", file, *settings], check=True)
                columns = folder / variant / "_agentsight" / "columns.json"
                catalog = json.loads(columns.read_text())["columns"] if columns.exists() else []
                conversations = fetch(parameters)
                for system in systems:
                    script = lambda *arguments: statements(command, file, system, *settings, *arguments)
                    if not settings:
                        system.reset()
                    # Twice: what is there already is left as it is, and what was loaded is loaded in its own place.
                    for _ in range(2):
                        system.run(script())
                        system.run(script("--load"))
                    counts = system.check(variant, conversations, catalog)
                    print(f"  {system.name}, {variant}, {step}: {', '.join(f'{count} {table}' for table, count in counts.items())}")
            moved, at = move(folder / variant, variant)
            for system in systems:
                for _ in range(2):
                    system.run(statements(command, file, system, *settings, "--load"))
                    check_moved(system, moved, at, catalog)
            # The frames, and what comes after them, read what was exported.
            subprocess.run([command, "run", "--quiet", file, *settings, "--force"], check=True)
            for system in systems[:2]:
                check_printed(command, file, system, settings, variant, conversations, catalog)
        for reader in (Polars(), Pandas(), PyArrow(), PySpark()):
            reader.check_frames(folder, conversations)
        pipe(command, folder, systems[1], sum(len(conversation["feedbacks"]) for conversation in conversations))
    finally:
        for system in systems:
            if isinstance(system, Postgres):
                system.stop()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
