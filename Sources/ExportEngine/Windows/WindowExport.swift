import ExportCore
import ExportFormats
import ExportStore

/// A window under way: its walk, and the rows that were kept so far.
struct WindowExport: Sendable {
    let window: Window
    private(set) var walk: any WindowWalk
    private(set) var requests = 0
    /// That were kept, for those who watch; one that was fetched again counts again.
    private(set) var rows = 0
    private var keys: [KeyDiscovery] = []

    private var spool: Spool?
    /// Where the spool ends.
    private var end = 0
    private var pieces: [Int: [SpooledRows]] = [:]
    private var ids = WindowIDs()
    /// Those of `keys` that the spool does not name yet.
    private var unspooledKeys: [DiscoveredKey] = []

    /// - Parameter requests: Sent for the window before this walk.
    init(_ window: Window, walk: any WindowWalk, requests: Int = 0) {
        self.window = window
        self.walk = walk
        self.requests = requests
    }

    /// Goes on from what an interrupted run had spooled.
    /// - Parameters:
    ///   - walk: One that goes on from the same remains.
    ///   - discoveries: Of no row yet, for the tables whose keys become columns.
    init(_ window: Window, walk: any WindowWalk, from spooled: SpooledWindow, discoveries: [KeyDiscovery]) {
        self.init(window, walk: walk)
        spool = spooled.spool
        end = spooled.end
        pieces = spooled.extents.mapValues { [.inOrder($0)] }
        ids = WindowIDs(takenOver: spooled.extents)
        keys = discoveries
        for place in keys.indices { keys[place].add(spooled.keys.filter { $0.table == keys[place].table }) }
    }

    mutating func nextRequest() -> WalkRequest? { walk.nextRequest() }
    mutating func split() -> Bool { walk.split() }

    /// Takes a page that was asked for.
    /// - Parameter makeSpool: Called when the first row is kept.
    mutating func receive(
        _ page: FetchedPage, for request: WalkRequest, requests: Int, makeSpool: () throws -> Spool
    ) throws {
        self.requests += requests
        add(page.keys)
        for step in walk.receive(page.response, for: request) {
            switch step {
            case .keep(let rows, let piece):
                let record = SpoolRecord(piece: piece, keys: unspooledKeys, countBefore: walk.countBefore)
                guard let extent = try keep(rows, of: page, record, makeSpool) else { continue }
                pieces[piece.id] = [.inOrder(extent)]
                unspooledKeys = []
                ids.add(rows.map { page.response.rows[$0].id }, to: piece.id)
            case .add(let rows, let piece):
                guard var offset = try keep(rows, of: page, SpoolRecord(), makeSpool)?.offset else { continue }
                for row in rows {
                    let length = page.extent(ofRow: row).count
                    pieces[piece, default: []].append(.row(page.response.rows[row], .init(offset: offset, length: length)))
                    offset += length
                }
                ids.add(rows.map { page.response.rows[$0].id }, to: piece)
            case .drop(let piece):
                try drop(piece)
            }
        }
        if let block = ids.block, let spool {
            let extent = try spool.append(block, SpoolRecord(), at: end)
            ids.spooled(extent)
            end = extent.end
        }
    }

    private mutating func add(_ found: [KeyDiscovery]) {
        if keys.isEmpty {
            keys = found
            unspooledKeys = found.flatMap(\.keys)
        } else {
            for (place, found) in found.enumerated() { unspooledKeys += keys[place].formUnion(found) }
        }
    }

    /// Asks for smaller pages. Returns false where they cannot get smaller.
    mutating func shrinkPages(after request: WalkRequest) throws -> Bool {
        requests += 1
        guard let steps = walk.shrinkPages(after: request) else { return false }
        for case .drop(let piece) in steps { try drop(piece) }
        return true
    }

    private mutating func drop(_ piece: Int) throws {
        ids.drop(piece)
        guard pieces.removeValue(forKey: piece) != nil, let spool else { return }
        end = try spool.append([], SpoolRecord(dropped: piece), at: end).end
    }

    /// Writes rows of a page to the spool, in the order given. A piece without rows is not worth a spool of its own.
    private mutating func keep(
        _ rows: [Int], of page: FetchedPage, _ record: SpoolRecord, _ makeSpool: () throws -> Spool
    ) throws -> Spool.Extent? {
        if rows.isEmpty, spool == nil { return nil }
        self.rows += rows.count
        let spool = try self.spool ?? makeSpool()
        if self.spool == nil { (self.spool, end) = (spool, spool.start) }
        let isWholePage = rows.count == page.ends.count && rows.elementsEqual(page.ends.indices)
        var content = isWholePage ? page.rows : []
        if !isWholePage, let first = rows.first {
            content.reserveCapacity(page.extent(ofRow: first).count * rows.count)
            for row in rows { content += page.rows[page.extent(ofRow: row)] }
        }
        let extent = try spool.append(content, record, at: end)
        end = extent.end
        return extent
    }

    /// Whether a later run saves requests by going on from what is spooled.
    var keepsSpool: Bool { pieces.count > 1 }

    /// The walked window, ready to be written. Nil while its walk is under way.
    var walked: WalkedWindow? { walk.outcome.map(walked) }

    /// What the walked window will be if the count that is awaited agrees with the rows. Nil where rows are awaited.
    var presumed: WalkedWindow? { walk.presumedOutcome.map(walked) }

    private func walked(_ outcome: WalkOutcome) -> WalkedWindow {
        let rows = outcome.pieces.flatMap { SpooledRows.inOrder(pieces[$0] ?? []) }
        return WalkedWindow(
            window: window, outcome: outcome, requests: requests, keys: keys.flatMap(\.keys), spool: spool, rows: rows, ids: ids,
            keepsSpool: keepsSpool)
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
        rows.sorted { left, right in
            if case .row(let first, _) = left, case .row(let second, _) = right { first < second } else { false }
        }.map(\.extent)
    }
}

/// A window whose rows are all there, and proved or not.
struct WalkedWindow: Sendable {
    let window: Window
    var outcome: WalkOutcome
    let requests: Int
    /// What its rows have below the flattened fields, by table and in order.
    let keys: [DiscoveredKey]
    /// Nil where there is no row.
    let spool: Spool?
    let rows: [Spool.Extent]
    /// The ids of the rows. Nil where they are known to be distinct.
    let ids: WindowIDs?
    /// Whether a later run saves requests by going on from what is spooled.
    let keepsSpool: Bool
}
