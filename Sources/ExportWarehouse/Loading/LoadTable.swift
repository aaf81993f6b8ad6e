package import ExportCore
package import ExportFormats

/// A table that windows are loaded into: its columns, and the output that they come from.
package struct LoadTable: Sendable {
    /// The kind of rows.
    package let table: Table
    /// The output that is loaded, among the plan's.
    package let output: Int
    /// The table's name in the warehouse, without its schema.
    package let name: String
    /// The columns, in order.
    package let columns: [Column]
    /// The column that identifies rows within a window. `nil` if the output has none.
    package let id: Column?

    /// The columns that the hash over cells covers: all except those that identify the window.
    package var hashedColumns: [String] {
        columns.map(\.name) + [LoadColumn.rowDigest, .loadedAt, .changedAt].map(\.rawValue)
    }

    /// A column of the table.
    package struct Column: Sendable, Hashable {
        /// In the file.
        package let source: String
        /// In the warehouse.
        package let name: String
        /// The column's type.
        package let type: ColumnType
        /// Values that the service creates anew for each response.
        package let volatile: VolatileValues
    }

    /// The columns that a load adds to a table, in their order.
    package enum LoadColumn: String, CaseIterable, Sendable {
        case pipeline = "_pipeline"
        case agent = "_agent"
        case window = "_window"
        case rowDigest = "_row_digest"
        case loadedAt = "_loaded_at"
        case changedAt = "_changed_at"

        var type: ColumnType {
            switch self {
            case .pipeline, .agent, .window: .string
            case .rowDigest: .integer
            case .loadedAt, .changedAt: .timestamp
            }
        }
    }

    init(
        _ output: Output, at index: Int, prefix: String, detail: Source.Detail, _ layout: TableLayout?, for system: WarehouseSystem
    ) {
        table = output.table
        self.output = index
        name = prefix + output.table.rawValue
        let sources = WarehouseTable.sources(of: output, detail: detail, layout)
        let added = LoadColumn.allCases.map(\.rawValue) + system.reservedNames
        // The load's own columns take precedence: an output's column with the same name gets another one.
        let names = Array(system.dialect.naming.names(for: added + sources.map(\.name)).dropFirst(added.count))
        var columns: [Column] = []
        for (source, name) in zip(sources, names) {
            let volatile = VolatileValues(in: source.path, of: output.table)
            columns.append(Column(source: source.name, name: name, type: source.type, volatile: volatile))
        }
        self.columns = columns
        let id = sources.firstIndex { $0.path == ["id"] && $0.type == .integer }
        self.id = id.map { columns[$0] }
    }
}

extension LoadTable.Column: FileColumn {}

extension LoadTable {
    /// Creates a table that is no longer an output, of which rows are only removed.
    init(former table: Table, name: String, hasID: Bool) {
        self.table = table
        self.name = name
        // No manifest has a file there.
        output = -1
        columns = []
        id = hasID ? Column(source: "id", name: "id", type: .integer, volatile: VolatileValues.none) : nil
    }
}

extension LoadTable {
    /// The tables of a plan, each with its first loadable output.
    /// - Parameters:
    ///   - layouts: The layouts of the plan's outputs, with `nil` for unchanged rows.
    ///   - prefix: The prefix of the names of the tables.
    /// - Throws: `SchemaError.spreadsheet`, `longName`.
    package static func tables(
        of plan: ExportPlan, layouts: [TableLayout?], for system: WarehouseSystem, prefix: String
    ) throws(SchemaError) -> [LoadTable] {
        var tables: [LoadTable] = []
        for (index, output) in plan.outputs.enumerated() where !tables.contains(where: { $0.table == output.table }) {
            guard output.canBeLoaded else {
                // For a table without a loadable output, the error of its first output is reported.
                guard plan.outputs.contains(where: { $0.table == output.table && $0.canBeLoaded }) else {
                    throw .spreadsheet(output: index + 1)
                }
                continue
            }
            tables.append(
                LoadTable(
                    output, at: index, prefix: prefix, detail: plan.source.detail, layouts[index], for: system))
        }
        let longest = system.dialect.naming.longest
        if let table = tables.first(where: { $0.name.utf8.count > longest }) {
            throw .longName(table.name, longest: longest, system: system)
        }
        return tables
    }
}

extension Output {
    /// Whether its rows are read as they were exported.
    fileprivate var canBeLoaded: Bool { !format.traits.hasDialects || dialect != .spreadsheet }
}
