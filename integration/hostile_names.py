#!/usr/bin/env python3
"""Gives hostile names to the statements that `schema` prints, in every place of them, and lets those systems read them that they are for.

    hostile_names.py COMMAND FOLDER

PostgreSQL, DuckDB and ClickHouse run them, and every value is compared. What psql runs is traced: nothing but gzip may be. For BigQuery,
Snowflake and Redshift, and for the other three once more, sqlglot takes the statements apart: with hostile names they have the same
structure as with harmless ones, and the names and texts that went in. Exit code 1 where one of this does not hold.
"""

import contextlib
import csv
import gzip
import http.server
import io
import json
import logging
import os
import re
import socket
import subprocess
import sys
import threading
import unicodedata
import urllib.parse
from pathlib import Path

from warehouses import DuckDB, Postgres, ClickHouse

SYSTEMS = ("postgres", "duckdb", "clickhouse", "bigquery", "snowflake", "redshift")
MARKS = ("", "\u0301", "\u0338", "\u20dd", "\u200d", "\ufe0f", "\u0483")
FILES_AT = {"bigquery": "gs://bucket", "snowflake": "@stage", "redshift": "s3://bucket"}


def free_port():
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def names(marker):
    """A hundred names and more: what quotes, escapes, comments, variables and commands are made of, each with marks behind it."""
    commands = [
        f"\\! touch {marker}", f"; \\! touch {marker} ;", f"$(touch {marker})", f"`touch {marker}`", f"; touch {marker}; #",
        f"| touch {marker}", f"\\g | touch {marker}", f"\\o | touch {marker}", f"\\copy (select 1) to program 'touch {marker}'",
        f"); COPY (SELECT 1) TO PROGRAM 'touch {marker}'; --",
    ]
    found = []
    for mark in MARKS:
        for quote in ('"', "'", "`", "\\", "\n", "\r", "$$"):
            found.append(f"{quote}{mark} {commands[len(found) % len(commands)]}")
    for quote in ('"', "'", "`"):
        found += [f"{quote}\n{command}" for command in commands]
    found += [
        "--", "-- x", "/*", "*/", ";", "a;b", "a--b", "#", "%", "%s", "{", "}", "[", "]", "*", "?", ":x", ':"x"', ":'x'", "$1", "@x", "E'", "\\", "\\\\",
        "\\'", '\\"', "\\`", "''", '""', "``", "'\"`", "\t", "\x01", "\x02", "\x0b", "\x0c", "\x1b]0;x\x07", "\x1b[2J", "\x7f", "\x85", "\x9b31m",
        "\u2028", "\u2029", "\u202e", "\u2066", "\r\n", "a\r\nb", "\\.", "\\N", "\\x41", "\\u0041", "\\n", "\ufeff", " ", "  x", "x  ", ".", "a.b", "/", "~",
        "~0", "é", "e\u0301", "É", "ﬁ", "ß", "ẞ", "İ", "ı", "\u212a", "K", "k", "日本語", "ключ", "مفتاح", "🔑", "👩\u200d👩\u200d👧", "n" * 300,
        "é" * 150, "SELECT", "drop table", "null", "true", "0", "1x", "rowid", "x\u0000y",
    ]
    return list(dict.fromkeys(found))


# MARK: A service whose conversations have such keys

