import ExportCore
import ExportWarehouse

/// The state of a window in one table, according to the ledger of a warehouse.
package struct LoadedWindow: Sendable, Hashable {
    /// The window's key.
    package let key: String
    /// The table's name in the warehouse.
    package let table: String
    /// The state.
    package let state: State
    /// Whether the table is no longer an output of the pipeline.
    package var isOfFormerTable = false

    /// The states of a window, as `status --format json` names them, the worst last.
    package enum State: String, Sendable, Hashable, CaseIterable, Encodable, Comparable {
        /// Loaded in its current form.
        case loaded
        /// Loaded in an older form.
        case outdated
        case notLoaded = "not_loaded"
        /// In the table, but no longer in the destination.
        case orphaned

        package static func < (left: State, right: State) -> Bool {
            (allCases.firstIndex(of: left) ?? 0) < (allCases.firstIndex(of: right) ?? 0)
        }
    }
}

extension LoadJob {
    /// Compares the destination with the ledger, without changes.
    /// - Returns: The windows of both, in the order of their keys, then of the tables.
    /// - Throws: `LoadError`, `StoreError`, `CancellationError`.
    package func status() async throws -> [LoadedWindow] {
        let (committed, unfinished) = try await committedWindows()
        let (ledger, lacking, former) = try await client.withSession { session in
            let warehouse = try await Warehouse(target, pipeline, tables, &session)
            return (
                try await warehouse.ledger(&session), tables.filter(warehouse.lacks).map(\.name), warehouse.former.map(\.name)
            )
        }
        return status(of: committed, ledger, unfinished, lacking: lacking, former: former)
    }

    /// - Parameters:
    ///   - lacking: Tables that do not exist, whatever the ledger says.
    ///   - former: Tables that are no longer outputs.
    func status(
        of committed: [CommittedWindow], _ ledger: Ledger, _ unfinished: UnfinishedWindows = UnfinishedWindows(),
        lacking: [String] = [], former: [String] = []
    ) -> [LoadedWindow] {
        var found: [LoadedWindow] = []
        for window in committed {
            for table in tables {
                let isThere = ledger[window.key, table.name] != nil && !lacking.contains { $0.equalsExactly(table.name) }
                let isCurrent = window.manifest.map { isLoaded($0, table, ledger) } ?? false
                let state: LoadedWindow.State = isThere ? (isCurrent ? .loaded : .outdated) : .notLoaded
                found.append(LoadedWindow(key: window.key, table: table.name, state: state))
            }
        }
        let keys = Set(committed.map { Array($0.key.utf8) })
        for row in ledger.rows.values where !keys.contains(Array(row.window.utf8)) {
            guard tables.contains(where: { $0.name.equalsExactly(row.table) }) else { continue }
            // A window that is being written is not an orphan.
            let state: LoadedWindow.State = unfinished.reason(row.window) == nil ? .orphaned : .outdated
            found.append(LoadedWindow(key: row.window, table: row.table, state: state))
        }
        for row in ledger.rows.values where former.contains(where: { $0.equalsExactly(row.table) }) {
            found.append(LoadedWindow(key: row.window, table: row.table, state: .orphaned, isOfFormerTable: true))
        }
        let names = (tables.map(\.name) + former).map { Array($0.utf8) }
        let places = Dictionary(names.enumerated().map { ($0.element, $0.offset) }, uniquingKeysWith: { $1 })
        func order(_ window: LoadedWindow) -> ([UInt8], Int) {
            (Array(window.key.utf8), places[Array(window.table.utf8)] ?? 0)
        }
        return found.sorted {
            let (left, right) = (order($0), order($1))
            return left.0 == right.0 ? left.1 < right.1 : left.0.lexicographicallyPrecedes(right.0)
        }
    }
}
