import Foundation
import Testing

/// A program in the place of psql: it keeps a warehouse of numbers in a file, and writes down what it was told.
enum FakePsql {
    /// Writes the program into a folder, as `psql`.
    static func write(to folder: TemporaryFolder) throws {
        try folder.write(script, to: "psql")
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o755], ofItemAtPath: folder.url.appendingPathComponent("psql").path)
    }

    /// All statements that clients were told, and their rows.
    static func sent(in folder: TemporaryFolder) throws -> String {
        String(decoding: try folder.read("sent.sql"), as: UTF8.self)
    }

    private static let script = #"""
        #!/usr/bin/env python3
        import json, os, re, sys
        folder = os.path.dirname(os.path.abspath(__file__))
        path = lambda name: os.path.join(folder, name)
        state = json.load(open(path("state.json"))) if os.path.exists(path("state.json")) else {"ledger": {}, "starts": 0, "time": 0}
        state["starts"] += 1
        fail = json.load(open(path("fail.json"))) if os.path.exists(path("fail.json")) else {}
        json.dump(sys.argv[1:], open(path("args.json"), "w"))
        log = open(path("sent.sql"), "a")
        save = lambda: json.dump(state, open(path("state.json"), "w"))
        save()
        staged, held, pending, asked = {}, {}, {}, 0

        def say(value):
            print(value if isinstance(value, str) else json.dumps(value), flush=True)

        def end(message):
            print(message, file=sys.stderr)
            sys.exit(3)

        statement = ""
        for line in sys.stdin:
            log.write(line)
            log.flush()
            line = line.rstrip("\n")
            if line.startswith("\\echo "):
                say(line[6:].replace(":ON_ERROR_STOP", "1"))
                continue
            statement += line
            if not line.endswith(";"):
                statement += "\n"
                continue
            sql, statement = statement.lstrip("\n"), ""
            if sql.startswith("BEGIN") and staged and "anew" in fail:
                # A run commits while this load waits for the lock.
                for name, content in fail["anew"].items():
                    with open(path(name), "w") as file: file.write(content)
            if "server_version_num" in sql:
                say(fail.get("identity", ["150004", "public", True]))
            elif "pg_attribute" in sql:
                asked += 1
                # As if another load had made the tables after the first question.
                for row in fail.get("catalog", []) if asked > fail.get("unmade", 0) else []: say(row)
                for key, entry in state["ledger"].items() if "catalog" in fail else []:
                    if json.loads(key)[1] in fail.get("dropped", []): continue
                    for name in json.loads((entry["proof"][3] or "[]")):
                        if not name.startswith("_"): say([json.loads(key)[1], name, "text"])
            elif sql.startswith("COPY "):
                place = int(re.search(r"agentsight_rows_(\d+)", sql)[1])
                rows = total = 0
                for row in sys.stdin:
                    log.write(row)
                    if row == "\\.\n": break
                    rows, total = rows + 1, total + int(row.split("\t")[0])
                if fail.get("copy"): end('psql:<stdin>:9: ERROR:  22P02: invalid input syntax for type bigint: "secret"\nCONTEXT:  COPY agentsight_rows_0, line 1, column id: "secret"')
                staged[place] = (rows, total)
            elif sql.startswith("SELECT") and "to_char" in sql:
                state["time"] += 1
                say([f"2026-11-29T00:00:00.{state['time']:06d}Z"])
            elif sql.startswith("SELECT") and '"window_start"' in sql:
                for key, entry in state["ledger"].items():
                    window, table = json.loads(key)
                    say(["", window, entry["start"], entry["end"], table, entry["content"], entry["rows"]] + (entry["proof"] if '"hash"' in sql else []))
            elif sql.startswith("INSERT INTO") and "FROM agentsight_rows_" in sql:
                if "denied" in fail: end("psql:<stdin>:9: ERROR:  42501: permission denied for table conversations")
                held[re.search(r'INTO "public"\."([^"]*)"', sql)[1]] = staged[int(re.search(r"FROM agentsight_rows_(\d+)", sql)[1])]
            elif sql.startswith("SELECT") and "count(*)" in sql and "GROUP BY" in sql:
                if "stray" in fail: say(fail["stray"] + [5, 5, "1", "7"])
                table = re.search(r'FROM "public"\."([^"]*)"', sql)[1]
                for key, entry in state["ledger"].items():
                    if json.loads(key)[1] == table:
                        say(["", json.loads(key)[0], entry["rows"]] + entry["proof"][:2] + [fail.get("hash", "7")])
            elif sql.startswith("SELECT") and "count(*)" in sql:
                table = re.search(r'FROM "public"\."([^"]*)"', sql)[1]
                window = re.search(r"IN \('([^']*)'\)", sql)[1]
                rows, total = held[table]
                say([rows - (window in fail.get("lost", [])), rows - (window in fail.get("twice", [])), str(total + (window in fail.get("changed", []))), "7"])
            elif sql.startswith("INSERT INTO") and "_agentsight_loads" in sql:
                values = re.findall(r"'((?:[^']|'')*)'|(NULL)|(?<=, )(-?\d+)(?=,)", sql.split("VALUES", 1)[1])
                values = [text or null or number for text, null, number in values]
                table = values[5]
                pending[json.dumps([values[2], table])] = {
                    "start": values[3], "end": values[4], "content": values[6], "rows": int(values[7]),
                    "proof": [int(values[8]), values[9], values[10], values[11]]}
            elif sql == "COMMIT;":
                if fail.get("commit") and pending: end("psql:<stdin>:9: ERROR:  53100: could not extend file")
                state["ledger"].update(pending)
                pending = {}
                save()
            elif sql == "ROLLBACK;":
                pending = {}
        save()
        """#
}
