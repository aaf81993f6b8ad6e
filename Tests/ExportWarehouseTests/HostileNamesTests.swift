import ExportCore
import ExportFormats
import TestSupport
import Testing

@testable import ExportWarehouse

/// A table with two columns that were discovered. A combining mark follows the quote of one: of both Swift makes one character.
private struct Hostile {
    static let quote = "\"\u{301}\\! x"
    static let lines = "a\nb'`"

    var format = Output.Format.ndjson
    var window = "2026-11-01"
    var path = "m/x.gz"
    var namespace: String?
    var files = "/data"

    func script(for system: WarehouseSystem) throws -> WarehouseScript {
        let columns: [ColumnSelector] = [
            .column(Column(path: ["id"], type: .integer)), .column(Column(path: ["conversation_started_at"], type: .timestamp)),
            .every(path: ["metadata"]),
        ]
        let plan = ExportPlan.sample([.sample(.messages, format, columns: columns)])
        let layout = try TableLayout(
            columns,
            known: [.init(path: ["metadata", Self.quote], type: .string), .init(path: ["metadata", Self.lines], type: .integer)])
        return try WarehouseScript(plan, layouts: [layout], for: system, in: namespace, files: files)
    }

    var manifest: Manifest {
        .sample(
            Window(key: window, range: TimeRange(start: nil, end: Instant(seconds: 0)), paths: []),
            files: [
                .sample(
                    path, table: .messages, format: format,
                    columns: ["id", "conversation_started_at", "metadata__\(Self.quote)", "metadata__\(Self.lines)"])
            ])
    }

    func load(by system: WarehouseSystem) throws -> String { try script(for: system).load([manifest]) }
}

@Suite("A hostile name is a name, and nothing else, in every system")
struct HostileNamesTests {
    @Test(
        "a quote with a mark behind it is doubled or escaped, and a line feed is no part of a name",
        arguments: [
            (.postgres, ["  \"metadata__\"\"\u{301}\\! x\" text,", "  \"metadata__a_b'`\" bigint,"]),
            (.duckdb, ["  \"metadata__\"\"\u{301}\\! x\" VARCHAR,", "  \"metadata__a_b'`\" BIGINT,"]),
            (.redshift, ["  \"metadata__\"\"\u{301}\\! x\" VARCHAR(65535),", "  \"metadata__a_b'`\" BIGINT,"]),
            (.snowflake, ["  \"metadata__\"\"\u{301}\\! x\" VARCHAR,", "  \"metadata__a_b'`\" NUMBER(19, 0),"]),
            (.bigquery, ["  `metadata________x` STRING,", "  `metadata__a_b__` INT64,"]),
            (.clickhouse, ["  `metadata__\"\u{301}\\\\! x` Nullable(String),", "  `metadata__a_b'\\`` Nullable(Int64),"]),
        ] as [(WarehouseSystem, [String])])
    func definitions(system: WarehouseSystem, expected: [String]) throws {
        let lines = try Hostile().script(for: system).definitions.splitExactly(at: "\n").map(String.init)
        for line in expected { #expect(lines.contains { $0.equalsExactly(line) }, "\(lines)") }
    }

    @Test(
        "a key of JSON is written as what the system reads it back from",
        arguments: [
            (.postgres, ["doc ->> E'metadata__\"\u{301}\\\\! x'", "(doc ->> E'metadata__a\\u000ab''`')::bigint"]),
            (
                .duckdb,
                [
                    "CAST(json_extract_string(json, '/metadata__\"\u{301}\\! x') AS VARCHAR)",
                    "CAST(json_extract_string(json, ('/metadata__a' || chr(10) || 'b''`')) AS BIGINT)",
                ]
            ),
            (
                .redshift,
                [
                    "ELSE doc.\"metadata__\"\"\u{301}\\! x\"::VARCHAR(65535) END",
                    "JSON_EXTRACT_PATH_TEXT(JSON_SERIALIZE(doc), FROM_VARBYTE(FROM_HEX('6d657461646174615f5f610a622760'), 'utf8'))::BIGINT",
                ]
            ),
            (.snowflake, ["$1['metadata__\"\u{301}\\\\! x']", "$1['metadata__a\\u000ab''`']"]),
            (.bigquery, ["'$.\"metadata__\\\\\"\u{301}\\\\\\\\! x\"'", "'$.\"metadata__a\\u000ab\\'`\"'"]),
            (
                .clickhouse,
                [
                    "SELECT `id`, `conversation_started_at`, `metadata__\"\u{301}\\\\! x`, `metadata__a\\x0ab'\\``",
                    "`metadata__\"\u{301}\\\\\\\\! x` Nullable(String), `metadata__a\\\\x0ab\\'\\\\`` Nullable(Int64)'",
                ]
            ),
        ] as [(WarehouseSystem, [String])])
    func keys(system: WarehouseSystem, expected: [String]) throws {
        let load = try Hostile().load(by: system)
        for text in expected { #expect(load.containsExactly(text), "\(load)") }
    }

    @Test("psql's command stays on its line, and its quotes and the shell's hold")
    func copy() throws {
        let load = try Hostile(format: .csv, path: "it'\u{301}s $(x) \"q\".gz", files: "/data").load(by: .postgres)
        let lines = load.splitExactly(at: "\n").filter { $0.startsExactly(with: "\\") }
        #expect(lines.count == 2 && lines[0] == #"\set ON_ERROR_STOP on"#)
        #expect(
            lines[1].equalsExactly(
                "\\copy agentsight_rows_1 (\"id\", \"conversation_started_at\", \"metadata__\"\"\u{301}\\! x\", \"metadata__a_b'`\") "
                    + "FROM PROGRAM 'gzip -dc ''/data/it''\\''''\u{301}s $(x) \"q\".gz''' WITH (FORMAT csv, HEADER true, ENCODING 'UTF8')"
            ))
    }

    @Test("a comment does not end before its line does", arguments: WarehouseSystem.allCases)
    func comments(system: WarehouseSystem) throws {
        let load = try Hostile(window: "x\n\u{301}DROP TABLE t;\r\u{2028}\u{85}y").load(by: system)
        #expect(load.splitExactly(at: "\n").contains("-- window x\u{FFFD}\u{301}DROP TABLE t;\u{FFFD}\u{FFFD}\u{FFFD}y"))
        let comments = try Hostile().script(for: system).definitions.splitExactly(at: "\n").filter { $0.startsExactly(with: "--") }
        switch system {
        case .redshift:
            #expect(
                comments == [
                    "-- ALTER TABLE \"messages\" ADD COLUMN \"metadata__\"\"\u{301}\\! x\" VARCHAR(65535);",
                    "-- ALTER TABLE \"messages\" ADD COLUMN \"metadata__a_b'`\" BIGINT;",
                ])
        case .duckdb: #expect(comments == ["-- key: id"])
        default: #expect(comments.isEmpty)
        }
    }

