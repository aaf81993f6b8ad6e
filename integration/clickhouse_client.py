#!/usr/bin/env python3
"""ClickHouse's engine (chdb) behind the options of `clickhouse local`, for loads: `clickhouse_client.py --path FOLDER`.

Statements come from standard input, or one from `--query`, whose rows come from standard input; `--format` is that of answers, and every other
option a setting. As the real client does, it reads all statements before it runs the first, and ends at the first error with its code. One process at a time
has the folder, and others wait.
"""

import fcntl
import os
import re
import sys
import tempfile

from chdb import session


def statements(text):
    """The statements of a script, which end at a semicolon outside of quotes."""
    parts = re.findall(r"(?:'(?:\\.|[^'\\])*'|`(?:\\.|[^`\\])*`|\"(?:\\.|[^\"\\])*\"|[^;'`\"])+", text, re.DOTALL)
    return [part for part in parts if part.strip()]


def main(arguments):
    options = dict(argument[2:].partition("=")[::2] for argument in arguments if "=" in argument)
    folder = arguments[arguments.index("--path") + 1]
    os.makedirs(folder, exist_ok=True)
    lock = open(os.path.join(folder, "lock"), "w")
    fcntl.flock(lock, fcntl.LOCK_EX)
    answers, query = options.pop("format", "TabSeparated"), options.pop("query", None)
    database = session.Session(os.path.join(folder, "data"))
    for name, value in options.items():
        database.query(f"SET {name} = '{value}'")
    with tempfile.NamedTemporaryFile(dir=folder) as rows:
        if query:
            # This engine has no input() of a process: the rows are a file.
            while block := sys.stdin.buffer.read(1 << 20):
                rows.write(block)
            rows.flush()
            query, form = query.rsplit(" FORMAT ", 1)
            query = query.replace("FROM input(", f"FROM file('{rows.name}', '{form}', ", 1)
        for statement in [query] if query else statements(sys.stdin.read()):
            try:
                result = database.query(statement, answers)
            except Exception as error:
                print(error, file=sys.stderr)
                code = re.search(r"Code: (\d+)", str(error))
                sys.stdout.flush()
                os._exit(int(code[1]) % 256 or 1 if code else 1)
            sys.stdout.buffer.write(result.bytes())
            sys.stdout.buffer.flush()


main(sys.argv[1:])
