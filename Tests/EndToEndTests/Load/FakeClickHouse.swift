import Foundation
import Testing

/// A program in the place of clickhouse-client: it keeps rows and the log of loads in a file, and writes down what it was told.
enum FakeClickHouse {
    /// Writes the program into a folder, as `clickhouse-client`.
    static func write(to folder: TemporaryFolder) throws {
        try folder.write(script, to: "clickhouse-client")
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o755], ofItemAtPath: folder.url.appendingPathComponent("clickhouse-client").path)
    }

    /// All statements that clients were told, a line each, without the rows.
    static func sent(in folder: TemporaryFolder) throws -> [String] {
        String(decoding: try folder.read("sent.sql"), as: UTF8.self).split(separator: "\n").map(String.init)
    }

    private static let script = #"""
        #!/usr/bin/env python3
        import json, os, re, signal, sys
        folder = os.path.dirname(os.path.abspath(__file__))
        path = lambda name: os.path.join(folder, name)
        state = json.load(open(path("state.json"))) if os.path.exists(path("state.json")) else {"rows": {}, "log": {}, "time": 0}
        fail = json.load(open(path("fail.json"))) if os.path.exists(path("fail.json")) else {}
        json.dump(sys.argv[1:], open(path("args.json"), "w"))
        log = open(path("sent.sql"), "a")

        def say(value):
            print(value if isinstance(value, str) else json.dumps(value), flush=True)

        def end(code, message):
            print(f"Code: {code}. DB::Exception: Received from dw:9000. DB::Exception: {message}", file=sys.stderr)
            sys.exit(code % 256)

        if "unreachable" in fail: end(210, "Connection refused (dw:9000). (NETWORK_ERROR)")
        if "password" in fail: end(516, "default: Authentication failed: password is incorrect. (AUTHENTICATION_FAILED)")
        queries = [argument[8:] for argument in sys.argv if argument.startswith("--query=")]
        if queries:
            log.write(queries[0] + "\n")
            log.flush()
            table = re.search(r"`_agentsight_rows_([^`]*)`", queries[0])[1]
            number, window = re.search(r", (\d+) FROM input", queries[0])[1], re.search(r"'(\d{4}-\d\d-\d\d)', s\.c0", queries[0])[1]
            rows = total = 0
            for row in sys.stdin:
                rows, total = rows + 1, total + int(row.split("\t")[0])
            if window in fail.get("refuse", []): end(27, "Cannot parse input: expected secret (CANNOT_PARSE_INPUT_ASSERTION_FAILED)")
            if window in fail.get("die", []): os.kill(os.getpid(), signal.SIGKILL)
            rows -= window in fail.get("lost", [])
            state["rows"][f"{table} {number}"] = [rows, rows - (window in fail.get("twice", [])), str(total + (window in fail.get("changed", []))), "7"]
        else:
            for sql in re.split(r";\n", sys.stdin.read()):
                if not sql: continue
                log.write(" ".join(sql.split()) + "\n")
                log.flush()
                if "went on" in sql:
                    say("agentsight went on after an error")
                elif "throwIf" in sql:
                    if "goes on" not in fail: end(139 + 256, "agentsight: an expected error (FUNCTION_THROW_IF_VALUE_IS_NON_ZERO)")
                elif sql == "SELECT 'agentsight ' || version()":
                    say("agentsight 24.8.4.13")
                elif "system.databases" in sql:
                    say(fail.get("identity", ["24.8.4.13", "default", True]))
                elif "system.columns" in sql:
                    for row in fail.get("catalog", []): say(row)
                elif "replaceOne" in sql:
                    state["time"] += 1
                    say([f"2026-11-29T00:00:00.{state['time']:06d}Z"])
                elif sql.startswith("SELECT") and "window_start" in sql:
                    for key, entry in state["log"].items():
                        window, table = json.loads(key)
                        say(["", window, entry["start"], entry["end"], table, entry["content"], entry["rows"]])
                elif sql.startswith("SELECT") and "GROUP BY `_load`" in sql:
                    for number in fail.get("superseded", []): say([re.search(r"_agentsight_rows_([^`]*)`", sql)[1], number])
                elif sql.startswith("SELECT") and "count(*)" in sql:
                    table, number = re.search(r"`_agentsight_rows_([^`]*)`", sql)[1], re.search(r"`_load` = (\d+)", sql)[1]
                    say(state["rows"][f"{table} {number}"])
                elif sql.startswith("DELETE FROM"):
                    table = re.search(r"`_agentsight_rows_([^`]*)`", sql)[1]
                    for number in re.search(r"IN \(([^)]*)\)", sql)[1].split(", "): state["rows"].pop(f"{table} {number}", None)
                elif sql.startswith("INSERT INTO `default`.`_agentsight_load_log`") and "VALUES" in sql:
                    for row in re.findall(r"\(('[^()]*)\)", sql.split("VALUES", 1)[1]):
                        values = re.findall(r"'((?:[^'\\]|\\.)*)'|(NULL|true|false|-?\d+)", row)
                        values = [text or word for text, word in values]
                        state["log"][json.dumps([values[2], values[5]])] = {
                            "start": values[3], "end": values[4], "content": values[6], "rows": int(values[7]), "load": values[14]}
        json.dump(state, open(path("state.json"), "w"))
        """#
}
