import ExportCore
import ExportFormats
import TestSupport
import Testing

@testable import ExportWarehouse

@Suite struct LoadStatementsTests {
    private static let meta = [
        ("_pipeline", "text"), ("_agent", "text"), ("_window", "text"), ("_row_digest", "bigint"),
        ("_loaded_at", "timestamp with time zone"), ("_changed_at", "timestamp with time zone"),
    ]

    private func table(_ columns: [ColumnSelector], for system: WarehouseSystem = .postgres, prefix: String = "") throws
        -> LoadTable
    {
        let plan = ExportPlan.sample([.sample(.messages, .csv, columns: columns)])
        let layout = try TableLayout(columns, fields: Table.messages.fields(detail: .full).map(\.name))
        return try LoadTable.tables(of: plan, layouts: [layout], for: system, prefix: prefix)[0]
    }

    private func column(_ name: String, _ type: ColumnType) -> ColumnSelector { .column(Column(path: [name], type: type)) }

    private func catalog(_ more: [String: String], required: [String] = [], for system: WarehouseSystem = .postgres) throws
        -> CatalogTable
    {
        var table = try statements(system).catalogTable
        for (name, type) in Self.meta + more.map({ ($0.key, $0.value) }) {
            table.add(name, type: type, isRequired: required.contains(name))
        }
        return table
    }

    private func statements(_ system: WarehouseSystem = .postgres) throws -> LoadStatements {
        try #require(system.loadStatements(schema: "lake"))
    }

    private func transactions() throws -> TransactionStatements {
        var found: TransactionStatements?
        if case .transactions(let statements) = try statements().replacing { found = statements }
        return try #require(found)
    }

