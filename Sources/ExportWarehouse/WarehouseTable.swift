public import ExportCore
import ExportFormats

/// A table of a plan in a system.
struct WarehouseTable: Sendable {
    let table: Table
    let columns: [Column]
    /// The column that assigns rows to windows.
    let startedAt: Column
    /// The column that identifies rows. `nil` if the output has no such column.
    let id: Column?
    /// `nil` if the output has no such column.
    let conversation: Column?

    struct Column: Sendable, Hashable {
        /// In the file.
        let source: String
        /// In the system.
        let name: String
        let type: ColumnType
        /// Whether the column was discovered and not declared, so that an older table may lack it.
        let isDiscovered: Bool
    }

    /// Creates the table of an output.
    /// - Parameters:
    ///   - layout: The layout. `nil` for unchanged rows.
    ///   - reserved: Names of additional columns, which columns of the output must not have.
    /// - Throws: `SchemaError` if no column assigns rows to windows.
    init(
        _ output: Output, detail: Source.Detail, _ layout: TableLayout?, naming: ColumnNaming, reserved: [String] = []
    ) throws(SchemaError) {
        table = output.table
        let sources = Self.sources(of: output, detail: detail, layout)
        let names = naming.names(for: reserved + sources.map(\.name)).dropFirst(reserved.count)
        let columns = zip(sources, names).map { source, name in
            Column(source: source.name, name: name, type: source.type, isDiscovered: source.isDiscovered)
        }
        func column(of field: String, _ type: ColumnType) -> Column? {
            zip(sources, columns).first { $0.0.path == [field] && $0.1.type == type }?.1
        }
        guard let startedAt = column(of: output.table.startedAtField, .timestamp) else {
            throw .noWindowColumn(output.table)
        }
        self.columns = columns
        self.startedAt = startedAt
        id = column(of: "id", .integer)
        conversation = column(of: output.table == .conversations ? "id" : "conversation", .integer)
    }

    /// The same table with columns that a load adds. Several pipelines may share it, so that no id is unique in it.
    func adding(_ columns: [Column]) -> WarehouseTable {
        WarehouseTable(
            table: table, columns: self.columns + columns, startedAt: startedAt, id: nil, conversation: conversation)
    }

    private init(table: Table, columns: [Column], startedAt: Column, id: Column?, conversation: Column?) {
        self.table = table
        self.columns = columns
        self.startedAt = startedAt
        self.id = id
        self.conversation = conversation
    }

    /// A column of an output: its name in the file, and where its values come from.
    struct ColumnSource {
        let name: String
        let path: [String]
        let type: ColumnType
        let isDiscovered: Bool
    }

    /// The sources of an output's columns.
    /// - Parameter layout: The layout. `nil` for unchanged rows.
    static func sources(of output: Output, detail: Source.Detail, _ layout: TableLayout?) -> [ColumnSource] {
        guard let layout else {
            return output.table.fields(detail: detail).map {
                ColumnSource(name: $0.name, path: [$0.name], type: $0.type, isDiscovered: false)
            }
        }
        return layout.columns.map { column in
            switch column.content {
            case .value(let path, let type):
                ColumnSource(name: column.name, path: path, type: type ?? .string, isDiscovered: false)
            case .leaf(let path, let type):
                ColumnSource(name: column.name, path: path, type: type ?? .string, isDiscovered: true)
            case .rest: ColumnSource(name: column.name, path: [], type: .json, isDiscovered: false)
            case .constant: ColumnSource(name: column.name, path: [], type: .string, isDiscovered: false)
            }
        }
    }

    /// The columns of a file by which its rows supersede those in the table, of whatever window: a conversation whose `started_at` was
    /// changed, with all its parts, may be in another window's span.
    func keys(in file: LoadFile) -> [Column] {
        let keys = conversation == id ? [id] : [conversation, id]
        return keys.compactMap { $0 }.filter(file.columns.contains)
    }

}

/// A column of a table that has a name in the files that are loaded.
package protocol FileColumn {
    /// Its name in a file.
    var source: String { get }
}

extension WarehouseTable.Column: FileColumn {}

extension Array where Element: FileColumn {
    /// The columns of a file, by the names in its manifest. `nil` for unchanged rows.
    /// - Throws: `SchemaError.otherColumns` if the pipeline file has no such column any more.
    package func of(file path: String, named names: [String]?) throws(SchemaError) -> [Element] {
        guard let names else { return self }
        let known = Dictionary(map { (Array<UInt8>($0.source.utf8), $0) }, uniquingKeysWith: { first, _ in first })
        var found: [Element] = []
        for name in names {
            guard let column = known[Array<UInt8>(name.utf8)] else { throw .otherColumns(path: path, column: name) }
            found.append(column)
        }
        return found
    }
}

/// An error of creating statements.
public enum SchemaError: Error, Sendable, Hashable {
    case noWindowColumn(Table)
    case spreadsheet(output: Int)
    /// The system reads no files of the format.
    case format(Output.Format, output: Int, system: WarehouseSystem)
    case columnsUnknown(path: String)
    /// The system reads no files that are compressed so.
    case compression(path: String)
    /// `there`: keys of windows that are, in order.
    case notCommitted(window: String, there: [String])
    case otherOutputs(window: String)
    case otherColumns(path: String, column: String)
    /// A path or a name that no statement can hold on its line.
    case controlCharacter(location: String)
    /// A name that the system would cut off, and then not find.
    case longName(String, longest: Int, system: WarehouseSystem)
    /// A path that the system interprets as a pattern.
    case pattern(location: String)
}

extension SchemaError: CustomStringConvertible {
    /// Names and paths are those of manifests, which anybody may have written.
    public var description: String { words.shown() }

    private var words: String {
        switch self {
        case .noWindowColumn(let table):
            """
            the output of \(table.rawValue) has no column \(table.startedAtField) of type timestamp, which identifies the rows of \
            a window: add it to columns.
            """
        case .spreadsheet(let output):
            "output \(output) is CSV with dialect: spreadsheet, which changes texts: load an output with dialect: warehouse or format: ndjson."
        case .format(let format, let output, let system):
            "output \(output) is \(format.rawValue), which \(system.rawValue) cannot load: add an output with format: csv or format: ndjson."
        case .compression(let path):
            "\(path) is compressed with zstd, which this system cannot load: set compression: gzip for its output, then run the pipeline."
        case .columnsUnknown(let path):
            "the manifest does not list the columns of \(path): export its window again with --force."
        case .notCommitted(let window, let there):
            if let first = there.first, let last = there.last {
                "window \(window) is not committed: committed windows go from \(first) to \(last); `plan` lists them."
            } else {
                "window \(window) is not committed: run the pipeline first."
            }
        case .otherOutputs(let window):
            "window \(window) was exported with other outputs: run the pipeline first, which exports it with the current ones."
        case .otherColumns(let path, let column):
            "\(path) has a column \(column) that the pipeline file no longer declares: run the pipeline first, which exports its window again."
        case .controlCharacter(let location):
            "\(location) contains a control character, which a statement cannot contain, and to which no export writes."
        case .longName(let name, let longest, let system):
            "the table name \(name) has \(name.utf8.count) bytes, but \(system.rawValue) takes at most \(longest): use a shorter prefix."
        case .pattern(let location):
            "the warehouse would read \(location) as a pattern and load other files too: give another place with --files-at."
        }
    }
}
