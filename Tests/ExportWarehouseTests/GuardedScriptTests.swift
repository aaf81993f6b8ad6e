import ExportCore
import ExportFormats
import Foundation
import TestSupport
import Testing

@testable import ExportWarehouse

@Suite("Scripts that people run guard themselves")
struct GuardedScriptTests {
    static let systems: [WarehouseSystem] = [.bigquery, .snowflake, .redshift]
    static let all = systems + [.postgres, .duckdb]

    @Test("they are for all systems that have transactions; no client is started of three of them")
    func takes() {
        #expect(Set(WarehouseSystem.allCases.filter(GuardedScript.takes)) == Set(Self.all))
        #expect(WarehouseSystem.allCases.filter { $0.clientProgram == nil } == Self.systems)
    }

    /// With AGENTSIGHT_KEEP_GOLDEN set they are written anew, to be read before they are committed.
    @Test("each script is the one that is kept, to the byte", arguments: all, ["ndjson", "csv", "parquet"])
    func scripts(system: WarehouseSystem, name: String) throws {
        guard system != .postgres || name != "parquet" else {
            #expect(throws: SchemaError.format(.parquet, output: 1, system: system)) {
                try WarehouseScriptTests.scenes[name]?.guarded(for: system)
            }
            return
        }
        let text = try #require(WarehouseScriptTests.scenes[name]).guarded(for: system)
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let file = root.appendingPathComponent("samples/golden/statements/\(system.rawValue).\(name).guarded.sql")
        if ProcessInfo.processInfo.environment["AGENTSIGHT_KEEP_GOLDEN"] != nil { try Data(text.utf8).write(to: file) }
        #expect(try text == String(contentsOf: file, encoding: .utf8))
    }

    /// What a system runs of a script: without what stands around a block that is a text.
    private static func unfolded(_ text: String, for system: WarehouseSystem) -> String {
        switch system {
        // "String & binary data types": a quote is doubled, a backslash escapes.
        case .snowflake: text.replacing("\\\\", with: "\\").replacing("''", with: "'")
        case .redshift: text.replacing("''", with: "'")
        default: text
        }
    }

    @Test(
        "definitions and staging come before the transaction; in it rows are replaced, the ledger is written, and both are checked",
        arguments: systems)
    func order(system: WarehouseSystem) throws {
        let text = Self.unfolded(try WarehouseScene().guarded(for: system), for: system)
        let upper = text.uppercased()
        // A call of a procedure is a transaction.
        let begin = system == .redshift ? "IF FOUND = 0 THEN" : "BEGIN TRANSACTION;"
        let steps = [
            "RAW__AGENTSIGHT_LOADS", "NOT EXISTS (SELECT 1 FROM", begin, "DELETE FROM", "INSERT INTO", "RAW__AGENTSIGHT_LOADS",
            "FOUND_ROWS <> 1",
        ]
        var rest = upper[...]
        for step in steps where !(system == .redshift && step.hasPrefix("NOT EXISTS")) {
            let place = try #require(rest.firstRange(of: step), "\(step) in \(text)")
            rest = rest[place.upperBound...]
        }
        #expect(upper.contains("\"MESSAGES\"") || upper.contains("`RAW_MESSAGES`") || upper.contains("\"RAW_MESSAGES\""))
        #expect(text.contains("the rows differ from the manifest, nothing was changed"))
    }

    @Test("psql loads a window if the ledger lacks it, decided under the ledger's lock, and commits it if its rows are right")
    func psql() throws {
        let text = try WarehouseScene().guarded(for: .postgres)
        let steps = [
            #"\set ON_ERROR_STOP on"#, "-- window", "BEGIN;",
            #"LOCK TABLE "lake"."raw__agentsight_loads" IN SHARE ROW EXCLUSIVE MODE;"#, "SELECT NOT EXISTS (SELECT 1 FROM",
            #"\gset"#, #"\if :agentsight_is_due"#, #"\copy"#, #"DELETE FROM "lake"."raw_messages""#,
            #"INSERT INTO "lake"."raw__agentsight_loads""#, "DO E'", #"\endif"#, "COMMIT;",
        ]
        var rest = text[...]
        for step in steps {
            let place = try #require(rest.firstRange(of: step), "\(step) in \(text)")
            rest = rest[place.upperBound...]
        }
        let check = try #require(text.split(separator: "\n").last { $0.hasPrefix("DO E'") })
        #expect(check.contains("found_rows <> 1") && check.contains("RAISE EXCEPTION USING MESSAGE"))
    }

    @Test("each statement of DuckDB that removes or records something is for a window that the ledger lacks")
    func duckDB() throws {
        let text = try WarehouseScene().guarded(for: .duckdb)
        let block = try #require(text.firstRange(of: "BEGIN TRANSACTION;").map { text[$0.lowerBound...] })
        let due = "EXISTS (SELECT 1 FROM agentsight_due)"
        let isDue = #"AS SELECT 1 AS due FROM agentsight_fit WHERE NOT EXISTS (SELECT 1 FROM "lake"."raw__agentsight_loads""#
        #expect(block.contains(isDue))
        let statements = block.split(separator: ";\n").filter { $0.hasPrefix("DELETE FROM") || $0.hasPrefix("INSERT INTO") }
        #expect(statements.count >= 4)
        // Where the window is loaded already, no row comes from the file, and rows that are there are not gone.
        let harmless = [#"INSERT INTO "lake"."raw_messages""#, #"DELETE FROM "lake"."raw__agentsight_deleted""#]
        for statement in statements where !harmless.contains(where: { statement.hasPrefix($0) }) {
            #expect(statement.hasSuffix(due), "\(statement)")
        }
        // What comes from the file comes only then.
        let staging = try #require(block.split(separator: ";\n").first { $0.contains("TABLE agentsight_rows_1 AS") })
        #expect(staging.hasSuffix("WHERE \(due)"))
        #expect(block.contains("AND \(due) THEN error('window 2026-11-01 of messages: the rows differ from the manifest"))
    }

    @Test(
        "no type of a column is changed; a script ends where one differs, or where load fills the tables",
        arguments: [.postgres, .duckdb] as [WarehouseSystem])
    func check(system: WarehouseSystem) throws {
        let text = try #require(WarehouseScriptTests.scenes["csv"]).guarded(for: system)
        #expect(!text.contains("ALTER COLUMN") && text.contains("ADD COLUMN IF NOT EXISTS"))
        let windows = try #require(text.firstRange(of: "-- window")).lowerBound
        let quote = system == .postgres ? "''" : "'"
        for part in [
            "digest_sum\(quote)", "is the ledger of load", "has another type than in this export",
            "(\(quote)metadata__ratio\(quote), \(quote)\(system == .postgres ? "double precision" : "DOUBLE")\(quote))",
        ] {
            #expect(text[..<windows].contains(part), "\(part) in \(text[..<windows])")
        }
    }

    @Test("a column that is called as one of the load's gets another name", arguments: all)
    func reserved(system: WarehouseSystem) throws {
        let columns: [ColumnSelector] = [
            .column(Column(path: ["id"], type: .integer)), .column(Column(path: ["conversation_started_at"], type: .timestamp)),
            .column(Column(name: "_pipeline", path: ["sender"], type: .string)),
        ]
        let plan = ExportPlan.sample([.sample(.messages, .csv, columns: columns)])
        let text = try GuardedScript(
            plan, layouts: [TableLayout(columns)], for: system, in: nil, prefix: "", files: "s3://b"
        ).text(loading: [])
        let lines = text.split(separator: "\n").filter { $0.uppercased().contains("_PIPELINE") && $0.hasPrefix("  ") }
        #expect(lines.count == 2 && Set(lines).count == 2, "\(text)")
    }

    @Test("what an odd name holds stays in its quotes, also in a block that is a text itself", arguments: all)
    func hostile(system: WarehouseSystem) throws {
        let columns: [ColumnSelector] = [
            .column(Column(path: ["id"], type: .integer)), .column(Column(path: ["conversation_started_at"], type: .timestamp)),
            .column(Column(name: "a'\"`\\$$ b", path: ["sender"], type: .string)),
        ]
        let plan = ExportPlan.sample([.sample(.messages, .csv, columns: columns)])
        let window = Window(key: "w", agent: nil, range: TimeRange(start: nil, end: Instant(seconds: 0)), paths: [])
        let manifest = Manifest.sample(
            window,
            files: [
                .sample(
                    "it's \\ $$.csv", table: .messages, format: .csv,
                    columns: ["id", "conversation_started_at", "a'\"`\\$$ b"])
            ])
        let text = try GuardedScript(
            plan, layouts: [TableLayout(columns)], for: system, in: "n'\"", prefix: "", files: "s3://b"
        ).text(loading: [manifest])
        // A scanner of the system's quotes comes to its end outside of any.
        #expect(Self.isBalanced(text, system))
        if system == .snowflake || system == .redshift {
            #expect(Self.blocks(text, system).allSatisfy { Self.isBalanced($0, system) })
            #expect(!Self.blocks(text, system).isEmpty)
        }
    }

    /// The texts that a system runs as scripts.
    private static func blocks(_ text: String, _ system: WarehouseSystem) -> [String] {
        var blocks: [String] = []
        var rest = text[...]
        let start = system == .snowflake ? "EXECUTE IMMEDIATE '" : "() AS '"
        while let found = rest.firstRange(of: start) {
            var (block, place) = ("", found.upperBound)
            while place < rest.endIndex {
                let character = rest.unicodeScalars[place]
                let next = rest.unicodeScalars.index(after: place)
                if character == "\\", system == .snowflake {
                    block.unicodeScalars.append(rest.unicodeScalars[next])
                    place = rest.unicodeScalars.index(after: next)
                } else if character == "'", next < rest.endIndex, rest.unicodeScalars[next] == "'" {
                    block.append("'")
                    place = rest.unicodeScalars.index(after: next)
                } else if character == "'" {
                    break
                } else {
                    block.unicodeScalars.append(character)
                    place = next
                }
            }
            blocks.append(block)
            rest = rest[place...].dropFirst()
        }
        return blocks
    }

    /// Whether all quotes are closed, and none of a name's statements stands outside.
    private static func isBalanced(_ text: String, _ system: WarehouseSystem) -> Bool {
        var (open, escapes) = (nil as Unicode.Scalar?, false)
        var scalars = Array(text.unicodeScalars)[...]
        var outside = ""
        while let scalar = scalars.popFirst() {
            if let quote = open {
                if scalar == "\\", escapes {
                    scalars = scalars.dropFirst()
                } else if scalar == quote {
                    if scalars.first == quote, system != .bigquery { scalars = scalars.dropFirst() } else { open = nil }
                }
            } else if ["'", "\"", "`"].contains(scalar) {
                open = scalar
                escapes =
                    switch system {
                    case .bigquery: true
                    case .snowflake: scalar == "'"
                    case .postgres: scalar == "'" && outside.hasSuffix("E")
                    default: false
                    }
            } else {
                outside.unicodeScalars.append(scalar)
            }
        }
        return open == nil && !outside.contains("$$")
    }
}