class Service:
    """Three conversations of one day, with a value of text, a number and a list at every key."""

    def __init__(self, keys, kinds=None):
        self.rows = [self.row(number, keys, kinds or range(len(keys))) for number in range(3)]

    @classmethod
    def harmless(cls, keys):
        """With keys of letters and digits in the place of these, in the same order, and values of the same types."""
        order = sorted(range(len(keys)), key=lambda index: keys[index].encode())
        return cls([f"key{rank:04}" for rank in range(len(keys))], order)

    @staticmethod
    def row(number, keys, kinds):
        metadata = {}
        for index, key in zip(kinds, keys):
            metadata[key] = [f"v{index}-{number} ' \" \\ \u0301", index * 10 + number, [number, "x"]][index % 3]
        return {
            "id": number + 1, "agent": 1, "conversation_id": f"c{number}", "name": None, "customer_id": "it's", "customer_ip_address": None,
            "device": None, "language": None, "environment": "production", "environment_id": 1, "metadata": metadata,
            "started_at": f"2026-03-02T1{number}:00:00.000000Z", "ended_at": None, "is_marked": False, "is_used": True, "is_deleted": False,
            "deleted_at": None, "geo_location": None, "messages": [], "feedbacks": [],
        }

    def answer(self, query):
        rows = self.rows
        for name, holds in (("started_at_after", lambda row, bound: row >= bound), ("started_at_before", lambda row, bound: row <= bound)):
            if name in query:
                bound = query[name].replace("Z", "").ljust(26, "0") if "." in query[name] else query[name].replace("Z", ".000000")
                rows = [row for row in rows if holds(row["started_at"].rstrip("Z"), bound)]
        rows = sorted(rows, key=lambda row: row["started_at"], reverse=query.get("ordering", "").startswith("-"))
        return {"count": len(rows), "next": None, "previous": None, "page_size": 100, "total_pages": 1, "current_page": 1, "results": rows}

    @contextlib.contextmanager
    def served(self):
        service = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                parts = urllib.parse.urlsplit(self.path)
                is_list = parts.path == "/api/conversations/"
                body = service.answer(dict(urllib.parse.parse_qsl(parts.query))) if is_list else {"detail": "Not found."}
                content = json.dumps(body).encode()
                self.send_response(200 if is_list else 404)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


class Product:
    def __init__(self, command, folder, endpoint):
        self.command, self.folder = command, folder
        self.environment = os.environ | {"AGENTSIGHT_API_KEY": "ags_" + "0" * 32 + "_000000", "AGENTSIGHT_API_ENDPOINT": endpoint}

    def pipeline(self, name, destination, path, output):
        file = self.folder / f"{name}.yml"
        file.write_text(
            f"version: 1\nname: {name}\nwindow: {{ from: 2026-03-02, to: 2026-03-03, every: day }}\n"
            f"destination: {quoted_yaml(str(destination))}\noutputs:\n  - {{ path: {quoted_yaml(path)}, {output} }}\n")
        return file

    def run(self, *arguments, **options):
        return subprocess.run([self.command, *map(str, arguments)], env=self.environment, capture_output=True, text=True, **options)

    def export(self, file):
        done = self.run("run", "--quiet", file)
        assert done.returncode == 0, done.stderr

    def schema(self, file, system, *arguments, place=""):
        done = self.run("schema", file, "--for", system, *arguments)
        assert done.returncode == 0, (system, arguments, done.stderr)
        loads = "--load" in arguments
        # Its bytes, and no line more than there should be: nothing in it rules a terminal. A file's place stands there as it is.
        strange = {character for character in done.stdout if unicodedata.category(character) in ("Cc", "Zl", "Zp")} - {"\n"} - set(place)
        assert not strange, (system, loads, strange)
        return done.stdout


def quoted_yaml(text):
    return '"' + "".join(
        f"\\{character}" if character in '"\\' else character if " " <= character <= "~" else f"\\U{ord(character):08x}"
        for character in text).replace("$", "$$") + '"'


# MARK: psql, watched

class WatchedPostgres(Postgres):
    """psql whose every started program is written down."""

    def __init__(self, folder, marker):
        super().__init__(folder, free_port())
        self.trace, self.marker, self.started = folder / "trace", marker, 0

    def run(self, script):
        done = subprocess.run(
            ["strace", "-f", "-qq", "-s", "65536", "-e", "trace=execve", "-o", self.trace,
             "psql", "-X", "-q", "-h", "127.0.0.1", "-p", self.port, "-U", "postgres", "-d", "postgres", "-f", "-"],
            input=script, text=True, capture_output=True)
        programs = re.findall(r'execve\("((?:[^"\\]|\\.)*)", \[((?:"(?:[^"\\]|\\.)*"(?:, )?)*)\].*= 0$', self.trace.read_text(), re.MULTILINE)
        names = [Path(name).name for name, _ in programs]
        assert names[:1] != [] and set(names) <= {"psql", "perl", "sh", "dash", "gzip"}, f"psql ran {names}"
        assert not self.marker.exists(), "psql ran a command of a name"
        self.started += names.count("gzip")
        errors = [line for line in done.stderr.split("\n") if line and "NOTICE" not in line]
        if done.returncode or errors:
            raise AssertionError(f"psql: {done.returncode}: {errors[:5]}")
        return done.stdout

    def table(self, name):
        text = self.run(f"\\copy (SELECT * FROM {name} ORDER BY 1) TO STDOUT WITH (FORMAT csv, HEADER true)")
        return list(csv.reader(io.StringIO(text, newline="")))


