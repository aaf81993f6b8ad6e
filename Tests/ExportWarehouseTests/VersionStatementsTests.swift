import ExportCore
import ExportFormats
import TestSupport
import Testing

@testable import ExportWarehouse

@Suite struct VersionStatementsTests {
    private static let time = "2026-11-02T00:00:00.000001Z"

    private func statements() throws -> VersionStatements {
        var found: VersionStatements?
        if case .versions(let statements)? = WarehouseSystem.clickhouse.loadStatements(schema: "lake")?.replacing {
            found = statements
        }
        return try #require(found)
    }

    private func table(_ names: String..., prefix: String = "") throws -> LoadTable {
        let columns =
            [ColumnSelector.column(Column(path: ["id"], type: .integer))]
            + names.map { .column(Column(name: $0, path: ["content"], type: .string)) }
        let plan = ExportPlan.sample([.sample(.messages, .csv, columns: columns)])
        let layout = try TableLayout(columns, fields: Table.messages.fields(detail: .full).map(\.name))
        return try LoadTable.tables(of: plan, layouts: [layout], for: .clickhouse, prefix: prefix)[0]
    }

    private func entry(_ table: LoadTable, _ key: LoadKey) -> (table: LoadTable, entry: LedgerEntry) {
        let entry = LedgerEntry(
            key: key, start: nil, end: "2026-11-02T00:00:00Z", content: "c", rows: 2, distinctIDs: 2, digestSum: "-5", hash: "7",
            columns: "[]", replacedCharacters: 0, run: "r")
        return (table, entry)
    }

    @Test("rows keep the time of their last change unless their digest differs, and names never leave their quotes")
    func insertion() throws {
        let table = try table("x`, now(), '", prefix: "p`")
        let key = LoadKey(pipeline: "it's", window: "2026-11-01")
        let text = try statements().insertion(
            of: key, covering: [], into: table, table.columns.map { ($0, "Nullable(String)") }, as: 12, at: Self.time)
        #expect(text.contains("if(o.found = 1, o.changed, parseDateTime64BestEffort('\(Self.time)', 6, 'UTC')), 12 FROM input("))
        #expect(text.contains("AS o ON o.row_id = s.c1 AND o.digest = s.c0 FORMAT TabSeparated"))
        #expect(text.contains(#"INSERT INTO `lake`.`_agentsight_rows_p\`messages`"#))
        #expect(text.contains(#"`x\`, now(), '`"#))
        #expect(text.contains(#"`_pipeline` = 'it\'s'"#))
        #expect(text.contains(#"input('c0 Int64, c1 Nullable(String), c2 Nullable(String)')"#))
    }

    @Test("one statement makes a number the current one of all tables, and removes the windows that it covers; it is the last")
    func record() throws {
        let (table, key) = (try table("content"), LoadKey(pipeline: "p", window: "a@2026-11"))
        let statements = try statements().record(
            [entry(table, key), entry(table, key)], covering: ["a@2026-11-01"], as: 12, at: Self.time)
        let logs = statements.filter { $0.contains("`_agentsight_load_log` (") }
        #expect(logs.count == 1 && logs.first == statements.last)
        #expect(logs.first?.split(separator: "12, false)", omittingEmptySubsequences: false).count == 3)
        #expect(logs.first?.split(separator: "12, true)", omittingEmptySubsequences: false).count == 3)
        #expect(logs.first?.contains("('p', 'a', 'a@2026-11-01', NULL, NULL, 'messages', NULL") == true)
    }

    @Test("rows that are in no other window are recorded as deleted, and rows that came back no longer are")
    func deletions() throws {
        let (table, key) = (try table("content"), LoadKey(pipeline: "p", window: "2026-11-01"))
        let statements = try statements().record([entry(table, key)], covering: [], as: 12, at: Self.time)
        try #require(statements.count == 3)
        let own = "SELECT `id` FROM `lake`.`_agentsight_rows_messages` WHERE"
        #expect(statements[0].contains("12, true FROM (SELECT DISTINCT `id` AS row_id FROM `lake`.`messages`"))
        #expect(statements[0].contains("AND `_window` NOT IN ('2026-11-01'))") && statements[0].contains(own))
        #expect(statements[1].contains("12, false FROM (SELECT `id` AS row_id FROM `lake`.`_agentsight_deleted`"))
        #expect(statements[1].contains(own))
    }

    @Test("a number is removed once it has been superseded for an hour, or is a day old and was never current")
    func superseded() throws {
        let text = try statements().superseded(in: table("content"))
        #expect(text.contains("`loaded_at` < now64(6, 'UTC') - toIntervalHour(1)"))
        #expect(text.contains("AND `_load` NOT IN (SELECT `load` FROM `lake`.`_agentsight_loads` WHERE `table` = 'messages'))"))
        #expect(
            text.contains(
                "`_load` NOT IN (SELECT `load` FROM `lake`.`_agentsight_load_log` WHERE `table` = 'messages') AND `_loaded_at` < now64(6, 'UTC') - toIntervalDay(1)"
            ))
    }

    @Test("a column that widens lets the ledger ask for all windows before it changes, and the view comes last")
    func widening() throws {
        let table = try table("content")
        let change = TableChange(kinds: [.widen(column: "content", type: "Nullable(String)")])
        let statements = try statements().definitions([(table, change)], hasLedger: true, hasDeleted: true)
        try #require(statements.count == 3)
        #expect(statements[0].hasPrefix("INSERT INTO `lake`.`_agentsight_load_log`") && statements[0].contains("''"))
        #expect(statements[1] == "ALTER TABLE `lake`.`_agentsight_rows_messages` MODIFY COLUMN `content` Nullable(String);")
        #expect(statements[2].hasPrefix("CREATE OR REPLACE VIEW `lake`.`messages`"))
    }

    @Test("a column that is added lets the ledger ask for the windows that were loaded with it, and for no others")
    func readded() throws {
        let change = TableChange(kinds: [.add(column: "content", type: "Nullable(String)")])
        let statements = try statements().definitions([(table("content"), change)], hasLedger: true, hasDeleted: true)
        try #require(statements.count == 3)
        #expect(statements[0].hasPrefix("INSERT INTO `lake`.`_agentsight_load_log`"))
        #expect(
            statements[0].contains(
                #"""
                WHERE `table` = 'messages' AND (position(`columns`, '["content"') > 0 OR position(`columns`, ',"content"') > 0);
                """#
            ), "\(statements[0])")
        #expect(statements[1].hasPrefix("ALTER TABLE `lake`.`_agentsight_rows_messages` ADD COLUMN"))
    }

    @Test("a view of deleted rows that was dropped is made again", arguments: [true, false])
    func deletedView(hasDeleted: Bool) throws {
        let made = try statements().definitions([], hasLedger: true, hasDeleted: hasDeleted).joined()
        #expect(made.contains("CREATE OR REPLACE VIEW `lake`.`_agentsight_deleted`") == !hasDeleted)
    }

    @Test("the hash and the sum cannot overflow, and a column that is called as the number gets another name")
    func tally() throws {
        let table = try table("_load")
        #expect(table.columns[1].name.hasPrefix("_load_"))
        let text = try statements().tally(of: LoadKey(pipeline: "p", window: "2026-11-01"), as: 12, in: table)
        #expect(text.contains("toString(sum(toInt128(`_row_digest`)))"))
        #expect(text.contains("toString(sum(toInt128(sipHash64(toString(tuple("))
        #expect(text.hasSuffix("AND `_load` = 12;"))
    }
}
