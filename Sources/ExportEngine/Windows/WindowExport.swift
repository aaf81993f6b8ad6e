import ExportCore
import ExportFormats
import ExportStore

/// A window in progress: its walk, and its rows in the spool.
typealias WindowExport = WindowFetch<WindowRows>

extension WindowExport {
    /// The walked window, ready to be written. `nil` while its walk is in progress.
    var walked: WalkedWindow? { walk.outcome.map { rows.walked($0, requests: requests) } }

    /// The walked window if the count in flight agrees with the rows. `nil` while rows are awaited.
    var presumed: WalkedWindow? { walk.presumedOutcome.map { rows.walked($0, requests: requests) } }
}

/// Creates the fetches of windows that begin.
struct WindowOpening: Sendable {
    let plan: ExportPlan
    /// Empty discoveries for the tables whose keys become columns.
    let discoveries: [KeyDiscovery]
    let makeSpool: WindowRows.MakeSpool

    /// Creates the fetch of a window.
    /// - Parameters:
    ///   - spooled: The rows that an interrupted run spooled.
    ///   - patch: The kept rows, if only the others are fetched.
    ///   - requests: The number of requests that were sent for the window before this walk.
    func fetch(
        of window: Window, _ start: WalkStart, resuming spooled: SpooledWindow?, patch: PreparedPatch? = nil, requests: Int = 0
    ) -> WindowExport {
        if let patch {
            let walk = RangeWalk(
                over: window.range, filters: plan.filters, pageSize: start.pageSize, ordering: start.ordering,
                checkpoint: patch.checkpoint)
            let rows = WindowRows(of: window, from: patch, discoveries: discoveries, makeSpool: makeSpool)
            return WindowExport(walk, keeping: rows, requests: requests)
        }
        let rows = WindowRows(of: window, makeSpool: makeSpool)
        switch plan.fetch.walk {
        case .pages:
            let walk = PageWalk(over: window.range, filters: plan.filters, pageSize: start.pageSize)
            return WindowExport(walk, keeping: rows, requests: requests)
        case .ranges:
            // An interrupted window is continued with the same kind of walk.
            if spooled == nil, let limit = plan.fetch.unpaginated.limit(plan.source.detail), plan.fetch.unpaginated == .all {
                let walk = ListWalk(
                    over: window.range, filters: plan.filters, pageSize: start.pageSize, ordering: start.ordering, limit: limit,
                    lists: start.lists)
                return WindowExport(walk, keeping: rows, requests: requests)
            }
            let walk = RangeWalk(
                over: window.range, filters: plan.filters, pageSize: start.pageSize, ordering: start.ordering,
                checkpoint: spooled?.checkpoint)
            let kept = spooled.map { WindowRows(of: window, from: $0, discoveries: discoveries, makeSpool: makeSpool) }
            return WindowExport(walk, keeping: kept ?? rows, requests: requests)
        }
    }
}

/// Rows in the spool of a window.
enum SpooledRows: Sendable {
    /// Several rows in the order in which they are written.
    case inOrder(Spool.Extent)
    /// A single row of a piece that has to be sorted.
    case row(RowKey, Spool.Extent)

    var extent: Spool.Extent {
        switch self {
        case .inOrder(let extent), .row(_, let extent): extent
        }
    }

    /// The extents of the rows in their order: single rows are sorted by `started_at`, then `id`.
    static func inOrder(_ rows: [SpooledRows]) -> [Spool.Extent] {
        if case .inOrder = rows.first { return rows.map(\.extent) }
        return rows.sorted { left, right in
            if case .row(let first, _) = left, case .row(let second, _) = right { first < second } else { false }
        }.map(\.extent)
    }
}

/// A window whose walk has ended, proved or not.
struct WalkedWindow: Sendable {
    let window: Window
    var outcome: WalkOutcome
    let requests: Int
    /// The keys of the window's rows below the flattened fields, by table and in order.
    let keys: [DiscoveredKey]
    /// The spool with the rows. `nil` if there are none.
    let spool: Spool?
    let rows: [Spool.Extent]
    /// The ids of the rows. `nil` if they are known to be distinct.
    let ids: WindowIDs?
    /// Whether a later run saves requests by continuing from the spooled rows.
    let keepsSpool: Bool
    /// The basis of a patched window. `nil` if the window was fetched whole.
    var patch: PatchBasis?
}