class PlainDuckDB(DuckDB):
    def table(self, name):
        found = self.connection.execute(f"SELECT * FROM {name} ORDER BY 1")
        return [[column[0] for column in found.description]] + [["" if value is None else str(value) for value in row] for row in found.fetchall()]


class PlainClickHouse(ClickHouse):
    def run(self, script):
        # As its own client takes them: by its lexer, of which quotes and comments are all that matters here.
        for statement in split_statements(script):
            self.session.query(statement)

    def table(self, name):
        text = self.session.query(f"SELECT * FROM {name} ORDER BY id", "CSVWithNames").bytes().decode()
        return [["" if cell == "\\N" else cell for cell in row] for row in csv.reader(io.StringIO(text, newline=""))]


def split_statements(script):
    statements, statement, position = [], "", 0
    token = re.compile(r"--[^\n]*|'(?:[^'\\]|\\.|'')*'|`(?:[^`\\]|\\.)*`|;|.", re.DOTALL)
    while position < len(script):
        match = token.match(script, position)
        position = match.end()
        if match[0] == ";":
            statements.append(statement)
            statement = ""
        elif not match[0].startswith("--"):
            statement += match[0]
    assert not statement.strip(), f"what is left: {statement[:80]!r}"
    return statements


# MARK: sqlglot

def structure(script, system):
    """The kinds of all tokens, and the names and texts among them."""
    from sqlglot import Dialect
    from sqlglot.tokens import TokenType

    lines = [line for line in script.split("\n") if not line.startswith("\\")]
    kinds, names, texts = [], [], []
    for token in Dialect.get_or_raise(system).tokenize("\n".join(lines)):
        kinds.append(token.token_type.name)
        if token.token_type == TokenType.IDENTIFIER:
            names.append(token.text)
        elif token.token_type in (TokenType.STRING, TokenType.BYTE_STRING):
            texts.append(token.text)
    return kinds, names, texts


def check_structure(hostile, harmless, system, what):
    found, wanted = structure(hostile, system), structure(harmless, system)
    # Where a text has something to escape, PostgreSQL's is an escape string and DuckDB's a sum.
    plain = lambda kinds: ["STRING" if kind == "BYTE_STRING" else kind for kind in kinds]
    assert plain(found[0]) == plain(wanted[0]), (system, what, first_difference(plain(found[0]), plain(wanted[0])))
    parsed = [parse(statement, system) for statement in statements(harmless)]
    for statement, is_known in zip(statements(hostile), parsed, strict=True):
        assert not is_known or parse(statement, system), (system, what, statement)
    return found


def statements(script):
    """Without what is psql's own. No line ends within a name or a text."""
    return "\n".join(line for line in script.split("\n") if not line.startswith("\\")).split(";\n")


def parse(statement, system):
    """Whether sqlglot's grammar has the statement: not all that the systems have is in it."""
    import sqlglot

    try:
        sqlglot.parse(statement, read=system)
        return True
    except sqlglot.errors.ParseError:
        return False


def first_difference(found, wanted):
    return next(((index, pair) for index, pair in enumerate(zip(found, wanted)) if pair[0] != pair[1]), (len(found), len(wanted)))


# MARK: Checks

def expected(rows, columns, catalog):
    """The cells of the columns that were discovered, as text."""
    paths = {entry["name"]: entry["path"] for entry in catalog}
    cells = []
    for row in rows:
        line = []
        for column in columns:
            value = row["metadata"][paths[column][1]]
            line.append(value if isinstance(value, str) else json.dumps(value))
        cells.append(line)
    return cells


