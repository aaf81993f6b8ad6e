import ExportCore
import ExportLoad
import ExportReport
import ExportWarehouse

/// What `status --into` shows of a warehouse.
struct LoadStatus: Encodable {
    let into: String
    let windows: [Window]

    /// A window of one table.
    struct Window: Encodable {
        let key: String
        let table: String
        let state: LoadedWindow.State
    }

    init(system: WarehouseSystem, windows: [LoadedWindow]) {
        into = system.rawValue
        self.windows = windows.map { Window(key: $0.key, table: $0.table, state: $0.state) }
    }

    /// The keys of windows by the worst state of their tables, in order.
    var keys: [LoadedWindow.State: [String]] {
        var keys: [(key: String, state: LoadedWindow.State)] = []
        for window in windows {
            if let last = keys.last, last.key.equalsExactly(window.key) {
                keys[keys.count - 1].state = max(last.state, window.state)
            } else {
                keys.append((window.key, window.state))
            }
        }
        return Dictionary(grouping: keys, by: \.state).mapValues { $0.map(\.key) }
    }
}
