import ExportCore
import ExportFormats

/// Which columns the files of a window have: windows pass here one after the other, in the order of time, so that the headers do not
/// depend on which of them was fetched first.
struct ColumnPlan: Sendable {
    private let outputs: [Output]
    private let detail: Source.Detail
    /// What is collected from the rows of a table, where anything is.
    let discoveries: [KeyDiscovery]
    /// Fields whose every key is a column.
    private let prefixes: [Prefix]
    private(set) var catalog: ColumnCatalog
    /// Then no window changes them: each tells what it brought, and another run makes columns of it.
    private(set) var isFixed: Bool
    /// Counts the changes of the columns: windows with one number have the same.
    private(set) var version = 0
    /// Keys without a column that a window has told of, by their bytes.
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
                // Its type is not declared, and no field's.
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

    /// Whether nothing is known of a field whose every key is a column.
    var isBlank: Bool { !blankPrefixes.isEmpty }

    private var blankPrefixes: [Prefix] {
        prefixes.filter { prefix in !catalog.columns.contains { prefix.isAbove($0.table, $0.path) } }
    }

    /// Takes the keys that the service itself names, as dot paths below `metadata`.
    mutating func add(named keys: [String], of table: Table) {
        catalog.add(
            keys.map { DiscoveredKey(table: table, path: ["metadata"] + $0.splitExactly(at: ".").map(String.init)) }, window: nil)
    }

    /// Makes columns of all keys of a window, and no others: what follows has the same header.
    mutating func fix(by keys: [DiscoveredKey], window: String) {
        guard !isFixed else { return }
        catalog.add(keys, window: window)
        isFixed = true
    }

    /// - Throws: `LayoutError` where columns that are declared collide.
    func check() throws {
        for output in outputs { _ = try output.layout(detail: detail, catalog) }
    }

    /// Fixes the columns of a window, and takes note of its keys.
    ///
    /// Keys that nobody knew before go to the rest of this window, and are columns from the next on. Only where nothing at all is
    /// known of a field, the first window's own keys are its columns. So with types: one that was known before the window holds for
    /// it, and widens from the next window on; where none was known, the window's own values say it.
    ///
    /// Where the columns are fixed, nothing of a window is noted, so that it does not matter which other windows were before it.
    /// - Parameter agent: Whose rows these are, for its column.
    /// - Throws: `LayoutError` where two declared columns have one name. Nothing is noted then.
    mutating func seal(_ window: String, keys: [DiscoveredKey], agent: String? = nil) throws -> Sealed {
        var catalog = self.catalog
        let blank = isFixed ? [] : blankPrefixes
        catalog.settle(keys, window: window) { key in
            // What is below no prefix is declared: a column already, of which only the type is to be known.
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

    /// The keys of a catalog, by their bytes, whose columns' names are taken. None where no key is new.
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
        /// The encoders of its files.
        let encoders: [any RowEncoder]
        let layouts: [TableLayout?]
        /// The names of columns that are new from the next window on, or once all windows stand.
        let new: [String]
        /// The tables that have more keys than can be columns.
        let full: [Table]
        /// Keys of the window that are no columns, since their names are taken.
        let collisions: [ColumnCollision]
        /// The columns that are known then.
        let columns: ColumnCatalog
        /// The number of the columns that its files have.
        let version: Int
    }

}
