import ExportWarehouse
import Testing

@testable import ExportLoad

@Suite struct ClientMessageTests {
    private func error(_ text: String, of system: WarehouseSystem = .postgres) -> LoadError {
        ClientMessage(text, of: system).error(program: "psql", status: "exited(3)")
    }

    @Test("a refused value is told by its state and its column, and never shown")
    func value() throws {
        let text = """
            psql:<stdin>:41: ERROR:  22P02: invalid input syntax for type bigint: "secret words"
            CONTEXT:  COPY agentsight_rows_1, line 3, column duration_ms: "secret words"
            LOCATION:  scanint8, int8.c:114
            """
        guard case .statement(let statement) = error(text) else {
            Issue.record("\(error(text))")
            return
        }
        #expect(statement.state == "22P02")
        let named = LoadError.statement(statement.naming(["id", "duration_ms"]))
        #expect("\(named)".contains("22P02, column duration_ms"))
        #expect(!"\(named)".contains("secret"))
        #expect(!named.isRetryable)
    }

    @Test("a column that only a value names is not shown")
    func spoofed() throws {
        let text = """
            psql:<stdin>:41: ERROR:  22P02: invalid input syntax for type bigint: "x
            CONTEXT:  COPY agentsight_rows_1, line 3, column secret: y"
            """
        guard case .statement(let statement) = error(text) else {
            Issue.record("\(error(text))")
            return
        }
        #expect(statement.naming(["id"]).column == nil)
    }

    @Test("DuckDB's errors about tables and columns are told as such, and nothing of the statement is shown")
    func duckNames() {
        for kind in ["Catalog Error", "Binder Error"] {
            let message = "\(error("\(kind):\nTable with name _agentsight_deleted does not exist!\nLINE 1: 'secret'", of: .duckdb))"
            #expect(
                message.hasPrefix("the warehouse refused a statement (\(kind)): it names a table or a column that is not there"))
            #expect(!message.contains("secret"))
        }
        #expect("\(error("Conversion Error: secret", of: .duckdb))".hasSuffix("it does not have the type of its column"))
    }

    @Test(
        "an error that concerns no value is not told as a refused value",
        arguments: [
            (
                "psql:<stdin>:2: ERROR:  0A000: cannot alter type of a column used by a view or rule", WarehouseSystem.postgres,
                "cannot alter type of a column used by a view or rule. Drop the view, load again"
            ),
            ("psql:<stdin>:2: ERROR:  P0001: secret of a trigger", .postgres, "(P0001). Its message is not shown"),
            ("Invalid Input Error: Cannot execute statement \"secret\" in read-only mode!", .duckdb, "opened read-only"),
            ("Constraint Error: Duplicate key \"id: secret\" violates unique constraint", .duckdb, "breaks a constraint"),
            (
                "Catalog Error: Cannot change the type of this column: an index depends on it!", .duckdb,
                "depends on the table. Drop it"
            ),
            ("Dependency Error: Cannot alter entry \"secret\" because there are entries that depend on it.", .duckdb, "Drop it"),
            ("Code: 62. DB::Exception: Syntax error: 'secret'. (SYNTAX_ERROR)", .clickhouse, "(code 62). Its message is not shown"),
        ])
    func noValue(_ text: String, _ system: WarehouseSystem, _ words: String) {
        let message = "\(error(text, of: system))"
        #expect(message.hasPrefix("the warehouse refused a statement ("), "\(message)")
        #expect(message.contains(words), "\(message)")
        #expect(!message.contains("secret"), "\(message)")
    }

    @Test("a message about names is shown, on one line and without what rules a terminal")
    func names() {
        let message = "\(error("psql:<stdin>:2: ERROR:  42501: permission denied for schema la\u{1B}ke\nLOCATION:  aclcheck"))"
        #expect(message == "the warehouse refused a statement (42501): permission denied for schema la\u{FFFD}ke")
    }

    @Test(
        "what the server refuses is a wrong command, and what is not reached is worth trying again",
        arguments: [
            (
                #"psql: error: connection to server at "db", port 5432 failed: FATAL:  password authentication failed for user "me""#,
                false
            ),
            (#"psql: error: connection to server at "db", port 5432 failed: fe_sendauth: no password supplied"#, false),
            (#"psql: error: connection to server at "db", port 5432 failed: FATAL:  database "nope" does not exist"#, false),
            (#"psql: error: definition of service "dw" not found"#, false),
            ("/usr/bin/other: unrecognized option '--no-psqlrc'", false),
            (#"psql: error: connection to server at "db", port 5432 failed: Connection refused"#, true),
            (#"psql: error: could not translate host name "db" to address: Name or service not known"#, true),
            (#"psql: error: connection to server at "db", port 5432 failed: FATAL:  the database system is starting up"#, true),
            (#"psql: error: connection to server at "db", port 5432 failed: FATAL:  sorry, too many clients already"#, true),
            ("psql:<stdin>:7: ERROR:  57014: canceling statement due to statement timeout", true),
            ("psql:<stdin>:7: ERROR:  40P01: deadlock detected", true), ("", true),
        ])
    func retryable(_ text: String, _ isRetryable: Bool) {
        #expect(error(text).isRetryable == isRetryable, "\(error(text))")
    }

    @Test(
        "ClickHouse's errors are told by their names, those that can hold values without their texts",
        arguments: [
            ("Code: 210. DB::NetException: Connection refused (dw:9000). (NETWORK_ERROR)", true, "cannot be reached"),
            (
                "Code: 516. DB::Exception: Received from dw:9000. DB::Exception: me: Authentication failed. (AUTHENTICATION_FAILED)",
                false, "the client could not open a session"
            ),
            (
                "Code: 27. DB::Exception: Cannot parse input: expected '\\t' before: 'secret' (CANNOT_PARSE_INPUT_ASSERTION_FAILED)",
                false, "CANNOT_PARSE_INPUT_ASSERTION_FAILED"
            ),
            (
                "Code: 27. DB::Exception: Cannot parse 'secret Code: 210. (NETWORK_ERROR)'", false,
                "CANNOT_PARSE_INPUT_ASSERTION_FAILED"
            ),
            (
                "Code: 497. DB::Exception: Received from dw:9000. DB::Exception: me: Not enough privileges. (ACCESS_DENIED)", false,
                "(ACCESS_DENIED): me: Not enough privileges."
            ),
            ("Code: 243. DB::Exception: Cannot reserve 1.00 MiB, not enough space. (NOT_ENOUGH_SPACE)", true, "NOT_ENOUGH_SPACE"),
            ("Code: 62. DB::Exception: Syntax error: 'secret'. (SYNTAX_ERROR)", false, "code 62"), ("", false, "exited(3)"),
        ])
    func clickhouse(_ text: String, _ isRetryable: Bool, _ words: String) {
        let error = error(text, of: .clickhouse)
        #expect(error.isRetryable == isRetryable, "\(error)")
        #expect("\(error)".contains(words), "\(error)")
        #expect(!"\(error)".contains("secret"))
    }
}
