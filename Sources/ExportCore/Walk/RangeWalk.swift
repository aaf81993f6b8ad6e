/// A walk by time ranges that always requests page 1, so that a row that leaves or enters the set moves no other row.
///
/// If the server honours `ordering`, a page has the first rows of its range, and the walk continues from the last. If the server ignores
/// it, a range with more rows than a page is cut until each piece fits on one. A single instant with more rows than a page is walked by
/// page number. At the end the server's count is compared with the rows. If they differ, the difference is located by counting halves, and
/// only the ranges that disagree are fetched again.
///
/// ```swift
/// var walk = RangeWalk(over: window.range, filters: filters, pageSize: 100)
/// while let request = walk.nextRequest() {
///     let response = try await fetch(request.query)
///     for step in walk.receive(response, for: request) { keep(step) }
/// }
/// print(walk.outcome?.isProved == true)
/// ```
public struct RangeWalk: WindowWalk {
    let domain: WalkDomain
    private let canShrink: Bool
    private(set) var pageSize: Int
    public private(set) var ordering: OrderingSupport

    var ready: [Job]
    private(set) var inFlight: [Int: Job] = [:]
    private var lastRequest = 0
    /// Instants that are walked by page number, by their pieces.
    var unions: [Int: PageUnion] = [:]
    var ledger = PieceLedger()

    var phase = Phase.walking
    /// The server's count of the whole window when its export began.
    public internal(set) var countBefore: Int?
    /// Whether the walk continues an earlier one. If so, no single response held all rows.
    let isResumed: Bool
    /// Whether the pieces from which the walk continues are those of an earlier export.
    let isPatch: Bool
    var responses = 0
    /// Whether a single response that holds the whole window proves it without another count.
    private(set) var isOnlyAnswerSound = true
    /// The rows of the fullest page so far: the server's actual page size, whatever was requested.
    private var largestPage = 0
    private var hasAskedNewest = false
    /// The estimated end of the rows. Splitting the time after it would split nothing.
    private var horizon: Instant?
    var rounds = 1
    var repaired = 0
    /// The difference between each round's count and the rows seen.
    var differences: [Int] = []
    public internal(set) var outcome: WalkOutcome?
    var budget = WalkBudget()
    public private(set) var excess: WalkBudgetExceeded?

    /// The number of responses so far whose count and rows contradict each other. They are requested again, up to `miscountLimit` times.
    private var miscounts = 0
    private static let miscountLimit = 8
    /// Whether the server's counts prove anything.
    var isCountTrusted: Bool { miscounts <= Self.miscountLimit }

    enum Phase: Sendable {
        case walking, counting, repairing
    }

    enum Job: Sendable {
        /// Fetch a range. With `isExact`, its start is sent as it is and not a microsecond earlier.
        case walk(TimeRange, expected: Guess?, isExact: Bool = false)
        /// Fetch pages of an instant, one after the other.
        case unionPages(piece: Int, ClosedRange<Int>)
        /// Request the newest row, in descending order: rows in the order of `id`, for example, may look like the requested ascending
        /// order.
        case askNewest(seen: Instant)
        case countAll
        /// Compare the count of a range of whole pieces with the rows seen there.
        case check(TimeRange)
    }

    /// An estimate of the rows in a range.
    struct Guess: Sendable {
        var rows: Int
        /// Whether the server has counted these rows. Otherwise they are a share of a larger count, and there may be up to a quarter more.
        var isCounted = false

        var most: Int { isCounted ? rows : rows + rows / 4 }
    }

    /// Creates a walk over a window by time ranges.
    /// - Parameters:
    ///   - ordering: What earlier windows have shown about the server.
    ///   - checkpoint: The state of an interrupted walk over the same window with the same filters, to continue from.
    public init(
        over window: TimeRange, filters: Filters, pageSize: Int, ordering: OrderingSupport = .unknown,
        checkpoint: WalkCheckpoint? = nil
    ) {
        domain = WalkDomain(window: window, deletedRows: filters.deletedRows)
        canShrink = filters.isChangeable
        self.pageSize = pageSize
        self.ordering = ordering
        for piece in checkpoint?.pieces ?? [] { ledger.restore(piece) }
        countBefore = checkpoint?.countBefore
        budget.counted(max(countBefore ?? 0, ledger.seen))
        isResumed = checkpoint != nil
        isPatch = checkpoint?.isPatch ?? false
        ready = ledger.gaps(in: domain.range).map { .walk($0, expected: nil) }
        if ready.isEmpty {
            phase = .counting
            ready = [.countAll]
        }
    }

