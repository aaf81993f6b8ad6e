import ExportCore
import TestSupport
import Testing

@Suite struct WindowFetchTests {
    /// Says what it was told, in order.
    private struct Journal: KeptRows {
        struct Full: Error {}
        typealias Failure = Full
        var entries: [String] = []
        var isFull = false

        mutating func take(_ page: ListResponse) { entries.append("page of \(page.rows.count)") }
        mutating func keep(_ rows: [Int], of page: ListResponse, as piece: WalkPiece, countBefore: Int?) throws(Full) {
            if isFull { throw Full() }
            entries.append("keep \(rows) as \(piece.id) of \(countBefore ?? -1)")
        }
        mutating func add(_ rows: [Int], of page: ListResponse, to piece: Int) { entries.append("add \(rows) to \(piece)") }
        mutating func drop(_ piece: Int) { entries.append("drop \(piece)") }
    }

    /// A walk that does as it is told.
    private struct ScriptedWalk: WindowWalk {
        var responses: [[WalkStep]] = []
        var shrinking: [WalkStep]?
        var requests: [WalkRequest] = []
        var countBefore: Int? { responses.isEmpty ? 7 : nil }
        var ordering: OrderingSupport { .honoured }
        var presumedOutcome: WalkOutcome? { nil }
        var outcome: WalkOutcome?
        var excess: WalkBudgetExceeded?

        mutating func nextRequest() -> WalkRequest? { nil }
        mutating func receive(_ response: ListResponse, for request: WalkRequest) -> [WalkStep] { responses.removeFirst() }
        mutating func shrinkPages(after request: WalkRequest) -> [WalkStep]? { shrinking }
        mutating func split() -> Bool { false }
    }

    private static let window = TimeRange(start: Instant(seconds: 0), end: Instant(seconds: 100))
    private static let page = ListResponse(
        count: 2, hasNext: false,
        rows: [RowKey(startedAt: Instant(seconds: 1), id: 1), RowKey(startedAt: Instant(seconds: 2), id: 2)])

    private func request() throws -> WalkRequest {
        var walk = RangeWalk(over: Self.window, filters: Filters(), pageSize: 10)
        let request = walk.nextRequest()
        return try #require(request)
    }

    @Test("each step of the walk comes to those who keep rows once, in order, behind the page it is of")
    func steps() throws {
        let piece = WalkPiece(id: 3, range: Self.window, seen: 2, written: 2, isOnTrust: false)
        let walk = ScriptedWalk(responses: [[.drop(piece: 1), .keep(rows: [1, 0], piece: piece), .add(rows: [1], piece: 4)]])
        var fetch = WindowFetch(walk, keeping: Journal(), requests: 2)
        try fetch.receive(Self.page, for: request(), requests: 3)
        #expect(fetch.rows.entries == ["page of 2", "drop 1", "keep [1, 0] as 3 of 7", "add [1] to 4"])
        #expect(fetch.requests == 5, "those before this walk, and repeats, count")
    }

    @Test("smaller pages forget what was kept, and where there are none, that is said")
    func smallerPages() throws {
        var fetch = WindowFetch(ScriptedWalk(shrinking: [.drop(piece: 2)]), keeping: Journal())
        let isSmaller = try fetch.shrinkPages(after: request())
        #expect(isSmaller && fetch.rows.entries == ["drop 2"] && fetch.requests == 1)
        var smallest = WindowFetch(ScriptedWalk(), keeping: Journal())
        let isSmallerYet = try smallest.shrinkPages(after: request())
        #expect(!isSmallerYet && smallest.requests == 1)
    }

    @Test("rows that cannot be kept are an error")
    func full() throws {
        let piece = WalkPiece(id: 1, range: Self.window, seen: 2, written: 2, isOnTrust: false)
        var fetch = WindowFetch(
            ScriptedWalk(responses: [[.keep(rows: [0], piece: piece)]]), keeping: Journal(isFull: true))
        let request = try request()
        #expect(throws: Journal.Full.self) { try fetch.receive(Self.page, for: request) }
    }

    @Test("a walk that was given up has ended, as one with an outcome has")
    func end() {
        let excess = WalkBudgetExceeded(requests: 1, rows: 1, count: 1)
        let proof = Proof(walk: "ranges", countBefore: 1, countAfter: 1, distinctIDs: 1, rounds: 1, repaired: 0)
        let outcome = WalkOutcome(pieces: [], isProved: true, proof: proof)
        #expect(!WindowFetch(ScriptedWalk(), keeping: Journal()).hasEnded)
        #expect(WindowFetch(ScriptedWalk(outcome: outcome), keeping: Journal()).hasEnded)
        #expect(WindowFetch(ScriptedWalk(excess: excess), keeping: Journal()).hasEnded)
    }
}