def check_keys(product, service, folder, systems, keys):
    """Hostile keys of metadata: they are names of columns, keys in JSON, and headers of CSV."""
    for variant, output, path in (
        ("ndjson", "flatten: [metadata]", "{date}.ndjson.gz"), ("csv", "format: csv", "{date}.csv.gz"),
        ("plain", "format: csv, compression: none", "{date}.csv"),
    ):
        destination = folder / f"keys-{variant}"
        file = product.pipeline(f"keys-{variant}", destination, path, output)
        product.export(file)
        catalog = json.loads((destination / "_agentsight/columns.json").read_text())["columns"]
        assert {entry["path"][1] for entry in catalog} == set(keys)
        columns = json.loads(next((destination / "_agentsight/windows").glob("*.json")).read_text())["files"][0]["columns"]
        places = [place for place, column in enumerate(columns) if column.startswith("metadata__") and column != "metadata__rest"]
        assert len(places) == len(keys), (len(places), len(keys))
        wanted = expected(service.rows, [columns[place] for place in places], catalog)
        for name, system in systems.items():
            for _ in range(2):
                system.run(product.schema(file, name))
                system.run(product.schema(file, name, "--load"))
            header, *rows = system.table("conversations")
            assert len(rows) == 3, (name, variant, len(rows))
            for row, cells in zip(rows, wanted):
                for place, cell in zip(places, cells):
                    same = row[place] == cell or (cell[:1] in "[0123456789" and json.loads(row[place]) == json.loads(cell))
                    assert same, (name, variant, columns[place], row[place], cell)
            print(f"  {name}, {variant}: {len(places)} hostile keys are columns, and {len(places) * 3} values arrived")
            system.run("DROP TABLE conversations;")


def check_other_systems(product, harmless, folder, hostile_file, harmless_file, keys):
    for system in SYSTEMS:
        at = ["--files-at", FILES_AT[system]] if system in FILES_AT else []
        for arguments in ([], ["--load"]):
            script, plain = product.schema(hostile_file, system, *arguments, *at), harmless.schema(harmless_file, system, *arguments, *at)
            if system in ("duckdb", "snowflake", "redshift") and arguments:
                # Odd keys are read in another way there, whose structure is another.
                kinds, found, texts = structure(script, system)
                assert len(statements(script)) == len(statements(plain)), (system, arguments)
                for statement, other in zip(statements(script), statements(plain)):
                    assert parse(statement, system) or not parse(other, system), (system, arguments, statement)
            else:
                kinds, found, texts = check_structure(script, plain, system, arguments)
            wild = [name for name in found + texts if "touch" in name]
            assert wild, (system, arguments, "no hostile name was seen")
        print(f"  {system}: sqlglot reads the statements with {len(keys)} hostile keys")


def check_namespaces(product, systems, file, hostile, marker):
    count = 0
    plain = {system: structure(product.schema(file, system, "--namespace=plain"), system)[0] for system in SYSTEMS}
    for name in dict.fromkeys(name.replace(str(marker), "x") for name in hostile):
        if any(unicodedata.category(character) in ("Cc", "Zl", "Zp") or character in "\u202e\u2066" for character in name):
            refused = product.run("schema", file, "--for", "postgres", "--namespace=" + name.replace("\0", "\1"))
            if refused.returncode == 2:
                continue
        if "." in name or not name or len(name.encode()) > 60:
            continue
        scripts = {}
        for system in SYSTEMS:
            script = product.schema(file, system, f"--namespace={name}")
            found = structure(script, system)
            assert found[0] == plain[system], (system, name, first_difference(found[0], plain[system]))
            if system not in ("bigquery", "clickhouse"):  # sqlglot leaves the escapes of theirs as they are
                assert (name.upper() if system == "snowflake" else name) in found[1], (system, name, found[1][:3])
            if system in systems:
                scripts[system] = script
        quoted = '"' + name.replace('"', '""') + '"'
        for system in ("postgres", "duckdb"):
            systems[system].run(f"CREATE SCHEMA {quoted};\n{scripts[system]}\nDROP SCHEMA {quoted} CASCADE;")
        count += 1
    print(f"  {count} hostile namespaces, made in PostgreSQL and DuckDB, read by sqlglot for all six systems")


