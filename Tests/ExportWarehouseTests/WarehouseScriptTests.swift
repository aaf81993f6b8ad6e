import ExportCore
import ExportFormats
import Foundation
import TestSupport
import Testing

@testable import ExportWarehouse

/// Tables of messages with few columns, one of each type.
struct WarehouseScene {
    var format = Output.Format.ndjson
    var dialect = Output.Dialect.warehouse
    var columns: [ColumnSelector] = [
        .column(Column(path: ["id"], type: .integer)),
        .column(Column(name: "at", path: ["conversation_started_at"], type: .timestamp)),
        .column(Column(name: "user", path: ["sender"], type: .string)), .every(path: ["metadata"]),
    ]
    var fileColumns: [String]? = ["id", "at", "user", "metadata__big", "metadata__ratio", "metadata__rest"]
    var table = Table.messages
    var known: [TableLayout.KnownKey] = [
        .init(path: ["metadata", "big"], type: .decimal), .init(path: ["metadata", "ratio"], type: .number),
    ]

    func guarded(for system: WarehouseSystem) throws -> String {
        let plan = ExportPlan.sample([.sample(table, format, columns: columns, dialect: dialect)])
        let layout = try TableLayout(columns, known: known)
        return try GuardedScript(plan, layouts: [layout], for: system, in: "lake", prefix: "raw_", files: "gs://b/p")
            .text(loading: [manifest])
    }

    func script(for system: WarehouseSystem, output: Int? = nil) throws -> WarehouseScript {
        let plan = ExportPlan.sample([.sample(table, format, columns: columns, dialect: dialect)])
        let layout = try TableLayout(columns, known: known)
        return try WarehouseScript(plan, layouts: [layout], for: system, in: "lake", files: "gs://b/p", output: output)
    }

    var manifest: Manifest {
        .sample(
            Window(
                key: "2026-11-01",
                range: TimeRange(
                    start: Instant(iso8601: "2026-10-31T23:00:00Z"), end: Instant(iso8601: "2026-11-01T23:00:00Z")!),
                paths: []),
            files: [.sample("m/it's.gz", table: table, format: format, columns: fileColumns)])
    }
}

@Suite("Systems are told what to make and to load")
struct WarehouseScriptTests {
    /// BigQuery "Data types", Snowflake "Summary of data types", Redshift "Data types", PostgreSQL chapter 8, DuckDB "Data Types",
    /// ClickHouse "Data types".
    @Test(
        "each type is one that the system has, and holds what the column may hold",
        arguments: [
            (.bigquery, "INT64 TIMESTAMP STRING BIGNUMERIC FLOAT64 JSON"),
            (.snowflake, "NUMBER(19,0) TIMESTAMP_TZ(6) VARCHAR VARCHAR FLOAT VARIANT"),
            (.redshift, "BIGINT TIMESTAMPTZ VARCHAR(65535) VARCHAR(128) DOUBLEPRECISION SUPER"),
            (.postgres, "bigint timestamptz text numeric doubleprecision jsonb"),
            (.duckdb, "BIGINT TIMESTAMPTZ VARCHAR VARCHAR DOUBLE JSON"),
            (
                .clickhouse,
                "Int64 DateTime64(6,'UTC') Nullable(String) Nullable(Decimal(76,38)) Nullable(Float64) Nullable(String)"
            ),
        ] as [(WarehouseSystem, String)])
    func types(system: WarehouseSystem, expected: String) throws {
        let lines = try WarehouseScene().script(for: system).definitions.split(separator: "\n").filter { $0.hasPrefix("  ") }
        let types = lines.prefix(6).map { line in
            line.drop { $0 != "\"" && $0 != "`" }.split(separator: " ").dropFirst().joined()
                .replacing("PRIMARYKEY", with: "").trimmingSuffix(",")
        }
        #expect(types.joined(separator: " ") == expected)
    }

