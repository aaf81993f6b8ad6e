#!/usr/bin/env python3
"""Loads an export into real systems night after night, while rows of the service come, go and change, and compares every cell.

    load.py COMMAND FOLDER [NIGHTS] [--systems postgres,duckdb,clickhouse] [--kills N] [--seed N] [--port PORT]

The service is served by this process, from samples/conversations.ndjson. PostgreSQL is started in FOLDER; DuckDB is run as `duckdb`, from
the folder of this Python; ClickHouse's engine is served by clickhouse_client.py. With --kills, that many loads die every night. Exit code 1
where a table differs from the service, the ledger has a window twice, `load --verify` does not see a change made by hand, or a reader that
follows `_changed_at` misses a change.
"""

import argparse
import collections
import contextlib
import copy
import http.server
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
import urllib.parse
from pathlib import Path

import warehouses

KEY = "ags_0123456789abcdef0123456789abcdef_012345"
DAYS = [f"2026-03-{day:02}" for day in range(23, 32)] + [f"2026-04-{day:02}" for day in range(1, 8)]
HOSTILE = "x\n\\.\n\\! touch pwned\n'; DROP TABLE conversations; --\t\r\\N \\x41 \"quoted\" $$ :name \x01\x02"


class Service:
    """The list of conversations, as it is at the moment."""

    def __init__(self):
        lines = (Path(__file__).parent.parent / "samples/conversations.ndjson").read_text().splitlines()
        # The numbers as they are written.
        self.rows = [warehouses.loads(line) for line in lines]
        self.rows = [row for row in self.rows if "2026-03-23" <= row["started_at"] < "2026-04-08"]
        self.next_id = 10_000_000
        service = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                url = urllib.parse.urlsplit(self.path)
                status, body = 404, {"detail": "Not found."}
                if url.path == "/api/conversations/":
                    status, body = 200, service.page(dict(urllib.parse.parse_qsl(url.query)))
                content = dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        report = self.server.handle_error
        # A run that is killed hangs up.
        self.server.handle_error = lambda *client: isinstance(sys.exc_info()[1], ConnectionError) or report(*client)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.endpoint = f"http://127.0.0.1:{self.server.server_port}"

    def page(self, query):
        after, before = query.get("started_at_after"), query.get("started_at_before")
        instant = warehouses.microseconds
        rows = [
            row for row in self.rows
            if (not after or instant(row["started_at"]) >= instant(after)) and (not before or instant(row["started_at"]) <= instant(before))
            and (query.get("include_deleted") == "true" or not row["is_deleted"])]
        if query.get("ordering") == "id":
            rows.sort(key=lambda row: int(row["id"]))
        else:
            rows.sort(key=lambda row: (instant(row["started_at"]), int(row["id"])))
        size, number = min(100, int(query.get("page_size", 20))), int(query.get("page", 1))
        part = rows[(number - 1) * size:number * size]
        if query.get("full") == "false":
            part = [{k: v for k, v in row.items() if k not in ("messages", "feedbacks")}
                    | {"message_count": len(row["messages"]), "feedback_count": len(row["feedbacks"])} for row in part]
        more = self.endpoint + "/api/conversations/?page=" + str(number + 1) if number * size < len(rows) else None
        return {"count": len(rows), "next": more, "previous": None, "results": part}

    def change(self, luck):
        """A day of the service: rows come, go, move, and are edited."""
        for row in luck.sample(self.rows, 12):
            kind = luck.randrange(14)
            if kind == 0:
                self.rows.remove(row)
            elif kind == 1:
                row["is_marked"] = not row["is_marked"]
            elif kind == 2 and row["messages"]:
                message = luck.choice(row["messages"])
                message["content"] = luck.choice([HOSTILE, "", "edited " + str(luck.random()), "null", "NULL", "\\N"])
            elif kind == 3:
                row["name"] = luck.choice([HOSTILE, None, "", "ж" * 3000, "a\u0301"])
            elif kind == 4:
                row["started_at"] = luck.choice(DAYS) + "T12:34:56.789012Z"
            elif kind == 5:
                row["feedbacks"] = row["feedbacks"] + [{
                    "id": self.new_id(), "kind": "rating", "sentiment": "negative", "comment": HOSTILE,
                    "created_at": "2026-04-01T00:00:00Z"}]
            elif kind == 6:
                row["metadata"] = {"customer_tier": luck.choice(["gold", HOSTILE]), "n": luck.randrange(10**18)} | {
                    f"key{luck.randrange(30)}": luck.choice([True, "text", warehouses.Decimal("1.5"), [1], HOSTILE])}
            elif kind == 7:
                other = copy.deepcopy(row)
                other["id"], other["conversation_id"] = self.new_id(), f"copy-{self.next_id}"
                for message in other["messages"]:
                    message["id"] = self.new_id()
                    for element in message["action_logs"] + message["attachments"]:
                        element["id"] = self.new_id()
                for feedback in other["feedbacks"]:
                    feedback["id"] = self.new_id()
                self.rows.append(other)
            elif kind == 8:
                # The link alone is a volatile value, which no look sees.
                for message in row["messages"]:
                    for attachment in message["attachments"]:
                        attachment |= {"file_name": luck.choice([HOSTILE, "copy.pdf"]), "file_url": f"https://files/{luck.random()}"}
            elif kind == 9:
                row["feedbacks"] = row["feedbacks"][1:]
            elif kind == 10:
                for feedback in row["feedbacks"]:
                    feedback["comment"] = luck.choice([None, "", HOSTILE, "changed"])
            elif kind == 11:
                # Deleted, and back.
                row["is_deleted"] = not row["is_deleted"]
                row["deleted_at"] = "2026-04-20T00:00:00Z" if row["is_deleted"] else None
            elif kind == 12 and row["messages"]:
                luck.choice(row["messages"])["metadata"] = luck.choice([None, {}, {"model": HOSTILE, "tokens": luck.randrange(1000)}])
            elif kind == 13:
                row["environment"] = luck.choice(["production", "development"])

    def new_id(self):
        self.next_id += 1
        return warehouses.Decimal(self.next_id)

    def visible(self):
        return [row for row in self.rows if not row["is_deleted"]]


