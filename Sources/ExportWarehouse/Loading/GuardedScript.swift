public import ExportCore
public import ExportFormats

/// A script that loads committed windows into any system except ClickHouse, which has no transactions. It is run by the user.
///
/// It can be repeated safely. The table `_agentsight_loads` records which export of which window is loaded, in the transaction of the rows,
/// so that running the script again does nothing. A window whose rows do not match its manifest is rolled back.
public struct GuardedScript: Sendable {
    private let dialect: any ScriptDialect
    private let tables: [NamedTable]
    private let files: String
    private let namespace: String?
    private let prefix: String
    private let pipeline: String

    private struct NamedTable: Sendable {
        let table: WarehouseTable
        let name: String
        let output: Int
    }

    private static let ledger: [(name: String, type: ColumnType)] = [
        ("pipeline", .string), ("agent", .string), ("window", .string), ("window_start", .timestamp), ("window_end", .timestamp),
        ("table", .string), ("content_sha256", .string), ("rows", .integer), ("run", .string), ("loaded_at", .timestamp),
    ]
    private static let deleted: [(name: String, type: ColumnType)] = [
        ("table", .string), ("id", .integer), ("pipeline", .string), ("agent", .string), ("window", .string),
        ("deleted_at", .timestamp),
    ]

    /// Whether a system is loaded by such scripts.
    public static func takes(_ system: WarehouseSystem) -> Bool { system.dialect is any ScriptDialect }

    /// Creates the script of a plan.
    /// - Parameters:
    ///   - layouts: The layouts of the plan's outputs, with `nil` for unchanged rows.
    ///   - files: The location of the destination for the system: `s3://…`, `gs://…`, `@stage`.
    /// - Throws: `SchemaError`.
    public init(
        _ plan: ExportPlan, layouts: [TableLayout?], for system: WarehouseSystem, in namespace: String?, prefix: String,
        files: String
    ) throws(SchemaError) {
        if let namespace, namespace.hasUnprintables { throw .controlCharacter(location: namespace) }
        if prefix.hasUnprintables { throw .controlCharacter(location: prefix) }
        guard let dialect = system.dialect as? any ScriptDialect else {
            throw .format(plan.outputs[0].format, output: 1, system: system)
        }
        (self.dialect, self.files, self.namespace, self.prefix, pipeline) = (dialect, files, namespace, prefix, plan.pipeline)
        var tables: [NamedTable] = []
        for (index, output) in plan.outputs.enumerated() {
            guard !tables.contains(where: { $0.table.table == output.table }), output.dialect != .spreadsheet else { continue }
            if !dialect.formats.contains(output.format) {
                let others = plan.outputs.contains {
                    $0.table == output.table && $0.dialect != .spreadsheet && dialect.formats.contains($0.format)
                }
                guard others else { throw .format(output.format, output: index + 1, system: system) }
                continue
            }
            let table = try WarehouseTable(
                output, detail: plan.source.detail, layouts[index], naming: dialect.naming,
                reserved: LoadTable.LoadColumn.allCases.map(\.rawValue))
            tables.append(
                NamedTable(table: table, name: dialect.qualified(prefix + output.table.rawValue, in: namespace), output: index))
        }
        guard !tables.isEmpty else { throw .spreadsheet(output: 1) }
        self.tables = tables
    }

