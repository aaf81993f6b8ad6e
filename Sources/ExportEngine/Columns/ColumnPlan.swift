import Crypto
import ExportCore
import ExportFormats
import ExportStore
import FoundationEssentials

/// Determines the columns of each window's files. Windows are sealed one after the other, in the order of time, so that the headers do not
/// depend on which window was fetched first.
struct ColumnPlan: Sendable {
    private let outputs: [Output]
    private let detail: Source.Detail
    /// The discoveries of keys, one for each table with keys to discover.
    let discoveries: [KeyDiscovery]
    /// Fields whose every key is a column.
    private let prefixes: [Prefix]
    private(set) var catalog: ColumnCatalog
    /// Whether the columns are fixed. Each window then records its new keys, which become columns at the completion.
    private(set) var isFixed: Bool
    /// The number of changes of the columns: windows with the same version have the same columns.
    private(set) var version = 0
    /// Keys without a column that a window has reported, by their bytes.
    private var told: Set<[[UInt8]]> = []

    private struct Prefix: Hashable {
        let table: Table
        let path: [String]

        func isAbove(_ table: Table, _ path: [String]) -> Bool {
            self.table == table && path.starts(with: self.path)
        }
    }

    init(_ outputs: [Output], detail: Source.Detail, catalog: ColumnCatalog, isFixed: Bool = false) {
        self.isFixed = isFixed
        self.outputs = outputs
        self.detail = detail
        self.catalog = catalog
        var prefixes: [Prefix] = []
        var watched: [Table: [[String]]] = [:]
        for output in outputs {
            for selector in output.columns ?? [] {
                switch selector {
                case .every(let path) where !prefixes.contains(Prefix(table: output.table, path: path)):
                    prefixes.append(Prefix(table: output.table, path: path))
                // Neither the file nor a field determines its type.
                case .column(let column) where column.type == nil && column.path.count > 1:
                    watched[output.table, default: []].append(column.path)
                default: break
                }
            }
        }
        self.prefixes = prefixes
        discoveries = Table.allCases.compactMap { table in
            let paths = prefixes.filter { $0.table == table }.map(\.path)
            guard !paths.isEmpty || watched[table] != nil else { return nil }
            return KeyDiscovery(table: table, prefixes: paths, watched: watched[table] ?? [])
        }
    }

    /// Whether every key that the rows of the table have in their metadata is a column.
    func spreadsMetadata(of table: Table) -> Bool {
        prefixes.contains(Prefix(table: table, path: ["metadata"]))
    }

    /// Whether no key is known of a field whose every key is a column.
    var isBlank: Bool { !blankPrefixes.isEmpty }

    private var blankPrefixes: [Prefix] {
        prefixes.filter { prefix in !catalog.columns.contains { prefix.isAbove($0.table, $0.path) } }
    }

    /// Adds the keys that the service lists, as dot paths below `metadata`.
    mutating func add(named keys: [String], of table: Table) {
        catalog.add(
            keys.map { DiscoveredKey(table: table, path: ["metadata"] + $0.splitExactly(at: ".").map(String.init)) }, window: nil)
    }

    /// Makes all keys of a window columns and fixes them, so that later windows have the same header.
    mutating func fix(by keys: [DiscoveredKey], window: String) {
        guard !isFixed else { return }
        catalog.add(keys, window: window)
        isFixed = true
    }

    /// Checks that the declared columns have distinct names.
    /// - Throws: `LayoutError` if they do not.
    func check() throws {
        for output in outputs { _ = try output.layout(detail: detail, catalog) }
    }

    /// Determines the columns of a window, and records its keys.
    ///
    /// New keys go to the rest of this window, and become columns from the next window on. Only if no key of a field is known, the first
    /// window's own keys are its columns. Types follow the same rule: a type known before the window applies to it, and widens from the
    /// next window on; without a known type, the window's own values determine it.
    ///
    /// If the columns are fixed, nothing of a window is recorded, so that the result does not depend on earlier windows.
    /// - Parameter agent: The agent of the rows, for its column.
    /// - Throws: `LayoutError` if two declared columns have one name. Nothing is recorded then.
    mutating func seal(_ window: String, keys: [DiscoveredKey], agent: String? = nil) throws -> Sealed {
        var catalog = self.catalog
        let blank = isFixed ? [] : blankPrefixes
        catalog.settle(keys, window: window) { key in
            // A key below no prefix is declared: it is already a column, and only its type is unknown.
            blank.contains { $0.isAbove(key.table, key.path) } || !prefixes.contains { $0.isAbove(key.table, key.path) }
        }
        if !isFixed, catalog != self.catalog { version += 1 }
        let (settled, ownVersion) = (catalog, version)
        let known = catalog.columns.count
        let layouts = try outputs.map { try $0.layout(detail: detail, catalog, agent: agent) }
        let encoders = zip(outputs, layouts).map { $0.rowEncoder($1) }
        let full = catalog.add(keys, window: window)
        let displaced = try displaced(by: catalog)
        let new = catalog.columns.dropFirst(known).filter { displaced[ColumnCatalog.bytes($0.table, $0.path)] == nil }.map(\.name)
        let collisions = catalog.columns.dropFirst(self.catalog.columns.count).compactMap { entry in
            let key = ColumnCatalog.bytes(entry.table, entry.path)
            return displaced[key].flatMap { told.insert(key).inserted ? $0 : nil }
        }
        if !isFixed {
            if catalog != settled { version += 1 }
            self.catalog = catalog
        }
        return Sealed(
            encoders: encoders, layouts: layouts, new: new, full: Table.allCases.filter(full.contains), collisions: collisions,
            columns: self.catalog, version: ownVersion)
    }

    /// The keys of a catalog, by their bytes, whose column names are taken. Empty if no key is new.
    private func displaced(by catalog: ColumnCatalog) throws -> [[[UInt8]]: ColumnCollision] {
        guard catalog.columns.count > self.catalog.columns.count else { return [:] }
        var found: [[[UInt8]]: ColumnCollision] = [:]
        for output in outputs {
            for displaced in try output.layout(detail: detail, catalog)?.displaced ?? [] {
                found[ColumnCatalog.bytes(output.table, displaced.path)] = ColumnCollision(
                    table: output.table, name: displaced.key.name, key: "\(displaced.key.content)",
                    holder: "\(displaced.holder.content)")
            }
        }
        return found
    }

    mutating func seal(_ walked: WalkedWindow) throws -> Sealed {
        try seal(walked.window.key, keys: walked.keys, agent: walked.window.agent)
    }

    struct Sealed {
        /// The encoders of the window's files.
        let encoders: [any RowEncoder]
        let layouts: [TableLayout?]
        /// The names of columns that are new from the next window on, or once all windows are committed.
        let new: [String]
        /// The tables that have more keys than can be columns.
        let full: [Table]
        /// Keys of the window without a column of their own, because its name is taken.
        let collisions: [ColumnCollision]
        /// The columns that are known after this window.
        let columns: ColumnCatalog
        /// The version of the columns of the window's files.
        let version: Int
    }

}

extension ColumnCatalog {
    /// A digest that identifies these columns: `sha256:…`.
    var digest: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = .sortedKeys
            return "sha256:\(SHA256.hash(data: try encoder.encode(completed)).hexadecimal)"
        }
    }
}
