import ExportCore
import ExportFormats
import ExportStore

/// A window under way: its walk, and the rows that were kept so far.
struct WindowExport: Sendable {
    let window: Window
    private(set) var walk: any WindowWalk
    private(set) var requests = 0
    private(set) var keys: KeyDiscovery?

    private var spool: Spool?
    private var spooled = 0
    private var pieces: [Int: [SpooledRows]] = [:]

    init(_ window: Window, walk: any WindowWalk) {
        self.window = window
        self.walk = walk
    }

    mutating func nextRequest() -> WalkRequest? { walk.nextRequest() }
    mutating func split() -> Bool { walk.split() }

    /// Takes a page that was asked for.
    /// - Parameter makeSpool: Called when the first row is kept.
    mutating func receive(
        _ page: FetchedPage, for request: WalkRequest, requests: Int, makeSpool: () throws -> Spool
    ) throws {
        self.requests += requests
        if let found = page.keys {
            if keys == nil { keys = found } else { keys?.formUnion(found) }
        }
        for step in walk.receive(page.answer, for: request) {
            switch step {
            case .keep(let rows, let piece):
                pieces[piece] = try keep(rows, of: page, makeSpool).map { [.inOrder($0)] }
            case .add(let rows, let piece):
                guard let extent = try keep(rows, of: page, makeSpool) else { continue }
                var offset = extent.offset
                for row in rows {
                    let length = page.extent(ofRow: row).count
                    pieces[piece, default: []].append(.row(page.answer.rows[row], .init(offset: offset, length: length)))
                    offset += length
                }
            case .drop(let piece):
                pieces[piece] = nil
            }
        }
    }

    /// Asks for smaller pages. Returns false where they cannot get smaller.
    mutating func shrinkPages(after request: WalkRequest) -> Bool {
        requests += 1
        guard let steps = walk.shrinkPages(after: request) else { return false }
        for case .drop(let piece) in steps { pieces[piece] = nil }
        return true
    }

    /// Writes rows of a page to the spool, in the order given.
    private mutating func keep(_ rows: [Int], of page: FetchedPage, _ makeSpool: () throws -> Spool) throws -> Spool.Extent? {
        guard let first = rows.first else { return nil }
        let spool = try self.spool ?? makeSpool()
        self.spool = spool
        let isWholePage = rows.count == page.ends.count && rows.elementsEqual(page.ends.indices)
        var content = isWholePage ? page.rows : []
        if !isWholePage {
            content.reserveCapacity(page.extent(ofRow: first).count * rows.count)
            for row in rows { content += page.rows[page.extent(ofRow: row)] }
        }
        try spool.write(content, at: spooled)
        defer { spooled += content.count }
        return Spool.Extent(offset: spooled, length: content.count)
    }

    /// The walked window, ready to be written. Nil while its walk is under way.
    var walked: WalkedWindow? {
        guard let outcome = walk.outcome else { return nil }
        let rows = outcome.pieces.flatMap { SpooledRows.inOrder(pieces[$0] ?? []) }
        return WalkedWindow(window: window, outcome: outcome, requests: requests, keys: keys?.paths ?? [], spool: spool, rows: rows)
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
    let outcome: WalkOutcome
    let requests: Int
    /// Paths of the keys that its rows have below the flattened fields, in order.
    let keys: [[String]]
    /// Nil where there is no row.
    let spool: Spool?
    let rows: [Spool.Extent]
}
