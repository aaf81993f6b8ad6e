#!/usr/bin/env python3
"""ClickHouse's engine (chdb) as a server, and a client of it with the options of the real one, for loads.

    clickhouse_client.py --path FOLDER --serve    the server: ends with its standard input
    clickhouse_client.py --path FOLDER            the client

The client's statements come from standard input, or one from `--query`, whose rows come from standard input; `--format` is that of answers,
and every other option a setting. As the real client does, it reads all statements before the first one runs, and ends at the first error
with its code. The server runs the statements of one client at a time. When a client dies, the statement that runs is finished, and the
next ones are not begun.
"""

import base64
import contextlib
import json
import os
import re
import socket
import sys
import tempfile
import threading


def statements(text):
    """The statements of a script, which end at a semicolon outside of quotes."""
    parts = re.findall(r"(?:'(?:\\.|[^'\\])*'|`(?:\\.|[^`\\])*`|\"(?:\\.|[^\"\\])*\"|[^;'`\"])+", text, re.DOTALL)
    return [part for part in parts if part.strip()]


def serve():
    from chdb import session

    def end():
        sys.stdin.buffer.read()
        os._exit(0)

    database = session.Session("data")
    listening = socket.socket(socket.AF_UNIX)
    listening.bind("engine")
    listening.listen(64)
    threading.Thread(target=end, daemon=True).start()
    print("listening", flush=True)
    while True:
        connection, _ = listening.accept()
        # A client that is gone takes no answer.
        with contextlib.suppress(OSError), connection, connection.makefile("rwb") as stream:
            answer(database, stream)


# The names of settings that some client has set.
set_before = set()


def answer(database, stream):
    """Runs what a client asks for, with its settings alone."""
    line = stream.readline()
    if not line:
        return
    request = json.loads(line)
    for name in set_before - set(request["settings"]):
        database.query(f"SET {name} = DEFAULT")
    set_before.clear()
    for name, value in request["settings"].items():
        database.query(f"SET {name} = '{value}'")
        set_before.add(name)
    for statement in request["statements"]:
        # A client that died meanwhile shows in the second line that is sent to it.
        for _ in range(2):
            stream.write(b"{}\n")
            stream.flush()
        try:
            reply = {"output": base64.b64encode(database.query(statement, request["format"]).bytes()).decode()}
        except Exception as error:
            code = re.search(r"Code: (\d+)", str(error))
            reply = {"error": str(error), "code": int(code[1]) % 256 or 1 if code else 1}
        stream.write(json.dumps(reply).encode() + b"\n")
        stream.flush()
        if "error" in reply:
            return


def ask(request):
    """Writes the answers to standard output, and ends at an error with its code."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect("engine")
        with connection.makefile("rwb") as stream:
            stream.write(json.dumps(request).encode() + b"\n")
            stream.flush()
            for line in stream:
                reply = json.loads(line)
                if "error" in reply:
                    print(reply["error"], file=sys.stderr)
                    sys.stdout.flush()
                    os._exit(reply["code"])
                sys.stdout.buffer.write(base64.b64decode(reply.get("output", "")))
                sys.stdout.buffer.flush()


def main(arguments):
    options = dict(argument[2:].partition("=")[::2] for argument in arguments if "=" in argument)
    folder = arguments[arguments.index("--path") + 1]
    os.makedirs(folder, exist_ok=True)
    # The name of a socket is short.
    os.chdir(folder)
    if "--serve" in arguments:
        return serve()
    answers, query = options.pop("format", "TabSeparated"), options.pop("query", None)
    request = {"format": answers, "settings": options}
    if query is None:
        return ask(request | {"statements": statements(sys.stdin.read())})
    with tempfile.NamedTemporaryFile(dir=os.getcwd()) as rows:
        # This engine has no input() of a client: the rows are a file.
        while block := sys.stdin.buffer.read(1 << 20):
            rows.write(block)
        rows.flush()
        query, form = query.rsplit(" FORMAT ", 1)
        ask(request | {"statements": [query.replace("FROM input(", f"FROM file('{rows.name}', '{form}', ", 1)]})


main(sys.argv[1:])
