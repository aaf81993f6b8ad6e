import ExportCore
import ExportFormats

/// Which columns the files of a window have: windows pass here one after the other, in the order of time, so that the headers do not
/// depend on which of them was fetched first.
struct ColumnPlan: Sendable {
    private let outputs: [Output]
    private let fields: [String]
    /// Fields whose every key is a column.
    let prefixes: [[String]]
    private(set) var catalog: ColumnCatalog

    init(_ outputs: [Output], detail: Source.Detail, catalog: ColumnCatalog) {
        self.outputs = outputs
        self.catalog = catalog
        fields = ConversationField.names(detail: detail)
        var prefixes: [[String]] = []
        for case .every(let path) in outputs.flatMap({ $0.columns ?? [] }) where !prefixes.contains(path) { prefixes.append(path) }
        self.prefixes = prefixes
    }

    /// Takes the keys that the service itself names, as dot paths below `metadata`.
    mutating func add(named keys: [String]) {
        catalog.add(keys.map { ["metadata"] + $0.split(separator: ".").map(String.init) }, window: nil)
    }

    /// - Throws: `LayoutError` where columns that are known, or declared, collide.
    func check() throws {
        for output in outputs { _ = try encoder(for: output, known: catalog.paths) }
    }

    /// Fixes the columns of a window, and takes note of its keys.
    ///
    /// Keys that nobody knew before go to the rest of this window, and are columns from the next on. Only where nothing at all is
    /// known of a field, the first window's own keys are its columns.
    /// - Returns: Encoders for its files, and the names of columns that are new from the next window on.
    /// - Throws: `LayoutError` where two keys would make one column. Nothing is noted then.
    mutating func seal(_ window: String, keys: [[String]]) throws -> (encoders: [any RowEncoder], new: [String]) {
        var catalog = self.catalog
        for prefix in prefixes where !catalog.paths.contains(where: { $0.starts(with: prefix) }) {
            catalog.add(keys.filter { $0.starts(with: prefix) }, window: window)
        }
        let known = catalog.paths
        let encoders = try outputs.map { try encoder(for: $0, known: known) }
        catalog.add(keys, window: window)
        // A collision that the new keys would make later is this window's to tell.
        for output in outputs where catalog.paths != known { _ = try encoder(for: output, known: catalog.paths) }
        self.catalog = catalog
        return (encoders, catalog.columns.dropFirst(known.count).map(\.name))
    }

    private func encoder(for output: Output, known: [[String]]) throws -> any RowEncoder {
        let layout = try output.columns.map { try TableLayout($0, known: known, fields: fields) }
        switch output.format {
        case .ndjson: return NDJSONEncoder(layout: layout)
        case .csv:
            return CSVEncoder(
                layout: try layout ?? TableLayout(fields.map { .column(Column(path: [$0])) }), dialect: output.dialect)
        }
    }
}