def dumps(value):
    """JSON with numbers of any length."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(key)}:{dumps(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(dumps, value)) + "]"
    if isinstance(value, warehouses.Decimal):
        return str(value)
    return json.dumps(value)


class Loads:
    def __init__(self, command, folder, service, system, client):
        self.command, self.folder, self.system, self.client = command, folder / f"loads-{system.name}", system, client
        self.folder.mkdir()
        # The seconds that a load of all windows takes, and what was killed.
        self.span, self.kills = 0.8, collections.Counter()
        # How often a reader saw changes while two loads committed.
        self.polls = 0
        # How many windows were exported again or patched since the first night, and what their manifests say.
        self.written, self.manifests = collections.Counter(), {}
        self.environment = {
            "PATH": os.environ["PATH"], "HOME": str(folder), "AGENTSIGHT_API_ENDPOINT": service.endpoint, "AGENTSIGHT_API_KEY": KEY}
        outputs = "".join(
            f"  - {{ table: {table}, flatten: [{', '.join(warehouses.OBJECTS.get(table, []))}], path: '{table}/{{date}}' }}\n"
            for table in warehouses.FIELDS)
        self.file = self.folder / "nightly.yml"
        self.file.write_text(
            # Pages of a few rows, so that fetching those that differ alone takes fewer requests.
            "version: 1\nname: nightly\nkeep_rows: true\nfetch: { page_size: 5 }\n"
            "window: { from: 2026-03-23, to: 2026-04-08, every: day, refresh: [{ every: run, look: full }] }\n"
            f"destination: {self.folder}/out\nload: {{ into: {system.name}, client: {json.dumps(client)} }}\noutputs:\n{outputs}")

    def start(self, *arguments):
        return subprocess.Popen(
            [self.command, *arguments], env=self.environment, cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            start_new_session=True)

    def run(self, *arguments, code=0):
        process = self.start(*arguments)
        output, errors = process.communicate(timeout=900)
        if process.returncode != code:
            raise AssertionError(f"{self.system.name}: {arguments}: {process.returncode}, not {code}: {output[-2000:]} {errors[-3000:]}")
        return output

    def night(self):
        self.run("run", str(self.file), "--load", "--quiet")

    def load(self, *arguments, code=0):
        return json.loads(self.run("load", str(self.file), "--format", "json", *arguments, code=code))["windows"]

    def again(self, window):
        """Loads a window again; where that takes less than minutes, all of them."""
        if self.system.name == "clickhouse":
            self.system.forget([window])
            return self.load()
        return self.load("--force")

    def verify(self, code=0):
        return json.loads(self.run("load", str(self.file), "--verify", "--format", "json", code=code))["problems"]

    def count_written(self):
        """Counts the windows that were committed again since the last time, by their walk."""
        before, self.manifests = self.manifests, {path: path.read_bytes() for path in (self.folder / "out/_agentsight/windows").iterdir()}
        for path, manifest in self.manifests.items():
            if path in before and before[path] != manifest:
                self.written[json.loads(manifest)["proof"]["walk"]] += 1

    def catalog(self):
        return json.loads((self.folder / "out/_agentsight/columns.json").read_text())["columns"]


class Loaded:
    """What a check asks of a system whose tables were loaded."""

    def time(self, column):
        """A time as text."""
        return f"{column}::varchar"

    def since(self, column, mark):
        """Whether a time is later than one as text."""
        return f"{column} > '{mark}'"

    def changes(self, window):
        """Changes of a row of a window of messages by hand."""
        of = f"FROM messages WHERE _window = '{window}'"
        first = f"id = (SELECT min(id) {of})"
        return {
            "deleted": f"DELETE FROM messages WHERE {first}",
            "altered": f"UPDATE messages SET content = content || ' ' WHERE id = (SELECT min(id) {of} AND content IS NOT NULL)",
            "nulled": f"UPDATE messages SET conversation = NULL WHERE {first}",
            "moved": f"UPDATE messages SET _window = '2026-03-25' WHERE {first}",
            "dated back": f"UPDATE messages SET _changed_at = '2000-01-01 00:00:00+00' WHERE {first}",
            "another agent's": f"UPDATE messages SET _agent = 'ghost' WHERE {first}",
            "doubled": f"INSERT INTO messages SELECT * {of} AND {first}",
        }

    def forget(self, windows):
        """Takes windows out of the ledger."""
        self.execute(f"DELETE FROM _agentsight_loads WHERE \"window\" IN ({', '.join(map(repr, windows))})")

    def create_schema(self, name):
        self.execute('CREATE SCHEMA "' + name.replace('"', '""') + '"')


class LoadedPostgres(Loaded, warehouses.Postgres):
    def query(self, sql):
        return [json.loads(line) for line in self.run(f"\\pset format unaligned\n\\pset tuples_only\n{sql}").split("\n")[:-1]]

    def execute(self, sql):
        self.run(sql)

    def array(self, *values):
        return f"json_build_array({', '.join(values)})"


class LoadedDuckDB(Loaded, warehouses.DuckDB):
    """Opened for each question: one process at a time has the file."""

    def __init__(self, path):
        self.path = path

    @property
    def connection(self):
        import duckdb

        connection = duckdb.connect(str(self.path))
        connection.execute("SET TimeZone = 'UTC'")
        return connection

    def query(self, sql):
        return [json.loads(row[0]) for row in self.connection.execute(sql).fetchall()]

    def execute(self, sql):
        self.connection.execute(sql)

    def array(self, *values):
        return f"json_array({', '.join(values)})"


class LoadedClickHouse(Loaded, warehouses.System):
    """ClickHouse's engine, served beside this process."""

    name = "clickhouse"

    def __init__(self, client):
        self.client = client
        self.server = subprocess.Popen([*client, "--serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.server.stdout.readline()

    def stop(self):
        self.server.communicate()

    def run(self, sql, form):
        done = subprocess.run([*self.client, f"--format={form}"], input=sql, text=True, capture_output=True)
        if done.returncode:
            raise AssertionError(f"clickhouse: {done.returncode}: {done.stderr[:1000]}: {sql[:300]}")
        return [json.loads(line) for line in done.stdout.split("\n") if line]

    def query(self, sql):
        return [[json.loads(value) for value in row[0]] for row in self.run(sql, "JSONCompactEachRow")]

    def execute(self, sql):
        self.run(sql, "JSONCompactEachRow")

    def array(self, *values):
        return f"[{', '.join(f'toJSONString({value})' for value in values)}]"

    def time(self, column):
        return f"concat(toString({column}), '+00')"

    def since(self, column, mark):
        return f"{column} > parseDateTime64BestEffort('{mark}', 6, 'UTC')"

    def changes(self, window):
        rows = f"_agentsight_rows_messages WHERE _window = '{window}' AND _load IN (SELECT load FROM _agentsight_loads WHERE \"table\" = 'messages')"
        first = f"id = (SELECT min(id) FROM {rows})"
        alter = "ALTER TABLE _agentsight_rows_messages"
        return {
            "deleted": f"{alter} DELETE WHERE {first} SETTINGS mutations_sync = 2",
            "altered": f"{alter} UPDATE content = content || ' ' WHERE id = (SELECT min(id) FROM {rows} AND content IS NOT NULL) "
                       "SETTINGS mutations_sync = 2",
            "nulled": f"{alter} UPDATE conversation = NULL WHERE {first} SETTINGS mutations_sync = 2",
            "dated back": f"{alter} UPDATE _changed_at = toDateTime64('2000-01-01', 6, 'UTC') WHERE {first} SETTINGS mutations_sync = 2",
            "another agent's": f"INSERT INTO _agentsight_rows_messages SELECT * REPLACE ('ghost' AS _agent) FROM {rows} AND {first}",
            "doubled": f"INSERT INTO _agentsight_rows_messages SELECT * FROM {rows} AND {first}",
        }

    def forget(self, windows):
        """Makes windows look as if another export had been loaded. Whoever takes out a load, takes out the deletions that it found, too."""
        self.execute(
            f"ALTER TABLE _agentsight_load_log UPDATE content_sha256 = '' WHERE \"window\" IN ({', '.join(map(repr, windows))}) "
            "SETTINGS mutations_sync = 2")

    def create_schema(self, name):
        self.execute(f"CREATE DATABASE `{name}`")

    def rows(self, table, types):
        names = [row[0] for row in self.run(f"DESCRIBE TABLE {table}", "JSONCompactEachRow")]
        select = []
        for name in names:
            quoted = "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"
            select.append(f"toUnixTimestamp64Micro({quoted})" if types.get(name) == "timestamp" else quoted)
        settings = "SETTINGS output_format_json_quote_64bit_integers = 0"
        found = self.run(f"SELECT {', '.join(select)} FROM {table} {settings}", "JSONCompactEachRow")
        return [dict(zip(names, row)) for row in found]

    def aged(self):
        """Lets two days pass since the loads, and counts the rows of all versions and those that readers see."""
        for table, column in ("load_log", "loaded_at"), *((f"rows_{table}", "_loaded_at") for table in warehouses.FIELDS):
            # A column of the key cannot be updated.
            old, time = f"_agentsight_{table}", f"{column} - toIntervalDay(2)"
            if table != "load_log":
                # The times of the current versions belong to what `--verify` checks.
                time = f"if(_load IN (SELECT load FROM _agentsight_loads), {column}, {time})"
            self.execute(f"CREATE TABLE aged AS {old}")
            self.execute(f"INSERT INTO aged SELECT * REPLACE ({time} AS {column}) FROM {old}")
            self.execute(f"TRUNCATE TABLE {old}")
            self.execute(f"INSERT INTO {old} SELECT * FROM aged")
            self.execute("DROP TABLE aged")

    def versions(self):
        """The rows of all versions, and those that readers see."""
        return [sum(self.run(f"SELECT count() FROM {name}{table}", "JSONCompactEachRow")[0][0] for table in warehouses.FIELDS)
                for name in ("_agentsight_rows_", "")]


class Follower:
    """A reader of `_changed_at`: what an incremental model downstream does, with a watermark for each table."""

    def __init__(self, system):
        self.system, self.rows, self.seen = system, {}, set()
        self.marks = dict.fromkeys([*warehouses.FIELDS, "_agentsight_deleted"], "1970-01-01 00:00:00+00")

    def poll(self):
        """Deletions first: a row that came back since has a later change."""
        columns = self.system.array('"table"', "id", self.system.time("deleted_at"))
        found = self.system.query(
            f"SELECT {columns} FROM _agentsight_deleted WHERE {self.system.since('deleted_at', self.marks['_agentsight_deleted'])}")
        for table, ident, mark in found:
            self.rows.pop((table, ident), None)
        self.advance("_agentsight_deleted", [mark for *_, mark in found])
        changed = 0
        for table in warehouses.FIELDS:
            found = self.system.query(
                f"SELECT {self.system.array('id', '_row_digest::varchar', self.system.time('_changed_at'))} FROM {table} "
                f"WHERE {self.system.since('_changed_at', self.marks[table])}")
            for ident, digest, mark in found:
                if (table, ident, digest, mark) in self.seen:
                    raise AssertionError(f"{self.system.name}: a reader of _changed_at sees a change of {table} twice")
                self.seen.add((table, ident, digest, mark))
                self.rows[table, ident] = digest
            self.advance(table, [mark for *_, mark in found])
            changed += len(found)
        return changed

    def advance(self, table, marks):
        self.marks[table] = max(
            [self.marks[table], *marks], key=lambda text: warehouses.microseconds(text.replace(" ", "T") + ":00" if text.endswith("+00") else text))

    def check(self):
        there = {
            (table, ident): digest for table in warehouses.FIELDS for ident, digest in self.system.query(
                f"SELECT {self.system.array('id', '_row_digest::varchar')} FROM {table}")}
        if there != self.rows:
            differing = [key for key in there.keys() | self.rows.keys() if there.get(key) != self.rows.get(key)]
            raise AssertionError(f"{self.system.name}: a reader of _changed_at has {len(differing)} rows otherwise: {differing[:5]}")


def nights(loads, service, luck, count, kills):
    follower = Follower(loads.system)
    for night in range(count):
        service.change(luck)
        if kills:
            killed(loads, luck, kills)
        elif night % 4 == 1:
            killed(loads, luck)
        elif night % 4 == 2:
            at_once(loads, follower)
        else:
            loads.night()
        counts = loads.system.check("flat", service.visible(), loads.catalog())
        columns = loads.system.array("count(*)", 'count(DISTINCT "window" || "table")')
        ledger = loads.system.query(f"SELECT {columns} FROM _agentsight_loads")
        if ledger != [[len(DAYS) * len(warehouses.FIELDS)] * 2]:
            raise AssertionError(f"{loads.system.name}: the ledger has {ledger} windows")
        follower.poll()
        follower.check()
        if any(window["state"] != "unchanged" for window in loads.load()):
            raise AssertionError(f"{loads.system.name}: a second load changed something")
        if follower.poll():
            raise AssertionError(f"{loads.system.name}: a load of the same windows changed rows")
        loads.verify()
        loads.count_written()
    return counts


def children(pid):
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            if int(path.read_text().rsplit(")", 1)[1].split()[1]) == pid:
                found.append(int(path.parent.name))
        except OSError:
            pass
    return found


def is_running(session):
    """Whether a process of a session runs, whoever is its parent by now."""
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, _, its = path.read_text().rsplit(")", 1)[1].split()[:4]
        except OSError:
            continue
        if int(its) == session and state != "Z":
            return True
    return False


def killed(loads, luck, count=4):
    """Loads that die anywhere, or whose client does: each window is there whole, in its old form or its new one."""
    loads.run("run", str(loads.file), "--quiet")
    for number in range(count):
        arguments = ["--force"] if number % 2 and loads.system.name != "clickhouse" else []
        process = loads.start("load", str(loads.file), *arguments)
        time.sleep(luck.uniform(0, loads.span))
        clients = children(process.pid)
        is_client = bool(clients) and luck.random() < 0.5
        kind = "too late"
        if process.poll() is None:
            # A client may end before it is struck.
            with contextlib.suppress(ProcessLookupError):
                os.kill(clients[0] if is_client else process.pid, signal.SIGKILL)
                kind = "client" if is_client else "exporter"
        loads.kills[kind] += 1
        _, errors = process.communicate(timeout=300)
        if process.returncode not in (0, 1, 75, -signal.SIGKILL):
            raise AssertionError(f"{loads.system.name}: a load whose client was killed ended with {process.returncode}: {errors[-2000:]}")
        # A client that was started just before may still have the database.
        while is_running(process.pid):
            time.sleep(0.02)
        output, errors = loads.start("load", str(loads.file), "--verify", "--format", "json").communicate(timeout=300)
        if not output:
            raise AssertionError(f"{loads.system.name}: verify after a kill: {errors[-2000:]}")
        for problem in json.loads(output)["problems"]:
            if "earlier export" not in problem["problem"] and "not loaded" not in problem["problem"]:
                raise AssertionError(f"{loads.system.name}: after a kill: {problem}")
            loads.kills["windows left for the next load"] += 1
    loads.load()
    began = time.monotonic()
    loads.again("2026-03-24")
    loads.load()
    loads.span = time.monotonic() - began


def at_once(loads, follower):
    loads.run("run", str(loads.file), "--quiet")
    if loads.system.name == "duckdb":
        return loads.load()
    # Without transactions, one load at a time may change rows; several of the same rows do no harm.
    is_repeated = loads.system.name == "clickhouse"
    if is_repeated:
        loads.load()
        loads.system.forget(["2026-03-24", "2026-03-27"])
    processes = [loads.start("load", str(loads.file), "--format", "json") for _ in range(2)]
    while loads.system.name == "postgres" and any(process.poll() is None for process in processes):
        # While windows are committed side by side.
        loads.polls += follower.poll() > 0
    outputs = [process.communicate() for process in processes]
    if any(process.returncode for process in processes):
        raise AssertionError(f"two loads at once: {outputs}")
    states = [{(window["key"], window["table"]) for window in json.loads(output[0])["windows"] if window["state"] == "loaded"} for output in outputs]
    if states[0] & states[1] and not is_repeated:
        raise AssertionError("a window was loaded by two loads")


def damaged(loads):
    """A file that was changed since its export: its window stays as it is, and the others are loaded."""
    path = loads.folder / "out/messages/2026-03-25"
    before = path.read_bytes()
    loads.system.forget(["2026-03-25", "2026-03-26"])
    path.write_bytes(before[:len(before) // 2] + bytes([before[len(before) // 2] ^ 1]) + before[len(before) // 2 + 1:])
    windows = loads.load(code=1)
    failed = {window["key"] for window in windows if window["state"] == "failed"}
    loaded = {window["key"] for window in windows if window["state"] == "loaded"}
    if failed != {"2026-03-25"} or loaded != {"2026-03-26"}:
        raise AssertionError(f"a damaged file: failed {failed}, loaded {loaded}")
    path.write_bytes(before)
    loads.load()
    loads.verify()


def by_hand(loads):
    """Whatever is changed by hand shows, with its window named."""
    window = "2026-03-24"
    for name, change in loads.system.changes(window).items():
        if name == "doubled" and loads.system.name == "postgres":
            continue
        loads.system.execute(change)
        problems = loads.verify(code=4)
        if not any(problem["window"] == window and problem["table"] == "messages" for problem in problems):
            raise AssertionError(f"{loads.system.name}: {name}: {problems}")
        loads.again(window)
        if name == "another agent's" and loads.system.name != "clickhouse":
            # Load does not touch rows of an agent that the pipeline does not have; ClickHouse's went with their version.
            removal = next(problem["problem"] for problem in loads.verify(code=4)).partition("To remove them: ")[2]
            loads.system.execute(removal)
        loads.verify()
    loads.run("load", str(loads.file), "--verify", "--cells", "100000")


def identified(loads):
    """A table whose output gets a column `id` after it was loaded, or has it no more."""
    def run(prefix, columns, *, code=0):
        file = loads.folder / f"{prefix}.yml"
        file.write_text(
            f"version: 1\nname: {prefix}\nwindow: {{ from: 2026-03-23, to: 2026-03-26, every: day }}\n"
            f"destination: {loads.folder}/{prefix}\noutputs: [{{ table: messages, columns: [{columns}], path: '{{date}}.ndjson.gz' }}]\n")
        loads.run("run", str(file), "--quiet")
        place = ["--into", loads.system.name, "--client", loads.client, "--prefix", prefix + "_"]
        loads.run("load", str(file), *place, code=code)
        if not code:
            loads.run("load", str(file), *place, "--verify", "--cells", "1000")
        found = loads.system.query(f"SELECT {loads.system.array('count(*)')} FROM _agentsight_deleted WHERE id IS NULL")
        if found != [[0]]:
            raise AssertionError(f"{loads.system.name}: deletions of rows without an id: {found}")

    for columns in ["sender, content", "id, sender, content", "sender, content"]:
        run("later", columns)
    run("first", "id, sender, content")
    # The key of PostgreSQL's table has the column.
    run("first", "sender, content", code=2 if loads.system.name == "postgres" else 0)


def spelled(loads):
    """DuckDB takes names that differ only in case for one, and opens a database in memory where it is given none."""
    if loads.system.name != "duckdb":
        return
    if any(window["state"] != "unchanged" for window in loads.load("--namespace", "MAIN")):
        raise AssertionError("duckdb: the schema in capitals is another one")
    process = loads.start("load", str(loads.file), "--client", loads.client.partition(" ")[0])
    _, errors = process.communicate(timeout=300)
    if process.returncode != 2 or "opened no database file" not in errors:
        raise AssertionError(f"duckdb: a load into memory: {process.returncode}: {errors[-1000:]}")


KEYS = [
    "a\"b", "a'b", "x'; DROP TABLE conversations; --", "\\! touch pwned", "\\.", "$$", ":name", "a\u0301", "\u00e1", "tab\there", "line\nfeed",
    "select", "_window", "TIER", "tier", "ж" * 70, "-- comment", "/* open", "a.b", "%s", "{}", "`", "]", "\u202e", "\u0301"]


def odd(loads, service):
    """Characters that the system cannot hold, numbers of any length, and hostile names of keys, schemas and tables."""
    row = next(row for row in service.visible() if row["messages"])
    before = copy.deepcopy(row)
    row["messages"][0]["content"] = "a\u0000b"
    row["messages"][0]["metadata"] = {"nul": "\u0000", "half": "\ud800", "whole": "\U0001f600"}
    row["metadata"] = {key: HOSTILE for key in KEYS} | {
        "large": warehouses.Decimal("9" * 40), "digits": warehouses.Decimal("1." + "123456789" * 6 + "1"), "megabyte": "x" * (1 << 20)}
    loads.run("run", str(loads.file), "--quiet")
    if not any(window["state"] == "failed" for window in loads.load("--unloadable", "fail", code=1)):
        raise AssertionError("--unloadable fail loaded a window")
    replaced = sum(window["replaced_characters"] for window in loads.load())
    if replaced < 3:
        raise AssertionError(f"{replaced} characters were replaced")
    loads.verify()
    loads.run("load", str(loads.file), "--verify", "--cells", "100000")
    ident = int(row["messages"][0]["id"])
    found = loads.system.query(f"SELECT {loads.system.array('content')} FROM messages WHERE id = {ident}")
    if found != [["a\ufffdb"]]:
        raise AssertionError(f"U+0000 arrived as {found}")
    loads.system.create_schema("la\"ke'; \u0301--")
    place = ["--namespace", "la\"ke'; \u0301--", "--prefix", "p\"'$$\\ "]
    windows = loads.load(*place)
    if any(window["state"] != "loaded" for window in windows):
        raise AssertionError(f"hostile names: {windows[0]}")
    if any(window["state"] != "unchanged" for window in loads.load(*place)):
        raise AssertionError("hostile names: loaded twice")
    loads.run("load", str(loads.file), "--verify", "--cells", "100000", *place)
    row.update(before)


def reserved(loads, service):
    """The words that PostgreSQL and DuckDB know as keywords, each as the name of a column."""
    import duckdb

    words = {row[0] for row in duckdb.connect().execute("SELECT keyword_name FROM duckdb_keywords()").fetchall()}
    if loads.system.name == "postgres":
        words |= {row[0] for row in loads.system.query("SELECT json_build_array(word) FROM pg_get_keywords()")}
    words = sorted(words)
    row = next(row for row in service.visible() if row["started_at"] >= "2026-03-23")
    before = copy.deepcopy(row)
    row["metadata"] = {word: f"the word {place}" for place, word in enumerate(words)}
    columns = "".join(f"\n  - {{ name: {json.dumps(word)}, path: {json.dumps('metadata.' + word)}, type: string }}" for word in words)
    file = loads.file.with_name("reserved.yml")
    file.write_text(
        loads.file.read_text().partition("outputs:")[0].replace("name: nightly", "name: reserved").replace("/out\n", "/reserved\n")
        + f"outputs:\n- path: '{{date}}'\n  format: csv\n  columns:\n  - id{columns}\n")
    loads.run("run", str(file), "--quiet")
    loads.run("load", str(file), "--prefix", "reserved_")
    loads.run("load", str(file), "--prefix", "reserved_", "--verify", "--cells", "100000")
    for start in range(0, len(words), 90):
        some = words[start:start + 90]
        asked = loads.system.array(*(f'"{word}"' for word in some))
        found = loads.system.query(f"SELECT {asked} FROM reserved_conversations WHERE id = {int(row['id'])}")
        if found != [[f"the word {start + place}" for place in range(len(some))]]:
            raise AssertionError(f"{loads.system.name}: columns named {some[0]} to {some[-1]}: {found}")
    row.update(before)


def poisoned(value):
    """A JSON value with each of its texts hostile, and a hostile key in each of its objects, short enough for the name of a column."""
    if isinstance(value, dict):
        return {key: poisoned(inner) for key, inner in value.items()} | {HOSTILE.partition("\t")[0].replace(" conversations", ""): HOSTILE}
    if isinstance(value, list):
        return [poisoned(inner) for inner in value]
    return HOSTILE if isinstance(value, str) else value


def hostile(loads, service, client):
    """Text that clients take for commands, in every column of text or JSON of every table, beside settings that let a client go on after
    an error."""
    before = copy.deepcopy(service.rows)
    lists = {"messages", "feedbacks", "attachments", "action_logs"}
    for row in service.visible():
        for table, rows in {
            "conversations": [row], "messages": row["messages"], "feedbacks": row["feedbacks"],
            "action_logs": [log for message in row["messages"] for log in message["action_logs"]],
            "attachments": [attachment for message in row["messages"] for attachment in message["attachments"]],
        }.items():
            for element in rows:
                for column, kind in warehouses.FIELDS[table].items():
                    if column in warehouses.PARENTS and table != "conversations" or column in lists:
                        continue
                    if kind == "string":
                        element[column] = HOSTILE
                    elif kind == "json":
                        element[column] = poisoned(element.get(column) or {})
    (loads.folder.parent / ".psqlrc").write_text("\\set ON_ERROR_STOP off\n")
    (loads.folder.parent / ".duckdbrc").write_text(".bail off\n")
    settings = ["--client", client + " --set=ON_ERROR_STOP=0"] if loads.system.name == "postgres" else []
    loads.run("run", str(loads.file), "--quiet")
    if any(window["replaced_characters"] for window in loads.load(*settings)):
        raise AssertionError(f"{loads.system.name}: characters of hostile texts were replaced")
    # A line feed in the name of a column is loaded as `_`.
    catalog = [entry | {"name": entry["name"].replace("\n", "_")} for entry in loads.catalog()]
    counts = loads.system.check("flat", service.visible(), catalog)
    if not all(counts.values()):
        raise AssertionError(f"{loads.system.name}: no rows of a table were hostile: {counts}")
    loads.run("load", str(loads.file), "--verify", "--cells", "100000", *settings)
    if loads.system.name == "postgres":
        ignoring(loads, client)
    service.rows = before


def ignoring(loads, client):
    """A psql that goes on after errors, whatever it is told, gets no row."""
    program, *arguments = client.split(" ")
    path = loads.folder / "psql"
    path.write_text(
        f"#!/bin/sh\nfor argument do\n    shift\n    [ \"$argument\" = --set=ON_ERROR_STOP=1 ] || set -- \"$@\" \"$argument\"\ndone\n"
        f"exec {program} \"$@\"\n")
    path.chmod(0o755)
    loads.system.forget(["2026-03-24"])
    process = loads.start("load", str(loads.file), "--client", " ".join([str(path), *arguments]))
    _, errors = process.communicate(timeout=300)
    if process.returncode != 2 or "does not answer as psql does" not in errors:
        raise AssertionError(f"a client that goes on after errors: {process.returncode}: {errors[-1000:]}")
    states = {window["key"] for window in loads.load() if window["state"] == "loaded"}
    if states != {"2026-03-24"}:
        raise AssertionError(f"a client that goes on after errors left {states} to be loaded")
    loads.verify()


def superseded(loads):
    """Rows that no reader sees any more go, once nobody can still be reading them."""
    everything, seen = loads.system.versions()
    if everything <= seen:
        raise AssertionError(f"clickhouse: {everything} rows of all versions, {seen} that readers see")
    loads.system.aged()
    loads.load()
    if loads.system.versions() != [seen, seen]:
        raise AssertionError(f"clickhouse: superseded rows stay: {loads.system.versions()}, not {seen}")
    loads.verify()


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("command")
    parser.add_argument("folder", type=Path)
    parser.add_argument("nights", type=int, nargs="?", default=30)
    parser.add_argument("--port", type=int, default=54330)
    parser.add_argument("--systems", default="postgres,duckdb,clickhouse")
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    command, folder = str(Path(options.command).resolve()), options.folder.resolve()
    service, luck = Service(), random.Random(options.seed)
    duckdb = Path(sys.executable).with_name("duckdb")
    client = [sys.executable, str(Path(__file__).with_name("clickhouse_client.py")), "--path", str(folder / "clickhouse")]
    servers = []
    try:
        for name in options.systems.split(","):
            match name:
                case "postgres":
                    system = LoadedPostgres(folder, options.port)
                    servers.append(system)
                    words = f"psql -h 127.0.0.1 -p {options.port} -U postgres -d postgres"
                case "duckdb":
                    system, words = LoadedDuckDB(folder / "warehouse.duckdb"), f"{duckdb} {folder / 'warehouse.duckdb'}"
                case "clickhouse":
                    system, words = LoadedClickHouse(client), " ".join(client)
                    servers.append(system)
            began = time.monotonic()
            loads = Loads(command, folder, service, system, words)
            counts = nights(loads, service, luck, options.nights, options.kills)
            damaged(loads)
            by_hand(loads)
            identified(loads)
            spelled(loads)
            odd(loads, service)
            reserved(loads, service)
            hostile(loads, service, words)
            if name == "clickhouse":
                superseded(loads)
            if any("pwned" in files for _, _, files in os.walk(folder)):
                raise AssertionError("a message was run as a command")
            print(
                f"{name}: {options.nights} nights in {time.monotonic() - began:.0f} s, {sum(counts.values())} rows in {len(counts)} tables, every "
                f"cell as the service has it; {', '.join(f'{number} {kind}' for kind, number in loads.kills.items()) or 'nothing'} killed; "
                f"{loads.polls} times a reader saw changes while two loads committed; of {(options.nights - 1) * len(DAYS)} windows, "
                f"{sum(loads.written.values())} were committed again, by {dict(loads.written)}", flush=True)
            if name == "postgres" and options.nights > 20 and not options.kills and loads.polls < 3:
                raise AssertionError("a reader did not see changes while two loads committed")
            if options.nights > 20 and not 0 < loads.written["patch"] < sum(loads.written.values()) < (options.nights - 1) * len(DAYS):
                raise AssertionError("no window was patched, none was exported again, or none was left alone")
    finally:
        for server in servers:
            server.stop()


if __name__ == "__main__":
    main()