    @Test("every name is quoted, so that no reserved word is in the way", arguments: WarehouseSystem.allCases)
    func quoted(system: WarehouseSystem) throws {
        let definitions = try WarehouseScene().script(for: system).definitions
        let user = system == .snowflake ? "USER" : "user"
        #expect(definitions.contains("\"\(user)\" ") || definitions.contains("`\(user)` "))
        let table = system == .snowflake ? #""LAKE"."MESSAGES""# : "lake.messages"
        #expect(definitions.replacing("`", with: "").replacing("\"", with: "").contains(table.replacing("\"", with: "")))
    }

    @Test(
        "the rows of a window are taken out before its files are put in, within one transaction",
        arguments: WarehouseSystem.allCases)
    func order(system: WarehouseSystem) throws {
        for format in system.formats {
            let load = try WarehouseScene(format: format).script(for: system).load([WarehouseScene(format: format).manifest])
            let delete = try #require(load.firstRange(of: "DELETE FROM")).lowerBound
            let insert = try #require(load.firstRange(of: "INSERT INTO"))
            #expect(delete < insert.lowerBound)
            #expect(load.contains("2026-10-31T23:00:00Z") && load.contains("2026-11-01T23:00:00Z"))
            guard system != .clickhouse else { continue }
            let begin = try #require(load.firstRange(of: "BEGIN"))
            let commit = try #require(load.firstRange(of: "\nCOMMIT"))
            #expect(begin.lowerBound < delete && insert.lowerBound < commit.lowerBound)
        }
    }

    /// Each type of column, one that has only JSON nulls in some rows among them; and names that differ in the case of letters alone.
    static let scenes: [String: WarehouseScene] = [
        "ndjson": WarehouseScene(columns: every, fileColumns: names),
        "csv": WarehouseScene(format: .csv, columns: every, fileColumns: names),
        "parquet": WarehouseScene(format: .parquet, columns: every, fileColumns: names),
        "odd": WarehouseScene(
            columns: every + [.column(Column(name: "USER", path: ["metadata", "user"], type: .json))],
            fileColumns: names + ["USER"]),
    ]
    private static let every: [ColumnSelector] =
        WarehouseScene().columns.dropLast() + [
            .column(Column(name: "flag", path: ["metadata", "flag"], type: .boolean)),
            .column(Column(name: "list", path: ["metadata", "list"], type: .json)), .every(path: ["metadata"]),
        ]
    private static let names = ["id", "at", "user", "flag", "list", "metadata__big", "metadata__ratio", "metadata__rest"]