    /// Creates the tables and loads the windows, in the order of their commits.
    /// - Throws: `SchemaError`.
    public func text(loading manifests: [Manifest]) throws(SchemaError) -> String {
        var statements = [
            definition(of: LoadStatements.ledger, Self.ledger), definition(of: LoadStatements.deleted, Self.deleted),
        ]
        statements += dialect.check(ledger: qualified(LoadStatements.ledger))
        let added = LoadTable.LoadColumn.allCases.map {
            WarehouseTable.Column(source: "", name: name($0.rawValue), type: $0.type, isDiscovered: false)
        }
        for named in tables {
            statements += dialect.creation(of: named.table.adding(added), named: named.name)
            let window = [LoadTable.LoadColumn.pipeline, .agent, .window].map(quoted)
            statements += dialect.index(of: named.name, named: prefix + named.table.table.rawValue, on: window)
        }
        statements += dialect.check(
            ledger: qualified(LoadStatements.ledger), tables: tables.map { ($0.name, $0.table.columns) })
        let inOrder = manifests.enumerated().sorted { ($0.element.committedAt, $0.offset) < ($1.element.committedAt, $1.offset) }
        var (blocks, session): ([String], [String]) = ([], [])
        for manifest in inOrder.map(\.element) {
            for named in tables {
                let (block, settings) = try self.block(of: named, manifest, blocks.count + 1)
                for setting in settings where !session.contains(where: { $0.equalsExactly(setting) }) { session.append(setting) }
                // An untrusted text of a manifest, which must stay on its line.
                blocks.append("-- window \(manifest.window.key.shown())\n" + dialect.block(block))
            }
        }
        return (dialect.preamble + session + statements + blocks).joined(separator: "\n") + "\n"
    }

    // MARK: The tables

    /// The system's name for a column of a table.
    private func name(_ name: String) -> String { dialect.naming.names(for: [name])[0] }

    /// A column of `load`, quoted for a statement.
    private func quoted(_ name: String) -> String { dialect.quoted(self.name(name)) }

    private func quoted(_ column: LoadTable.LoadColumn) -> String { quoted(column.rawValue) }

    private func qualified(_ name: String) -> String { dialect.qualified(prefix + name, in: namespace) }

    private func definition(of name: String, _ columns: [(name: String, type: ColumnType)]) -> String {
        let lines = columns.map { "  \(quoted($0.name)) \(dialect.type(of: $0.type))" }
        return "CREATE TABLE IF NOT EXISTS \(qualified(name)) (\n\(lines.joined(separator: ",\n"))\n);"
    }

    // MARK: A window

