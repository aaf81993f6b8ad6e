import ExportCore
import ExportFormats
import Foundation
import TestSupport
import Testing

@testable import ExportWarehouse

@Suite("Scripts for systems whose client is not started guard themselves")
struct GuardedScriptTests {
    static let systems: [WarehouseSystem] = [.bigquery, .snowflake, .redshift]

    @Test("they are for the three systems that no client is started of")
    func takes() {
        #expect(WarehouseSystem.allCases.filter(GuardedScript.takes) == Self.systems)
    }

    /// With AGENTSIGHT_KEEP_GOLDEN set they are written anew, to be read before they are committed.
    @Test("each script is the one that is kept, to the byte", arguments: systems, ["ndjson", "csv", "parquet"])
    func scripts(system: WarehouseSystem, name: String) throws {
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

    @Test("a column that is called as one of the load's gets another name", arguments: systems)
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

    @Test("what an odd name holds stays in its quotes, also in a block that is a text itself", arguments: systems)
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
        var open: Unicode.Scalar?
        var scalars = Array(text.unicodeScalars)[...]
        var outside = ""
        while let scalar = scalars.popFirst() {
            if let quote = open {
                let escapes = system == .bigquery || system == .snowflake && quote == "'"
                if scalar == "\\", escapes {
                    scalars = scalars.dropFirst()
                } else if scalar == quote {
                    if scalars.first == quote, system != .bigquery { scalars = scalars.dropFirst() } else { open = nil }
                }
            } else if ["'", "\"", "`"].contains(scalar) {
                open = scalar
            } else {
                outside.unicodeScalars.append(scalar)
            }
        }
        return open == nil && !outside.contains("$$")
    }
}