    /// They stand in `samples/golden/statements`; `integration/warehouses.py` runs others like them. With AGENTSIGHT_KEEP_GOLDEN set they
    /// are written there anew, to be read before they are committed.
    @Test(
        "each statement that makes a table and loads a window is the one that is kept, to the byte",
        arguments: WarehouseSystem.allCases, ["ndjson", "csv", "odd", "parquet"])
    func statements(system: WarehouseSystem, name: String) throws {
        let scene = try #require(Self.scenes[name])
        guard system.formats.contains(scene.format) else { return #expect(system == .postgres && name == "parquet") }
        let script = try scene.script(for: system)
        let text = try script.definitions + "\n" + script.load([scene.manifest])
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let file = root.appendingPathComponent("samples/golden/statements/\(system.rawValue).\(name).sql")
        if ProcessInfo.processInfo.environment["AGENTSIGHT_KEEP_GOLDEN"] != nil { try Data(text.utf8).write(to: file) }
        #expect(try text == String(contentsOf: file, encoding: .utf8))
    }

    /// GoogleSQL "Load statements", "String functions", "JSON functions".
    @Test("BigQuery takes a line of JSON as one text, and a path with a quote in it")
    func bigQuery() throws {
        #expect(
            try WarehouseScene().script(for: .bigquery).load([WarehouseScene().manifest]) == #"""
                -- window 2026-11-01
                LOAD DATA OVERWRITE TEMP TABLE `agentsight_rows_1_1` (doc STRING)
                FROM FILES (format = 'CSV', uris = ['gs://b/p/m/it\'s.gz'], field_delimiter = '\x02', quote = '', compression = 'GZIP');
                BEGIN TRANSACTION;
                DELETE FROM `lake`.`messages` WHERE `at` >= TIMESTAMP '2026-10-31T23:00:00Z' AND `at` < TIMESTAMP '2026-11-01T23:00:00Z';
                DELETE FROM `lake`.`messages` WHERE `id` IN (SELECT CAST(JSON_VALUE(doc, '$."id"') AS INT64) FROM `agentsight_rows_1_1`);
                INSERT INTO `lake`.`messages` (`id`, `at`, `user`, `metadata__big`, `metadata__ratio`, `metadata__rest`)
                SELECT
                  CAST(JSON_VALUE(doc, '$."id"') AS INT64),
                  CAST(JSON_VALUE(doc, '$."at"') AS TIMESTAMP),
                  COALESCE(JSON_VALUE(doc, '$."user"'), NULLIF(JSON_QUERY(doc, '$."user"'), 'null')),
                  CAST(JSON_VALUE(doc, '$."metadata__big"') AS BIGNUMERIC),
                  CAST(JSON_VALUE(doc, '$."metadata__ratio"') AS FLOAT64),
                  PARSE_JSON(JSON_QUERY(doc, '$."metadata__rest"'), wide_number_mode => 'round')
                FROM `agentsight_rows_1_1`;
                COMMIT TRANSACTION;

                """#)
    }

    /// Snowflake "COPY INTO <table>": a load with a transformation takes a list of columns and a named stage.
    @Test("Snowflake copies from a stage, by names or by places")
    func snowflake() throws {
        let objects = try WarehouseScene().script(for: .snowflake).load([WarehouseScene().manifest])
        #expect(objects.contains(#"STRIP_NULL_VALUE($1:"metadata__ratio")::FLOAT,"#))
        #expect(objects.contains("FROM 'gs://b/p/m/it''s.gz')"))
        #expect(objects.contains("FILE_FORMAT = (TYPE = JSON COMPRESSION = GZIP) FORCE = TRUE"))
        let records = try WarehouseScene(format: .csv).script(for: .snowflake).load([WarehouseScene(format: .csv).manifest])
        #expect(records.contains("$2::TIMESTAMP_TZ(6),") && records.contains("PARSE_JSON($6)"))
        #expect(records.contains("EMPTY_FIELD_AS_NULL = TRUE NULL_IF = ()"))
    }

    /// Redshift "COPY from JSON format": `noshred` takes a line into one SUPER.
    @Test("Redshift takes a line of JSON as one value")
    func redshift() throws {
        let load = try WarehouseScene().script(for: .redshift).load([WarehouseScene().manifest])
        #expect(load.contains("FORMAT JSON 'noshred' GZIP TIMEFORMAT 'auto';"))
        #expect(load.contains(#"doc."metadata__big"::VARCHAR(128),"#))
    }

    /// Snowflake "CREATE FILE FORMAT": without USE_LOGICAL_TYPE, times are numbers. Redshift "COPY from columnar data formats": by place.
    @Test("Parquet is loaded by the names of its columns, or into a table that has them in their order")
    func parquet() throws {
        let scene = WarehouseScene(format: .parquet)
        func load(_ system: WarehouseSystem) throws -> String { try scene.script(for: system).load([scene.manifest]) }
        let snowflake = try load(.snowflake)
        #expect(snowflake.contains("FILE_FORMAT = (TYPE = PARQUET USE_LOGICAL_TYPE = TRUE)"))
        #expect(
            snowflake.contains(#"$1:"at"::TIMESTAMP_TZ(6)"#) && snowflake.contains(#"PARSE_JSON($1:"metadata__rest"::VARCHAR)"#))
        let redshift = try load(.redshift)
        #expect(redshift.contains(#"("id" BIGINT, "at" TIMESTAMPTZ, "user" VARCHAR(65535), "metadata__big" VARCHAR(128), "#))
        #expect(redshift.contains("FORMAT PARQUET;") && redshift.contains(#"JSON_PARSE("metadata__rest")"#))
        #expect(try load(.bigquery).contains("FROM FILES (format = 'PARQUET', uris = ['gs://b/p/m/it\\'s.gz']);"))
        #expect(try load(.duckdb).contains(#"CAST("metadata__rest" AS JSON) AS "metadata__rest""#))
        #expect(try load(.clickhouse).contains("'Parquet'"))
    }

    private static let conversation = ColumnSelector.column(Column(path: ["conversation"], type: .integer))

    @Test(
        "rows that a window brings are taken out wherever they stand, with all of their conversations, before they are put in",
        arguments: WarehouseSystem.allCases)
    func moved(system: WarehouseSystem) throws {
        for format in system.formats {
            var scene = WarehouseScene(format: format)
            scene.columns.append(Self.conversation)
            scene.fileColumns?.append("conversation")
            let load = try scene.script(for: system).load([scene.manifest])
            let plain = load.replacing("`", with: "").replacing("\"", with: "").lowercased()
            let insert = try #require(plain.firstRange(of: "insert into lake.messages")).lowerBound
            for key in ["conversation", "id"] {
                let removal = try #require(plain.firstRange(of: "\(key) in (select "), "\(system), \(format): \(load)")
                #expect(removal.lowerBound < insert)
            }
            // Only what the file has can be asked for.
            let blind = WarehouseScene(format: format, fileColumns: ["at", "user"])
            #expect(try !blind.script(for: system).load([blind.manifest]).contains(" IN (SELECT"))
        }
    }

    @Test(
        "keys that differ in the case of letters alone are two columns, each read by its own key",
        arguments: WarehouseSystem.allCases)
    func folded(system: WarehouseSystem) throws {
        let names = ["metadata__Tier", "metadata__tier"]
        for format in system.formats {
            var scene = WarehouseScene(format: format, fileColumns: ["id", "at"] + names)
            scene.known = [.init(path: ["metadata", "Tier"], type: .string), .init(path: ["metadata", "tier"], type: .integer)]
            let script = try scene.script(for: system)
            let load = try script.load([scene.manifest])
            let defined = script.definitions.split(separator: "\n").filter { $0.lowercased().contains("metadata__tier") }
                .compactMap { line in line.firstMatch(of: /[`"](metadata__tier\w*)[`"]/.ignoresCase())?.output.1 }
            let isFolding = ![WarehouseSystem.postgres, .clickhouse].contains(system)
            let distinct = Set(defined.map { isFolding ? $0.lowercased() : String($0) })
            #expect(distinct.count == 2, "\(system): \(defined)")
            for name in Set(defined) { #expect(load.contains(name), "\(system), \(format): \(name)\n\(load)") }
            // A CSV's fields are known by their places, an object's by their very names.
            if format == .ndjson { for name in names { #expect(load.contains(name), "\(system): \(name)\n\(load)") } }
        }
    }

    @Test("of windows that have one row, the newer one is loaded last", arguments: WarehouseSystem.allCases)
    func newestLast(system: WarehouseSystem) throws {
        let scene = WarehouseScene()
        let windows = [("2026-11-01", Int64(30)), ("2026-11-02", 10), ("2026-11-03", 20), ("2026-11-04", 10)].map { key, second in
            var manifest = scene.manifest
            (manifest.window.key, manifest.committedAt) = (key, Instant(seconds: second))
            return manifest
        }
        let load = try scene.script(for: system).load(windows)
        let order = load.split(separator: "\n").compactMap { $0.wholeMatch(of: /-- window (\S+)/)?.output.1 }
        #expect(order == ["2026-11-02", "2026-11-04", "2026-11-03", "2026-11-01"])
    }

    @Test("a file has the columns that its manifest names, in their order, and no others")
    func columnsOfFile() throws {
        let scene = WarehouseScene(format: .csv, fileColumns: ["user", "id"])
        #expect(try scene.script(for: .postgres).load([scene.manifest]).contains(#"("user", "id") FROM PROGRAM"#))
        let other = WarehouseScene(fileColumns: ["id", "gone"])
        #expect(throws: SchemaError.otherColumns(path: "m/it's.gz", column: "gone")) {
            try other.script(for: .postgres).load([other.manifest])
        }
        let silent = WarehouseScene(format: .csv, fileColumns: nil)
        #expect(throws: SchemaError.columnsUnknown(path: "m/it's.gz")) { try silent.script(for: .duckdb).load([silent.manifest]) }
    }

    @Test("what cannot be loaded is refused with what to do")
    func refusals() throws {
        let blind = WarehouseScene(columns: [.column(Column(path: ["id"], type: .integer))])
        #expect(throws: SchemaError.noWindowColumn(.messages)) { try blind.script(for: .duckdb) }
        #expect(throws: SchemaError.spreadsheet(output: 1)) {
            try WarehouseScene(format: .csv, dialect: .spreadsheet).script(for: .duckdb)
        }
        #expect(throws: SchemaError.format(.parquet, output: 1, system: .postgres)) {
            try WarehouseScene(format: .parquet).script(for: .postgres)
        }
        let other = WarehouseScene(table: .feedbacks)
        #expect(throws: SchemaError.otherOutputs(window: "2026-11-01")) {
            try WarehouseScene().script(for: .duckdb).load([other.manifest])
        }
    }

    @Test("why there is no schema is said with what to do next", arguments: texts)
    func words(error: SchemaError, text: String) {
        #expect(error.description == text)
    }

    private static let texts: [(SchemaError, String)] = [
        (
            .noWindowColumn(.messages),
            """
            the output of messages has no column conversation_started_at of type timestamp, which identifies the rows of a \
            window: add it to columns.
            """
        ),
        (
            .spreadsheet(output: 1),
            "output 1 is CSV with dialect: spreadsheet, which changes texts: load an output with dialect: warehouse or format: ndjson."
        ),
        (
            .format(.parquet, output: 2, system: .postgres),
            "output 2 is parquet, which postgres cannot load: add an output with format: csv or format: ndjson."
        ),
        (.columnsUnknown(path: "x"), "the manifest does not list the columns of x: export its window again with --force."),
        (.notCommitted(window: "w", there: []), "window w is not committed: run the pipeline first."),
        (
            .notCommitted(window: "2026-03-23", there: ["2026-W12", "2026-W13"]),
            "window 2026-03-23 is not committed: committed windows go from 2026-W12 to 2026-W13; `plan` lists them."
        ),
        (
            .otherOutputs(window: "w"),
            "window w was exported with other outputs: run the pipeline first, which exports it with the current ones."
        ),
        (
            .otherColumns(path: "x", column: "c"),
            "x has a column c that the pipeline file no longer declares: run the pipeline first, which exports its window again."
        ),
    ]

    @Test("shell and SQL quoting keep a path with a quote in it whole")
    func paths() throws {
        let load = try WarehouseScene(format: .csv).script(for: .postgres).load([WarehouseScene(format: .csv).manifest])
        #expect(load.contains(#"FROM PROGRAM 'gzip -dc ''gs://b/p/m/it''\''''s.gz''' WITH"#))
        let click = try WarehouseScene().script(for: .clickhouse).load([WarehouseScene().manifest])
        #expect(click.contains(#"'gs://b/p/m/it\'s.gz'"#))
    }
}

extension String {
    fileprivate func trimmingSuffix(_ suffix: String) -> String {
        hasSuffix(suffix) ? String(dropLast(suffix.count)) : self
    }
}
