import ExportCore
import ExportFormats
import ExportStore

/// The rows of a window kept so far, in the spool, by the pieces of its walk.
struct WindowRows: KeptRows {
    typealias Failure = any Error

    let window: Window
    private let makeSpool: MakeSpool
    /// The number of kept rows, for progress reports. Rows that were fetched again count again.
    private(set) var count = 0
    private var keys: [KeyDiscovery] = []

    private var spool: Spool?
    /// The end of the spool.
    private var end = 0
    private var pieces: [Int: [SpooledRows]] = [:]
    private var ids = WindowIDs()
    /// The `keys` that are not in the spool yet.
    private var unspooledKeys: [DiscoveredKey] = []
    /// The basis of the patch, if rows were taken from the destination. `nil` if none were.
    private(set) var patch: PatchBasis?

    /// Creates the spool of a window. Called when its first row is kept.
    typealias MakeSpool = @Sendable (Window) throws -> Spool

    /// Creates the rows of a window of which nothing is kept yet.
    init(of window: Window, makeSpool: @escaping MakeSpool) {
        self.window = window
        self.makeSpool = makeSpool
    }

    /// Continues from the rows that an interrupted run spooled.
    /// - Parameter discoveries: Empty discoveries, for the tables whose keys become columns.
    init(of window: Window, from spooled: SpooledWindow, discoveries: [KeyDiscovery], makeSpool: @escaping MakeSpool) {
        self.init(of: window, makeSpool: makeSpool)
        takeOver(spooled.spool, spooled.end, spooled.extents.mapValues { [$0] }, spooled.keys, discoveries)
    }

    /// Begins with the kept rows of a window of which only the others are fetched.
    /// - Parameter discoveries: Empty discoveries, for the tables whose keys become columns.
    init(of window: Window, from patch: PreparedPatch, discoveries: [KeyDiscovery], makeSpool: @escaping MakeSpool) {
        self.init(of: window, makeSpool: makeSpool)
        takeOver(patch.spool, patch.end, patch.extents, patch.keys, discoveries)
        self.patch = patch.basis
    }

    private mutating func takeOver(
        _ spool: Spool, _ end: Int, _ extents: [Int: [Spool.Extent]], _ keys: [DiscoveredKey], _ discoveries: [KeyDiscovery]
    ) {
        (self.spool, self.end) = (spool, end)
        pieces = extents.mapValues { $0.map { .inOrder($0) } }
        ids = WindowIDs(takenOver: extents)
        self.keys = discoveries
        for place in self.keys.indices { self.keys[place].add(keys.filter { $0.table == self.keys[place].table }) }
    }

    mutating func take(_ page: FetchedPage) {
        if keys.isEmpty {
            keys = page.keys
            unspooledKeys = page.keys.flatMap(\.keys)
        } else {
            for (place, found) in page.keys.enumerated() { unspooledKeys += keys[place].formUnion(found) }
        }
    }

    mutating func keep(_ rows: [Int], of page: FetchedPage, as piece: WalkPiece, countBefore: Int?) throws {
        let record = SpoolRecord(piece: piece, keys: unspooledKeys, countBefore: countBefore)
        guard let extent = try spool(rows, of: page, record) else { return }
        pieces[piece.id] = [.inOrder(extent)]
        unspooledKeys = []
        try add(rows.map { page.response.rows[$0].id }, to: piece.id)
    }

    mutating func add(_ rows: [Int], of page: FetchedPage, to piece: Int) throws {
        guard var offset = try spool(rows, of: page, SpoolRecord())?.offset else { return }
        for row in rows {
            let length = page.extent(ofRow: row).count
            pieces[piece, default: []].append(.row(page.response.rows[row], .init(offset: offset, length: length)))
            offset += length
        }
        try add(rows.map { page.response.rows[$0].id }, to: piece)
    }

    mutating func drop(_ piece: Int) throws {
        ids.drop(piece)
        guard pieces.removeValue(forKey: piece) != nil, let spool else { return }
        end = try spool.append([], SpoolRecord(dropped: piece), at: end).end
    }

    /// Writes rows of a page to the spool, in the given order. A piece without rows does not create a spool.
    private mutating func spool(_ rows: [Int], of page: FetchedPage, _ record: SpoolRecord) throws -> Spool.Extent? {
        if rows.isEmpty, spool == nil { return nil }
        count += rows.count
        let spool = try self.spool ?? makeSpool(window)
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

    private mutating func add(_ ids: [Int64], to piece: Int) throws {
        self.ids.add(ids, to: piece)
        guard let block = self.ids.block, let spool else { return }
        let extent = try spool.append(block, SpoolRecord(), at: end)
        self.ids.spooled(extent)
        end = extent.end
    }

    /// Whether a later run saves requests by going on from what is spooled.
    var keepsSpool: Bool { pieces.keys.count { patch?.keptRows[$0] == nil } > 1 }

    /// The walked window, with the rows of the walk's pieces.
    func walked(_ outcome: WalkOutcome, requests: Int) -> WalkedWindow {
        let rows = outcome.pieces.flatMap { SpooledRows.inOrder(pieces[$0] ?? []) }
        return WalkedWindow(
            window: window, outcome: outcome, requests: requests, keys: keys.flatMap(\.keys), spool: spool, rows: rows, ids: ids,
            keepsSpool: keepsSpool, patch: patch)
    }
}
