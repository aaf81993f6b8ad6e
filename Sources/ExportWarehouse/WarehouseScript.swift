public import ExportCore
public import ExportFormats

/// The statements with which a system makes the tables of a plan, and loads its committed windows.
///
/// Where a table has several outputs, the first is loaded.
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

    /// - Parameters:
    ///   - layouts: Of the plan's outputs; nil for rows as they came.
    ///   - namespace: The schema or dataset that the tables are in, `project.dataset` too. Nil: the system's default.
    ///   - files: Where the system sees the destination: a folder, `s3://…`, `gs://…`, `@stage`.
    ///   - output: The one output to load, by its place. Nil: the first of each table.
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

    /// Makes the tables, and gives those of earlier the columns that were found since.
    public var definitions: String {
        Self.text(tables.flatMap { dialect.definition(of: $0.table, named: $0.name) })
    }

    /// Puts the rows of committed windows in the place of those that the tables have of them: each window whole or not at all, where
    /// the system has transactions, those that were committed first before the others.
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
            // A manifest's word, which must not leave its line.
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
    /// A file of a manifest, as a system reads it.
    /// - Parameter prefix: Where the system sees the destination.
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