    public mutating func nextRequest() -> WalkRequest? {
        guard !ready.isEmpty else { return nil }
        var job = ready.removeFirst()
        if case .unionPages(let piece, let pages) = job, pages.count > 1 {
            ready.insert(.unionPages(piece: piece, pages.lowerBound + 1...pages.upperBound), at: 0)
            job = .unionPages(piece: piece, pages.lowerBound...pages.lowerBound)
        }
        lastRequest += 1
        inFlight[lastRequest] = job
        return WalkRequest(id: lastRequest, query: query(for: job))
    }

    private func query(for job: Job) -> ListQuery {
        switch job {
        case .walk(let range, _, let isExact): domain.query(range, pageSize: pageSize, isStartExact: isExact)
        case .askNewest: domain.newest()
        case .countAll: domain.count(domain.range)
        case .check(let range): domain.count(range)
        case .unionPages(let piece, let pages):
            // The jobs of a union are removed with it, so it exists.
            domain.unionQuery(
                unions[piece]?.range ?? domain.range, page: pages.lowerBound, pageSize: unions[piece]?.pageSize ?? pageSize)
        }
    }

    public mutating func receive(_ response: ListResponse, for request: WalkRequest) -> [WalkStep] {
        guard let job = inFlight.removeValue(forKey: request.id), excess == nil else { return [] }
        let steps = take(response, for: job, asked: request.query)
        budget.answered(rows: response.rows.count)
        if outcome == nil, let exceeded = budget.excess {
            (excess, ready) = (exceeded, [])
            return []
        }
        endPhaseIfIdle()
        return steps
    }

    private mutating func take(_ response: ListResponse, for job: Job, asked: ListQuery) -> [WalkStep] {
        responses += 1
        if asked.page == 1, isMiscounted(response, pageSize: asked.pageSize) {
            miscounts += 1
            if isCountTrusted {
                ready.insert(job, at: 0)
                return []
            }
        }
        switch job {
        case .walk(let range, let expected, _): return take(response, of: range, expected: expected, asked: asked)
        case .unionPages(let piece, _): return takeUnion(response, page: asked.page, piece: piece, pageSize: asked.pageSize)
        case .askNewest(let seen): return judgeOrdering(response, seen: seen)
        case .countAll: return conclude(countAfter: response.count)
        case .check(let range): return compare(response.count, in: range)
        }
    }

    public mutating func shrinkPages(after request: WalkRequest) -> [WalkStep]? {
        guard let job = inFlight.removeValue(forKey: request.id), excess == nil else { return [] }
        guard request.query.pageSize > 1 else { return nil }
        // A union that was restarted with smaller pages, or has ended, no longer needs this page; the walk may end with it.
        defer { endPhaseIfIdle() }
        largestPage = 0
        pageSize = min(pageSize, request.query.pageSize / 2)
        guard case .unionPages(let piece, _) = job else {
            ready.insert(job, at: 0)
            return []
        }
        guard unions[piece]?.pageSize == request.query.pageSize else { return [] }
        unions[piece]?.begin(pageSize: pageSize)
        ready.removeAll { if case .unionPages(piece, _) = $0 { true } else { false } }
        ready.append(.unionPages(piece: piece, 1...1))
        ledger.empty(piece)
        return [.drop(piece: piece)]
    }

    public mutating func split() -> Bool {
        // Ready requests are sent before any range is split, so the largest range is one of those in flight.
        var largest: (id: Int, range: TimeRange, middle: Instant, expected: Guess)?
        for (id, job) in inFlight {
            guard ordering != .ignored, case .walk(let range, let expected?, _) = job, let start = range.start,
                expected.most > max(largest?.expected.most ?? 0, pageSize)
            else { continue }
            let end = horizon.map { start < $0 ? min($0, range.end) : range.end } ?? range.end
            let middle = Instant(microseconds: start.microseconds + (end.microseconds - start.microseconds) / 2)
            if start < middle { largest = (id, range, middle, expected) }
        }
        guard let largest else { return false }
        let halves = [
            TimeRange(start: largest.range.start, end: largest.middle), TimeRange(start: largest.middle, end: largest.range.end),
        ]
        let half = Guess(rows: largest.expected.rows / 2)
        inFlight[largest.id] = .walk(halves[0], expected: half)
        ready.append(.walk(halves[1], expected: half))
        return true
    }
}