    @Test("nothing in the statements rules a terminal, whatever the keys are", arguments: WarehouseSystem.allCases)
    func printable(system: WarehouseSystem) throws {
        for format in system.formats {
            let hostile = Hostile(format: format)
            let text = try hostile.script(for: system).definitions + hostile.load(by: system)
            #expect(!text.unicodeScalars.contains { $0.isUnprintable && $0 != "\n" })
        }
    }

    @Test("a place with a control character is refused, and so is a pattern where nothing keeps the system from it")
    func places() throws {
        for path in ["a\nb", "\u{301}\u{1B}", "a\0"] {
            #expect(throws: SchemaError.controlCharacter(location: "/data/\(path)")) { try Hostile(path: path).load(by: .postgres) }
        }
        #expect(throws: SchemaError.controlCharacter(location: "/d\n/m/x.gz")) { try Hostile(files: "/d\n").load(by: .redshift) }
        #expect(throws: SchemaError.controlCharacter(location: "a\nb")) { try Hostile(namespace: "a\nb").script(for: .duckdb) }
        #expect(throws: SchemaError.pattern(location: "/data/a*\u{301}.gz")) {
            try Hostile(path: "a*\u{301}.gz").load(by: .clickhouse)
        }
        #expect(throws: SchemaError.pattern(location: "/data/a*")) { try Hostile(path: "a*").load(by: .bigquery) }
        #expect(try Hostile(path: "a*?[1].gz").load(by: .duckdb).containsExactly("'/data/a[*][?][[]1].gz'"))
        #expect(
            SchemaError.controlCharacter(location: "/a\nb").description
                == "/a\u{FFFD}b contains a control character, which a statement cannot contain, and to which no export writes.")
        #expect(
            SchemaError.pattern(location: "/a*").description
                == "the warehouse would read /a* as a pattern and load other files too: give another place with --files-at."
        )
        #expect(
            SchemaError.otherColumns(path: "p\u{1B}", column: "c\n").description.hasPrefix("p\u{FFFD} has a column c\u{FFFD} that"))
    }

    @Test("a namespace is names between points, each in quotes")
    func namespaces() throws {
        let expected: [(WarehouseSystem, String)] = [
            (.postgres, "\"a\"\"\u{301}\".\"b;\".\"messages\""), (.duckdb, "\"a\"\"\u{301}\".\"b;\".\"messages\""),
            (.redshift, "\"a\"\"\u{301}\".\"b;\".\"messages\""), (.snowflake, "\"A\"\"\u{301}\".\"B;\".\"MESSAGES\""),
            (.bigquery, "`a\"\u{301}`.`b;`.`messages`"), (.clickhouse, "`a\"\u{301}`.`b;`.`messages`"),
        ]
        for (system, name) in expected {
            let definitions = try Hostile(namespace: "a\"\u{301}.b;").script(for: system).definitions
            #expect(definitions.containsExactly("CREATE TABLE IF NOT EXISTS \(name) ("), "\(definitions)")
        }
    }

    @Test("keys that differ in the case of letters alone are both read by DuckDB")
    func cases() throws {
        let naming = DuckDB().naming
        #expect(naming.names(for: ["k", "K", "\u{212A}"]).count == 3)
        #expect(Set(naming.names(for: ["k", "K", "\u{212A}"]).map(naming.folded)).count == 3)
    }
}