def check_places(product, folder, systems, hostile, marker):
    """Hostile folders, prefixes and paths of files."""
    count, tables, plain = 0, {}, {}
    fit = [name for name in hostile if len(name.encode()) < 200 and not any(unicodedata.category(character) == "Cc" for character in name)]
    for index, name in enumerate(fit):
        folder_name = name.replace("/", "_").replace(str(marker), "x")
        path = re.sub(r"[{}\\]", "_", folder_name)
        # YAML's reader takes a byte order mark at the start of a text away.
        if path.strip(".") == "" or path.startswith("\ufeff"):
            continue
        destination = folder / "places" / f"{index} {folder_name}"
        file = product.pipeline(f"places-{index}", destination, f"{path}/{{date}} {path}.csv.gz", "format: csv, flatten: [geo_location]")
        product.export(file)
        for system_name, system in systems.items():
            if index == 0:
                tables[system_name] = product.schema(file, system_name)
            if system_name == "clickhouse" and any(character in f"{destination}{path}" for character in "*?{}"):
                load = product.run("schema", file, "--for", system_name, "--load")
                assert load.returncode == 2 and "pattern" in load.stderr, load
                continue
            load = product.schema(file, system_name, "--load", place=f"{destination}{path}")
            if system_name == "postgres":
                found = system.run(f"{tables[system_name]}\n{load}\nSELECT count(*) FROM conversations;\nDROP TABLE conversations;")
                assert found.split()[2:3] == ["3"], (name, found)
                continue
            system.run(tables[system_name])
            system.run(load)
            assert len(system.table("conversations")) == 4, (system_name, name)
            system.run("DROP TABLE conversations;")
        for system_name, prefix in FILES_AT.items():
            at = f"{prefix}/{folder_name}"
            done = product.run("schema", file, "--for", system_name, "--load", "--files-at", at)
            if "*" in f"{at}{path}" and system_name == "bigquery":
                assert done.returncode == 2, done
                continue
            assert done.returncode == 0, done.stderr
            found = structure(done.stdout, system_name)[0]
            plain.setdefault(system_name, structure(product.schema(file, system_name, "--load", "--files-at", f"{prefix}/plain", place=path), system_name)[0])
            assert found == plain[system_name], (system_name, name, first_difference(found, plain[system_name]))
        count += 1
    assert not marker.exists()
    print(f"  {count} hostile folders with hostile files, loaded by all, read by sqlglot for the others")