// MARK: Walking

extension RangeWalk {
    /// Whether the count and the rows of a first page contradict each other: it has more rows than its count; fewer, although it has room
    /// for them and no page follows; or none, although a page follows. Servers count and read in two steps, and a row may come or go
    /// between them.
    private func isMiscounted(_ response: ListResponse, pageSize: Int) -> Bool {
        guard !response.rows.isEmpty else { return response.hasNext == true }
        return response.rows.count > response.count
            || response.rows.count < min(response.count, largestPage, pageSize) && response.hasNext != true
    }
}

extension RangeWalk {
    /// Takes the first page of a range, which may have been shortened since it was requested.
    private mutating func take(_ response: ListResponse, of range: TimeRange, expected: Guess?, asked: ListQuery) -> [WalkStep] {
        if countBefore == nil {
            countBefore = response.count
            budget.counted(response.count)
        }
        defer { largestPage = max(largestPage, response.rows.count) }
        // A page with room for more rows contradicts itself if it either counts more rows than it has or names a next page, but not
        // both. Further requests would not help; the count of the whole window will show whether something is missing.
        let hasRoom = response.rows.count < largestPage || response.rows.isEmpty
        let isAtOdds = !response.isWhole && hasRoom && (response.hasNext != true || response.rows.count >= response.count)
        if isAtOdds { isOnlyAnswerSound = false }
        if response.isWhole || isAtOdds { return [keep(response, in: range)] }
        // After a repair, differences are located by counts alone: the server may honour the order only for a while.
        if rounds > 1 { return cut(range, response) }
        guard response.isAscending, ordering != .ignored, let last = response.rows.last?.startedAt else {
            return distrust() + cut(range, response)
        }
        // Rows of one instant show no order. If they are outside the range, it is cut.
        let showsOrder = ordering == .honoured || response.rows.first.map { $0.startedAt < last } ?? false
        if !showsOrder, !range.contains(last) { return cut(range, response) }
        // The page has all rows before the last instant, but maybe not all of that instant.
        if last >= range.end { return [keep(response, in: range, isOnTrust: true)] }
        guard let previous = response.rows.last(where: { $0.startedAt < last })?.startedAt,
            range.start.map({ previous >= $0 }) ?? true
        else {
            // Rows of the microsecond before the range may fill a page too. They show that the server includes the bound, so the range
            // is requested with its exact start.
            if let after = asked.after, last == after, last < range.start ?? last {
                ready.insert(.walk(range, expected: expected, isExact: true), at: 0)
                return []
            }
            return walkInstant(range.start.map { max($0, last) } ?? last, of: range, left: response.count - response.rows.count)
        }
        // No row is on a bound between two rows, so the counts on both sides are the same on every server.
        let bound = Instant(microseconds: previous.microseconds + (last.microseconds - previous.microseconds + 1) / 2)
        let left = response.count - response.rows.count
        let rest = TimeRange(start: bound, end: range.end)
        ready.insert(.walk(rest, expected: share(of: left, in: rest, asked: asked)), at: 0)
        let step = keep(response, in: TimeRange(start: range.start, end: bound), isOnTrust: true)
        if ordering == .unknown, !hasAskedNewest {
            hasAskedNewest = true
            ready.insert(.askNewest(seen: last), at: 0)
            horizon = Self.horizon(of: range, left: left, after: response.rows)
        }
        return [step]
    }

    /// The estimated share of the remaining rows in a range that was shortened since it was requested, assuming an even density.
    private func share(of left: Int, in rest: TimeRange, asked: ListQuery) -> Guess {
        guard let start = rest.start, rest.end < asked.before else { return Guess(rows: left, isCounted: true) }
        let end = horizon.map { rest.end < $0 ? min($0, asked.before) : asked.before } ?? asked.before
        let part = Double(rest.end.microseconds - start.microseconds) / Double(end.microseconds - start.microseconds)
        return Guess(rows: Int(Double(left) * part))
    }

    /// Where the rows of a range end if they continue at the density of its beginning. `nil` if that is after the range.
    private static func horizon(of range: TimeRange, left: Int, after rows: [RowKey]) -> Instant? {
        guard let first = rows.first?.startedAt, let last = rows.last?.startedAt else { return nil }
        let length = Double(last.microseconds - first.microseconds) / Double(rows.count) * Double(left)
        return length < Double(range.end.microseconds - last.microseconds) ? last.later(by: Int64(length)) : nil
    }

