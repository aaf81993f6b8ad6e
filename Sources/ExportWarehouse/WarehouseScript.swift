public import ExportCore
public import ExportFormats

/// The statements that create the tables of a plan in a system, and load its committed windows.
///
/// If a table has several outputs, the first is loaded.
public struct WarehouseScript: Sendable {
    private let dialect: any WarehouseDialect
    private let tables: [NamedTable]
    private let files: String

    private struct NamedTable: Sendable {
        let table: WarehouseTable
        let name: String
        /// Among the plan's outputs.
        let output: Int
    }

    /// Creates the script of a plan.
    /// - Parameters:
    ///   - layouts: The layouts of the plan's outputs, with `nil` for unchanged rows.
    ///   - namespace: The schema or dataset of the tables, also `project.dataset`. `nil` for the system's default.
    ///   - files: The location of the destination for the system: a folder, `s3://…`, `gs://…`, `@stage`.
    ///   - output: The index of the only output to load. `nil` for the first of each table.
    /// - Throws: `SchemaError`.
    public init(
        _ plan: ExportPlan, layouts: [TableLayout?], for system: WarehouseSystem, in namespace: String?, files: String,
        output: Int? = nil
    ) throws(SchemaError) {
        if let namespace, namespace.hasUnprintables { throw .controlCharacter(location: namespace) }
        dialect = system.dialect
        self.files = files
        var tables: [NamedTable] = []
        for (index, declared) in plan.outputs.enumerated() where output == nil || output == index {
            guard !tables.contains(where: { $0.table.table == declared.table }) else { continue }
            if declared.dialect == .spreadsheet {
                if output == nil, plan.outputs.contains(where: { $0.table == declared.table && $0.dialect != .spreadsheet }) {
                    continue
                }
                throw .spreadsheet(output: index + 1)
            }
            if !dialect.formats.contains(declared.format) {
                let formats = dialect.formats
                if output == nil,
                    plan.outputs.contains(where: { $0.table == declared.table && formats.contains($0.format) })
                {
                    continue
                }
                throw .format(declared.format, output: index + 1, system: system)
            }
            let table = try WarehouseTable(declared, detail: plan.source.detail, layouts[index], naming: dialect.naming)
            tables.append(NamedTable(table: table, name: dialect.qualified(declared.table.rawValue, in: namespace), output: index))
        }
        self.tables = tables
    }

    /// Creates the tables, and adds newly discovered columns to existing ones.
    public var definitions: String {
        Self.text(tables.flatMap { dialect.definition(of: $0.table, named: $0.name) })
    }

    /// Replaces the rows of committed windows in the tables, in the order of their commits. If the system has transactions, each window is
    /// replaced completely or not at all.
    /// - Throws: `SchemaError`.
    public func load(_ manifests: [Manifest]) throws(SchemaError) -> String {
        var statements = dialect.preamble
        // If two windows have a row, because it was moved between their exports, the row of the newer one remains.
        let inOrder = manifests.enumerated().sorted { ($0.element.committedAt, $0.offset) < ($1.element.committedAt, $1.offset) }
        for manifest in inOrder.map(\.element) {
            var (preparation, replacement): ([String], [String]) = ([], [])
            for (number, named) in tables.enumerated() {
                var loaded: [LoadFile] = []
                for file in try Self.files(of: named, in: manifest) {
                    loaded.append(try LoadFile(file, of: named.table, for: dialect, at: files))
                }
                let part = dialect.replacement(
                    of: WindowSpan(manifest.window), in: named.table, named: named.name, by: loaded, number + 1)
                preparation += part.preparation
                replacement += part.statements
            }
            // An untrusted text of a manifest, which must stay on its line.
            statements.append("-- window \(manifest.window.key.shown())")
            statements += preparation + dialect.transaction.begin + replacement + dialect.transaction.end
        }
        return Self.text(statements)
    }

    /// The files of an output in a window; manifests name them in the order of the outputs.
    private static func files(of named: NamedTable, in manifest: Manifest) throws(SchemaError) -> [Manifest.File] {
        guard manifest.files.indices.contains(named.output), manifest.files[named.output].table == named.table.table.rawValue else {
            throw .otherOutputs(window: manifest.window.key)
        }
        return [manifest.files[named.output]]
    }

    private static func text(_ statements: [String]) -> String {
        statements.joined(separator: "\n") + "\n"
    }
}

extension LoadFile {
    /// A file of a manifest to load.
    /// - Parameter prefix: The location of the destination for the system.
    init(
        _ file: Manifest.File, of table: WarehouseTable, for dialect: any WarehouseDialect, at prefix: String
    ) throws(SchemaError) {
        guard let format = Output.Format(rawValue: file.format) else { throw .columnsUnknown(path: file.path) }
        if !format.traits.keepsRows, file.columns == nil { throw .columnsUnknown(path: file.path) }
        let location = dialect.location(of: file.path, at: prefix)
        guard !location.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
            throw .controlCharacter(location: location)
        }
        guard !location.unicodeScalars.contains(where: dialect.patternMarks.contains) else { throw .pattern(location: location) }
        guard file.compression != .zstd || dialect.readsZstd else { throw .compression(path: file.path) }
        self.init(
            location: location, format: format, compression: file.compression,
            columns: try table.columns.of(file: file.path, named: file.columns))
    }
}