    @Test("a table that is missing is made, one that lacks a column gets it, and one that has all is left alone")
    func changes() throws {
        let table = try table([column("id", .integer), column("content", .string)])
        let statements = try statements()
        #expect(try statements.changes(to: table, having: nil).kinds == [.create])
        #expect(
            try statements.changes(to: table, having: catalog(["id": "bigint"])).kinds == [.add(column: "content", type: "text")])
        #expect(try statements.changes(to: table, having: catalog(["id": "bigint", "content": "text"])).kinds == [])
    }

    @Test(
        "a column is widened where its type has, left alone where it is wider, and refused where it is another",
        arguments: [
            ("bigint", ColumnType.number, true), ("bigint", .decimal, true), ("bigint", .string, true),
            ("double precision", .decimal, true),
            ("boolean", .string, true), ("numeric", .string, true), ("jsonb", .string, true),
            ("text", .integer, false), ("numeric", .integer, false), ("text", .boolean, false), ("text", .timestamp, false),
            ("character varying", .string, false),
        ])
    func widening(_ type: String, _ wanted: ColumnType, _ isWidened: Bool) throws {
        let table = try table([column("id", .integer), column("content", wanted)])
        let kinds = try statements().changes(to: table, having: catalog(["id": "bigint", "content": type])).kinds
        #expect(kinds.count == (isWidened ? 1 : 0), "\(kinds)")
    }

    @Test(
        "a column of a type that cannot hold the values is refused",
        arguments: [("date", ColumnType.timestamp), ("integer", .integer), ("boolean", .integer), ("jsonb", .timestamp)])
    func otherType(_ type: String, _ wanted: ColumnType) throws {
        let table = try table([column("id", .integer), column("content", wanted)])
        #expect(throws: TableObstacle.self) {
            try statements().changes(to: table, having: catalog(["id": "bigint", "content": type]))
        }
    }

    @Test("columns of load itself that somebody gave another type are told, and so are those of its ledger")
    func ownTypes() throws {
        let table = try table([column("id", .integer)])
        #expect(
            throws: TableObstacle.otherType(table: "lake.messages", column: "_row_digest", type: "text", wanted: "bigint")
        ) {
            try statements().changes(to: table, having: catalog(["id": "bigint", "_row_digest": "text"]))
        }
        var ledger = try statements().catalogTable
        let texts = ["pipeline", "agent", "window", "table", "content_sha256", "digest_sum", "hash", "columns", "run"]
        for name in texts { ledger.add(name, type: "text", isRequired: false) }
        for name in ["window_start", "window_end", "loaded_at"] {
            ledger.add(name, type: "timestamp with time zone", isRequired: false)
        }
        for name in ["rows", "distinct_ids", "replaced_characters"] { ledger.add(name, type: "bigint", isRequired: false) }
        #expect(throws: Never.self) { try statements().checkLedger(having: ledger) }
        ledger.add("rows", type: "text", isRequired: false)
        #expect(
            throws: TableObstacle.otherType(table: "lake._agentsight_loads", column: "rows", type: "text", wanted: "bigint")
        ) {
            try statements().checkLedger(having: ledger)
        }
    }

    @Test("a column that each row must have, and that the output has no more, is told")
    func requiredColumn() throws {
        let there = try catalog(["id": "bigint", "content": "text"], required: ["id", "_window"])
        #expect(try statements().changes(to: table([column("id", .integer)]), having: there).kinds == [])
        #expect(throws: TableObstacle.requiredColumn(table: "lake.messages", column: "id")) {
            try statements().changes(to: table([column("content", .string)]), having: there)
        }
    }

    @Test("names that differ only in case are one column in DuckDB, and two in PostgreSQL")
    func cases() throws {
        let own = ["_row_digest": "BIGINT", "_loaded_at": "TIMESTAMP WITH TIME ZONE", "_changed_at": "TIMESTAMP WITH TIME ZONE"]
        let texts = ["_pipeline": "VARCHAR", "_agent": "VARCHAR", "_window": "VARCHAR", "Content": "VARCHAR"]
        let there = try catalog(own.merging(texts) { $1 }, for: .duckdb)
        let duckTable = try table([column("content", .string)], for: .duckdb)
        #expect(try statements(.duckdb).changes(to: duckTable, having: there).kinds == [])
        #expect(try statements(.duckdb).identity(of: "RAW_Messages") == Array("raw_messages".utf8))
        let table = try table([column("content", .string)])
        #expect(
            try statements().changes(to: table, having: catalog(["Content": "text"])).kinds
                == [.add(column: "content", type: "text")])
    }

    @Test("DuckDB's hash is one that all of its versions compute alike, over the cells with their lengths")
    func duckHash() throws {
        let tally = try statements(.duckdb).tally(
            of: LoadKey(pipeline: "p", window: "2026-11-01"), in: table([column("id", .integer)], for: .duckdb))
        #expect(
            tally.contains(
                #"sum(md5_number_lower(concat(strlen(CAST("id" AS VARCHAR)), ':', CAST("id" AS VARCHAR), strlen("#),
            "\(tally)")
    }

    @Test("a column that is added is loaded into the windows that were loaded with it, and a new or a wider table into all")
    func reloading() throws {
        let table = try table([column("id", .integer), column("content", .string)])
        func updates(_ kinds: [TableChange.Kind]) throws -> [String] {
            try transactions().definitions([(table, TableChange(kinds: kinds))], hasLedger: true, hasDeleted: true).filter {
                $0.hasPrefix("UPDATE ")
            }
        }
        let all = #"UPDATE "lake"."_agentsight_loads" SET content_sha256 = '' WHERE "table" = 'messages'"#
        #expect(
            try updates([.add(column: "content", type: "text"), .add(column: "id", type: "bigint")]) == [
                all
                    + #" AND (pg_catalog.strpos("columns", '["content"') > 0 OR pg_catalog.strpos("columns", ',"content"') > 0"#
                    + #" OR pg_catalog.strpos("columns", '["id"') > 0 OR pg_catalog.strpos("columns", ',"id"') > 0);"#
            ])
        #expect(try updates([.add(column: "content", type: "text"), .widen(column: "id", type: "numeric")]) == [all + ";"])
        #expect(try updates([.create]) == [all + ";"])
        #expect(try updates([]) == [])
        #expect(LedgerEntry.json(["id", "a\"/b"]) == #"["id","a\"/b"]"#)
    }

    @Test("of the two tables of load, each that is missing is made", arguments: [(true, false), (false, true), (true, true)])
    func ownTables(hasLedger: Bool, hasDeleted: Bool) throws {
        let made = try transactions().definitions([], hasLedger: hasLedger, hasDeleted: hasDeleted).joined()
        #expect(made.contains(#"CREATE TABLE IF NOT EXISTS "lake"."_agentsight_loads""#) == !hasLedger)
        #expect(made.contains(#"CREATE TABLE IF NOT EXISTS "lake"."_agentsight_deleted""#) == !hasDeleted)
    }

    @Test("a prefix that makes a name longer than the system takes is refused, by its bytes")
    func longPrefix() throws {
        let columns = [column("id", .integer)]
        func prefix(_ count: Int) -> String { String(repeating: "é", count: count) }
        #expect(try table(columns, prefix: prefix(27)).name.utf8.count == 62)
        #expect(throws: SchemaError.longName(prefix(28) + "messages", longest: 63, system: .postgres)) {
            try table(columns, prefix: prefix(28))
        }
        #expect(try table(columns, for: .duckdb, prefix: prefix(28)).name.utf8.count == 64)
    }

    @Test("the statement that removes rows that no load has written names their pipeline, their agent and their window")
    func strays() throws {
        let table = try table([column("id", .integer)])
        #expect(
            try statements().removal(ofStrays: LoadKey(pipeline: "it's", agent: "b", window: "a@2026-11-01"), from: table)
                == #"DELETE FROM "lake"."messages" WHERE "_pipeline" = 'it''s' AND "_agent" = 'b' AND "_window" IN ('a@2026-11-01');"#
        )
    }

    @Test("columns whose names look alike are two")
    func lookalikes() throws {
        let table = try table([column("id", .integer), column("a\u{301}", .string), column("\u{E1}", .string)])
        let there = try catalog(["id": "bigint", "a\u{301}": "text"])
        #expect(try statements().changes(to: table, having: there).kinds.count == 1)
    }

    @Test("a column of the output that is called as one of load's own gets another name")
    func ownNames() throws {
        let table = try table([column("id", .integer), .column(Column(name: "_window", path: ["content"], type: .string))])
        #expect(table.columns[1].source == "_window")
        #expect(table.columns[1].name.hasPrefix("_window_"))
    }

    @Test("the hash of a window covers each column as text, those of load itself too, and names never leave their quotes")
    func hostile() throws {
        let table = try table([column("id", .integer), column("x\"; DROP TABLE y; --", .string)], prefix: "p\"")
        let key = LoadKey(pipeline: "it's", window: "2026-11-01")
        let tally = try statements().tally(of: key, in: table)
        #expect(tally.contains(#"ARRAY["id"::text COLLATE "C", "x""; DROP TABLE y; --"::text COLLATE "C"], 0)"#), "\(tally)")
        let own = [#"ARRAY["_row_digest"], 1)"#, #"ARRAY["_loaded_at", "_changed_at"], 2)"#]
        #expect(own.allSatisfy(tally.contains), "\(tally)")
        #expect(tally.contains(#"FROM "lake"."p""messages" WHERE "_pipeline" = 'it''s'"#), "\(tally)")
    }

    @Test("the transaction of a window takes the lock before anything else, at a level at which it sees what was committed before")
    func lock() throws {
        let begin = try transactions().begin
        #expect(begin[0] == "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;")
        #expect(begin[1].hasPrefix("SELECT pg_catalog.pg_advisory_xact_lock("))
    }

    @Test("rows keep the time of their last change unless their digest differs, and rows that went are recorded")
    func changed() throws {
        let table = try table([column("id", .integer), column("content", .string)])
        let key = LoadKey(pipeline: "p", window: "a@2026-11-01")
        let text = try transactions().replacement(of: key, covering: [], in: table, from: 0, at: "2026-11-02T00:00:00Z").joined(
            separator: "\n")
        #expect(text.contains("coalesce(o.changed_at, CAST('2026-11-02T00:00:00Z' AS timestamptz))"))
        #expect(text.contains(#"ON o.id = r."id" AND o.digest = r."_row_digest""#))
        #expect(text.contains(#"INSERT INTO "lake"."_agentsight_deleted""#))
        #expect(text.contains(#"WHERE o.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "lake"."messages" t WHERE t."id" = o.id "#))
        #expect(text.contains(#""_agent" = 'a'"#))
    }
}