    /// Takes the response with the newest row, which shows whether the server honours `ordering`.
    private mutating func judgeOrdering(_ response: ListResponse, seen: Instant) -> [WalkStep] {
        guard ordering == .unknown, let newest = response.rows.first?.startedAt else { return [] }
        if newest < seen { return distrust() }
        ordering = .honoured
        horizon = newest
        return []
    }

    /// Fetches again every range that counted as complete only because the server seemed to honour `ordering`.
    private mutating func distrust() -> [WalkStep] {
        guard ordering != .ignored else { return [] }
        ordering = .ignored
        return ledger.pieces.filter(\.isOnTrust).flatMap { piece in
            ready.append(.walk(piece.range, expected: Guess(rows: piece.seen)))
            return ledger.remove(in: piece.range).map { WalkStep.drop(piece: $0) }
        }
    }

    /// Makes a range a piece with the rows of a response that has all of them.
    private mutating func keep(_ response: ListResponse, in range: TimeRange, isOnTrust: Bool = false) -> WalkStep {
        var identities: Set<RowKey.Identity> = []
        let rows = response.rows.indices.filter {
            domain.counts(response.rows[$0], in: range) && identities.insert(response.rows[$0].identity).inserted
        }
        budget.kept(rows.count, counted: rows.count)
        let written = rows.filter { domain.wants(response.rows[$0]) }.sorted { response.rows[$0] < response.rows[$1] }
        return .keep(rows: written, piece: ledger.add(range, seen: rows.count, written: written.count, isOnTrust: isOnTrust))
    }

    private mutating func cut(_ range: TimeRange, _ response: ListResponse) -> [WalkStep] {
        guard let pieces = RangeSplit.pieces(of: range, count: response.count, rows: response.rows) else {
            return walkInstant(range.start ?? range.end, of: range, left: nil)
        }
        ready.insert(contentsOf: pieces.map { .walk($0, expected: Guess(rows: response.count / pieces.count)) }, at: 0)
        return []
    }

    /// Walks an instant that has more rows than a page by page number, and the rest of the range as before.
    /// - Parameter left: The maximum number of rows after the instant, if known.
    private mutating func walkInstant(_ instant: Instant, of range: TimeRange, left: Int?) -> [WalkStep] {
        let single = TimeRange(start: instant, end: instant.later(by: 1))
        if single.end < range.end {
            let rest = left.map { Guess(rows: $0, isCounted: true) }
            ready.insert(.walk(TimeRange(start: single.end, end: range.end), expected: rest), at: 0)
        }
        if range.start != instant {
            let before = TimeRange(start: range.start, end: instant)
            if ordering == .honoured {
                // The page began with this instant, so there is nothing before it.
                _ = ledger.add(before, seen: 0, written: 0, isOnTrust: true)
            } else {
                ready.insert(.walk(before, expected: nil), at: 0)
            }
        }
        let piece = ledger.add(single, seen: 0, written: 0).id
        unions[piece] = PageUnion(range: single, pageSize: pageSize, canShrink: canShrink)
        ready.insert(.unionPages(piece: piece, 1...1), at: 0)
        return []
    }

    private mutating func takeUnion(_ response: ListResponse, page: Int, piece: Int, pageSize: Int) -> [WalkStep] {
        guard var union = unions[piece], union.pageSize == pageSize else { return [] }
        let (fresh, verdict) = union.receive(response, page: page)
        unions[piece] = union
        let counted = fresh.filter { domain.counts(response.rows[$0], in: union.range) }
        // Deleted rows are requested too, but not counted, so there may be any number of them.
        budget.kept(fresh.count, counted: counted.count)
        let written = counted.filter { domain.wants(response.rows[$0]) }
        ledger.add(seen: counted.count, written: written.count, to: piece)
        var steps: [WalkStep] = written.isEmpty ? [] : [.add(rows: written, piece: piece)]
        switch verdict {
        case .waiting, .complete, .unsettled: break
        // Ahead of the ranges, which would otherwise keep all slots busy first, so that the walk had to wait for these pages alone at the
        // end.
        case .pages(let pages): ready.insert(.unionPages(piece: piece, pages), at: 0)
        case .restart:
            ledger.empty(piece)
            steps.append(.drop(piece: piece))
            ready.insert(.unionPages(piece: piece, 1...1), at: 0)
        }
        return steps
    }
}