def check_manifests(product, folder, hostile):
    """Manifests that others wrote, whose words no pipeline could have: keys of windows, paths, columns."""
    destination = folder / "manifests"
    file = product.pipeline("manifests", destination, "x-{date}.csv.gz", "format: csv, flatten: [geo_location]")
    product.export(file)
    windows = destination / "_agentsight/windows"
    state = next(windows.glob("*.json"))
    written = json.loads(state.read_text())
    # A file of an older version has no checksum, and no digests.
    for name in ("checksum", "digests", "sums"):
        written.pop(name, None)
    state.unlink()

    def put(words, change):
        for old in windows.iterdir():
            old.unlink()
        for index, word in enumerate(words):
            manifest = json.loads(json.dumps(written))
            manifest["window"]["key"] = f"w{index:04}"
            change(manifest, word)
            # A manifest lies under its window's key, where that can be a name.
            name = manifest["window"]["key"]
            (windows / f"{name if is_name(name) else 'w0000'}.json").write_text(json.dumps(manifest))

    def is_name(word):
        return not set(word) & set("/\0") and word not in (".", "..")

    def key(manifest, word):
        manifest["window"]["key"] = word

    def path(manifest, word):
        manifest["files"][0]["path"] = word

    def columns(manifest, word):
        manifest["files"][0]["columns"][0] = word

    def is_path(word):
        steps = word.split("/")
        return not any(step in ("", ".", "..") for step in steps) and not any(
            character == "\\" or unicodedata.category(character) == "Cc" for character in word)

    paths = [word for word in hostile if is_path(word)]
    for what, change, words in (("paths", path, paths),):
        for system in SYSTEMS:
            at = ["--files-at", FILES_AT[system]] if system in FILES_AT else []
            marks = {"clickhouse": "*?{}", "bigquery": "*"}.get(system, "") if what == "paths" else ""
            words_here = [word for word in words if not set(word) & set(marks)]
            if what == "paths" and system == "duckdb":
                # These are put together with chr(…), which the check of places runs.
                words_here = [
                    word for word in words_here if not any(unicodedata.category(character) in ("Zl", "Zp", "Cf") for character in word)]
            put(words_here, change)
            script = product.schema(file, system, "--load", *at, place="".join(words_here) if what == "paths" else "")
            put(["plain"] * len(words_here), change)
            plain = product.schema(file, system, "--load", *at)
            found, wanted = structure(script, system)[0], structure(plain, system)[0]
            assert found == wanted, (system, what, first_difference(found, wanted))
            assert script.count("\n") == plain.count("\n"), (system, what)
        print(f"  {len(words)} manifests with hostile {what}, read for all six systems with nothing but what was meant")
    put(["2026-03-02"], key)
    meant = structure(product.schema(file, "postgres", "--load"), "postgres")[0]
    count = 0
    # A path that no run writes is damage; a key that is no window's, and a column that the file does not declare, are mistakes of the
    # command's, and a key that can be no name is damage.
    for change, codes, words in (
        (path, (1,), [word for word in hostile if word not in paths]),
        (key, (1, 2), [word for word in hostile if len(word.encode()) <= 250]),
        (columns, (2,), hostile[::4])):
        for word in words:
            put([word], change)
            done = product.run("schema", file, "--for", "postgres", "--load")
            # Such as "--", which is as good as a day: a comment says it.
            if change is key and done.returncode == 0:
                assert structure(done.stdout, "postgres")[0] == meant, (word, done)
                continue
            assert done.returncode in codes and not done.stdout and done.stderr.count("\n") == 1, (word, done)
            assert not any(unicodedata.category(character) == "Cc" for character in done.stderr[:-1]), (word, done.stderr)
            count += 1
    print(f"  {count} manifests with words that no statement may hold, refused on one line")


def main(command, folder):
    # It says what it leaves to others, such as COPY.
    logging.getLogger("sqlglot").setLevel(logging.ERROR)
    folder.chmod(0o755)
    marker = folder / "touched"
    hostile = names(marker)
    assert len(hostile) > 100
    # U+0000 is in no text of PostgreSQL, whose loads of such rows fail: only its tables are made with such a name.
    keys = [key for key in hostile if "\0" not in key]
    service = Service(keys)
    systems = {}
    try:
        systems = {"postgres": WatchedPostgres(folder, marker), "duckdb": PlainDuckDB(folder), "clickhouse": PlainClickHouse(folder)}
        with service.served() as endpoint:
            product = Product(command, folder, endpoint)
            check_keys(product, service, folder, systems, keys)
            hostile_file = folder / "keys-ndjson.yml"
            with Service.harmless(keys).served() as harmless_endpoint:
                (folder / "harmless").mkdir()
                harmless = Product(command, folder / "harmless", harmless_endpoint)
                harmless_file = harmless.pipeline("harmless", folder / "harmless" / "out", "{date}.ndjson.gz", "flatten: [metadata]")
                harmless.export(harmless_file)
                check_other_systems(product, harmless, folder, hostile_file, harmless_file, keys)
            few = product.pipeline("few", folder / "few", "{date}.csv.gz", "format: csv, flatten: [geo_location]")
            product.export(few)
            check_namespaces(product, systems, few, hostile, marker)
            check_places(product, folder, systems, hostile, marker)
            check_manifests(product, folder, hostile)
        with Service(hostile).served() as endpoint:
            product = Product(command, folder, endpoint)
            file = product.pipeline("nul", folder / "nul", "{date}.ndjson.gz", "flatten: [metadata]")
            product.export(file)
            systems["postgres"].run(product.schema(file, "postgres"))
            systems["postgres"].run("DROP TABLE conversations;")
        assert systems["postgres"].started > 0 and not marker.exists()
        print(f"  psql ran gzip {systems['postgres'].started} times, and nothing else")
    finally:
        if "postgres" in systems:
            systems["postgres"].stop()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
