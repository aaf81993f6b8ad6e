import ExportCore

/// The differences between systems.
protocol WarehouseDialect: Sendable {
    var naming: ColumnNaming { get }

    /// The type of a column that may be null.
    func type(of type: ColumnType) -> String
    /// A quoted name.
    func quoted(_ name: String) -> String
    /// A quoted text, for any content.
    func literal(_ text: String) -> String
    /// Characters that the system treats as a pattern in the name of a file, and that cannot be escaped.
    var patternMarks: Set<Unicode.Scalar> { get }
    /// Whether the system reads CSV and NDJSON that are compressed with zstd.
    var readsZstd: Bool { get }
    /// Creates the table, and adds columns that an older table lacks.
    func definition(of table: WarehouseTable, named name: String) -> [String]
    /// Replaces the rows of a span in a table by those of its files.
    /// - Parameter number: The number of the table within the script, for names of temporary objects.
    func replacement(of span: WindowSpan, in table: WarehouseTable, named name: String, by files: [LoadFile], _ number: Int)
        -> Replacement
    /// The statements around those that replace a window, which make them atomic. Empty if the system has no transactions.
    var transaction: (begin: [String], end: [String]) { get }
    /// The first statements of a script.
    var preamble: [String] { get }
    /// `"conversations"`, or `"analytics"."conversations"`.
    func qualified(_ name: String, in namespace: String?) -> String
    /// The formats that it loads.
    var formats: Set<Output.Format> { get }
    /// A file of a local folder, or below a prefix.
    func location(of path: String, at prefix: String) -> String
}

extension WarehouseDialect {
    var preamble: [String] { [] }

    var formats: Set<Output.Format> { Set(Output.Format.allCases) }

    func location(of path: String, at prefix: String) -> String { "\(prefix)/\(path)" }

    var patternMarks: Set<Unicode.Scalar> { [] }

    var readsZstd: Bool { true }

    func quoted(_ name: String) -> String { SQLText.doubled(name, quote: "\"") }

    func qualified(_ name: String, in namespace: String?) -> String {
        Self.parts(name, in: namespace).map(quoted).joined(separator: ".")
    }

    static func parts(_ name: String, in namespace: String?) -> [String] {
        (namespace?.splitExactly(at: ".").map(String.init) ?? []) + [name]
    }

    func columnList(_ columns: [WarehouseTable.Column]) -> String {
        columns.map { quoted($0.name) }.joined(separator: ", ")
    }

    /// `started_at >= … AND started_at < …`.
    func condition(_ span: WindowSpan, on table: WarehouseTable, _ instant: (String) -> String) -> String {
        let column = quoted(table.startedAt.name)
        let start = span.start.map { "\(column) >= \(instant($0)) AND " } ?? ""
        return start + "\(column) < \(instant(span.end))"
    }

    /// Removes the rows that those of a file supersede.
    /// - Parameters:
    ///   - rows: The source of the file's rows.
    ///   - value: Returns a column's value there.
    func removals(
        for file: LoadFile, in rows: String, _ value: (WarehouseTable.Column) -> String, from table: WarehouseTable,
        named name: String
    ) -> [String] {
        table.keys(in: file).map { key in
            "DELETE FROM \(name) WHERE \(quoted(key.name)) IN (SELECT \(value(key)) FROM \(rows));"
        }
    }

    /// Replaces superseded rows by the rows of a file, which are in a temporary table.
    /// - Parameters:
    ///   - rows: The temporary table, as it is quoted. It is dropped.
    ///   - member: A column's value in a row of NDJSON, which is one text, or of Parquet.
    func insertion(
        of file: LoadFile, from rows: String, into table: WarehouseTable, named name: String,
        member: (WarehouseTable.Column) -> String
    ) -> [String] {
        func value(_ column: WarehouseTable.Column) -> String {
            switch file.format {
            case .csv: quoted(column.name)
            case .ndjson, .parquet: member(column)
            }
        }
        let values = file.columns.map { "  \(value($0))" }.joined(separator: ",\n")
        return removals(for: file, in: rows, value, from: table, named: name) + [
            "INSERT INTO \(name) (\(columnList(file.columns)))\nSELECT\n\(values)\nFROM \(rows);", "DROP TABLE \(rows);",
        ]
    }

    /// The lines between the brackets of a table's definition.
    func columnLines(_ table: WarehouseTable, _ line: (WarehouseTable.Column) -> String) -> String {
        table.columns.map { "  \(line($0))" }.joined(separator: ",\n")
    }
}

/// The statements that replace the rows of a window.
struct Replacement: Sendable {
    /// Statements before the transaction, within which they are not allowed.
    var preparation: [String] = []
    var statements: [String]
}

/// The bounds of a window, as text in UTC.
struct WindowSpan: Sendable {
    /// The start. `nil` for the beginning of all records.
    let start: String?
    let end: String

    init(_ span: Manifest.Span) {
        start = span.start?.description
        end = span.end.description
    }
}

/// A file of a committed window to load.
struct LoadFile: Sendable {
    let location: String
    let format: Output.Format
    let compression: FileCompression
    /// The columns of the file, in its order.
    let columns: [WarehouseTable.Column]
}