    private func block(
        of named: NamedTable, _ manifest: Manifest, _ number: Int
    ) throws(SchemaError) -> (GuardedBlock, session: [String]) {
        guard manifest.files.indices.contains(named.output),
            manifest.files[named.output].table.equalsExactly(named.table.table.rawValue)
        else { throw .otherOutputs(window: manifest.window.key) }
        let stored = manifest.files[named.output]
        let file = try LoadFile(stored, of: named.table, for: dialect, at: files)
        let agent = Window.parts(ofKey: manifest.window.key).agent ?? ""
        let literal = dialect.literal
        let (ledger, deleted) = (qualified(LoadStatements.ledger), qualified(LoadStatements.deleted))
        let owner =
            "\(quoted(LoadTable.LoadColumn.pipeline)) = \(literal(pipeline)) AND \(quoted(LoadTable.LoadColumn.agent)) = \(literal(agent))"
        let key = "\(owner) AND \(quoted(LoadTable.LoadColumn.window)) = \(literal(manifest.window.key))"
        let ownLoads = """
            \(quoted("pipeline")) = \(literal(pipeline)) AND \(quoted("agent")) = \(literal(agent)) \
            AND \(quoted("table")) = \(literal(stored.table))
            """
        let load = "\(ownLoads) AND \(quoted("window")) = \(literal(manifest.window.key))"
        let span = WindowSpan(manifest.window)
        func instant(_ text: String) -> String { "CAST(\(literal(text)) AS \(dialect.type(of: .timestamp)))" }
        // Windows that this one covers, for example days after the declaration was changed to months.
        let covered =
            "\(ownLoads) AND \(quoted("window")) <> \(literal(manifest.window.key))"
            + (span.start.map { " AND \(quoted("window_start")) >= \(instant($0))" } ?? "")
            + " AND \(quoted("window_end")) <= \(instant(span.end))"
        let coveredKeys = "SELECT \(quoted("window")) FROM \(ledger) WHERE \(covered)"
        let scope =
            "\(owner) AND (\(quoted(LoadTable.LoadColumn.window)) = \(literal(manifest.window.key)) OR \(quoted(LoadTable.LoadColumn.window)) IN (\(coveredKeys)))"

        let staged = dialect.staging(of: file, like: named.name, in: namespace, number)
        // Where a whole block cannot depend on something, each of its statements does.
        let andIfDue = dialect.due.map { " AND \($0)" } ?? ""
        var (transaction, deletions): ([String], [String]) = ([], [])
        if let id = named.table.id, let place = file.columns.firstIndex(of: id) {
            let (name, value) = (dialect.quoted(id.name), staged.values[place])
            let kept = "SELECT \(value) FROM \(staged.name)"
            let ownDeleted = """
                \(quoted("table")) = \(literal(stored.table)) AND \(quoted("pipeline")) = \(literal(pipeline)) \
                AND \(quoted("agent")) = \(literal(agent))
                """
            // Rows that came back, or moved to another window, are not gone.
            deletions = [
                "DELETE FROM \(deleted) WHERE \(ownDeleted) AND \(quoted("id")) IN (SELECT \(name) FROM \(named.name) WHERE \(owner));"
            ]
            transaction += [
                """
                INSERT INTO \(deleted) (\(Self.deleted.map { quoted($0.name) }.joined(separator: ", ")))
                SELECT \(literal(stored.table)), \(name), \(quoted(LoadTable.LoadColumn.pipeline)), \(quoted(LoadTable.LoadColumn.agent)), \(quoted(LoadTable.LoadColumn.window)), \
                \(dialect.clock)
                FROM \(named.name) WHERE \(scope) AND \(name) NOT IN (\(kept))\(andIfDue);
                """
            ]
        }
        let columns = file.columns.map { dialect.quoted($0.name) } + LoadTable.LoadColumn.allCases.map(quoted)
        let values =
            staged.values + [
                literal(pipeline), literal(agent), literal(manifest.window.key),
                "CAST(NULL AS \(dialect.type(of: .integer)))", dialect.clock, dialect.clock,
            ]
        let loaded = [
            literal(pipeline), literal(agent), literal(manifest.window.key),
            span.start.map(instant) ?? "CAST(NULL AS \(dialect.type(of: .timestamp)))", instant(span.end), literal(stored.table),
            literal(stored.contentSHA256), "\(stored.rows)", literal(manifest.run), dialect.clock,
        ]
        transaction += [
            "DELETE FROM \(named.name) WHERE \(scope)\(andIfDue);",
            """
            INSERT INTO \(named.name) (\(columns.joined(separator: ", ")))
            SELECT
              \(values.joined(separator: ",\n  "))
            FROM \(staged.name);
            """,
        ]
        transaction += deletions
        transaction += [
            "DELETE FROM \(ledger) WHERE ((\(load)) OR (\(covered)))\(andIfDue);",
            """
            INSERT INTO \(ledger) (\(Self.ledger.map { quoted($0.name) }.joined(separator: ", ")))
            SELECT \(loaded.joined(separator: ", "))\(dialect.due.map { " WHERE \($0)" } ?? "");
            """,
        ]
        let ids = named.table.table == .conversations ? named.table.id.map { dialect.quoted($0.name) } : nil
        let isWrong = """
            SELECT 1 FROM (SELECT COUNT(*) AS found_rows, COUNT(DISTINCT \(ids ?? "1")) AS found_ids FROM \(named.name) WHERE \(key)) \
            AS found WHERE found_rows <> \(stored.rows)\(ids == nil ? "" : " OR found_ids <> \(stored.rows)")
            """
        return (
            GuardedBlock(
                number: number, ledger: ledger,
                isLoaded:
                    "SELECT 1 FROM \(ledger) WHERE \(load) AND \(quoted("content_sha256")) = \(literal(stored.contentSHA256))",
                staging: staged.statements, transaction: transaction, isWrong: isWrong,
                message:
                    "window \(manifest.window.key.shown()) of \(stored.table): the rows differ from the manifest, nothing was changed"
            ),
            staged.session
        )
    }
}
