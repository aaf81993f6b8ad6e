import ExportCore
import ExportFormats
import ExportStore

/// A window under way: its walk, and its rows in the spool.
typealias WindowExport = WindowFetch<WindowRows>

extension WindowExport {
    /// The walked window, ready to be written. Nil while its walk is under way.
    var walked: WalkedWindow? { walk.outcome.map { rows.walked($0, requests: requests) } }

    /// The walked window if the count in flight agrees with the rows. Nil while rows are awaited.
    var presumed: WalkedWindow? { walk.presumedOutcome.map { rows.walked($0, requests: requests) } }
}

/// Makes the fetches of windows that begin.
struct WindowOpening: Sendable {
    let plan: ExportPlan
    /// Empty discoveries for the tables whose keys become columns.
    let discoveries: [KeyDiscovery]
    let makeSpool: WindowRows.MakeSpool

    /// Makes the fetch of a window.
    /// - Parameters:
    ///   - spooled: What an interrupted run had spooled of it.
    ///   - patch: The rows that stay, where only the others are fetched.
    ///   - requests: Those that were sent for the window before this walk.
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
            // A window that was begun is gone on with as it was.
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
    /// Many, in the order in which they are written.
    case inOrder(Spool.Extent)
    /// One of a piece that has to be put in order.
    case row(RowKey, Spool.Extent)

    var extent: Spool.Extent {
        switch self {
        case .inOrder(let extent), .row(_, let extent): extent
        }
    }

    /// Single rows by `started_at`, then `id`.
    static func inOrder(_ rows: [SpooledRows]) -> [Spool.Extent] {
        if case .inOrder = rows.first { return rows.map(\.extent) }
        return rows.sorted { left, right in
            if case .row(let first, _) = left, case .row(let second, _) = right { first < second } else { false }
        }.map(\.extent)
    }
}

/// A window whose rows are all there, and proved or not.
struct WalkedWindow: Sendable {
    let window: Window
    var outcome: WalkOutcome
    let requests: Int
    /// The keys of its rows below the flattened fields, by table and in order.
    let keys: [DiscoveredKey]
    /// Nil where there is no row.
    let spool: Spool?
    let rows: [Spool.Extent]
    /// The ids of the rows. Nil where they are known to be distinct.
    let ids: WindowIDs?
    /// Whether a later run saves requests by going on from what is spooled.
    let keepsSpool: Bool
    /// What it is made from, where only a part was fetched. Nil: it was fetched whole.
    var patch: PatchBasis?
}
