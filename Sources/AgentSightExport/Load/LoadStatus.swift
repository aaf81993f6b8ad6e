import ExportCore
import ExportLoad
import ExportReport
import ExportWarehouse

/// What `status --into` shows of a warehouse.
struct LoadStatus: Encodable {
    let into: String
    let windows: [Window]
    /// Tables that the pipeline no longer has, and the windows that they hold.
    let formerTables: [(name: String, windows: Int)]
    private let present: [LoadedWindow]

    private enum CodingKeys: String, CodingKey {
        case into, windows
    }

    /// A window of one table.
    struct Window: Encodable {
        let key: String
        let table: String
        let state: LoadedWindow.State
    }

    init(system: WarehouseSystem, windows: [LoadedWindow]) {
        into = system.rawValue
        self.windows = windows.map { Window(key: $0.key, table: $0.table, state: $0.state) }
        present = windows.filter { !$0.isOfFormerTable }
        formerTables = Dictionary(grouping: windows.filter(\.isOfFormerTable), by: \.table)
            .map { (name: $0.key, windows: $0.value.count) }.sorted { $0.name < $1.name }
    }

    /// The keys of windows by the worst state of the tables that the pipeline has, in order.
    var keys: [LoadedWindow.State: [String]] {
        var keys: [(key: String, state: LoadedWindow.State)] = []
        for window in present {
            if let last = keys.last, last.key.equalsExactly(window.key) {
                keys[keys.count - 1].state = max(last.state, window.state)
            } else {
                keys.append((window.key, window.state))
            }
        }
        return Dictionary(grouping: keys, by: \.state).mapValues { $0.map(\.key) }
    }
}
