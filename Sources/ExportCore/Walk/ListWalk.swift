/// A walk that asks for whole lists, without pages, where the service has them: one request brings some thousand rows.
///
/// Nothing bounds such an answer but what was counted, so a range is counted first, and a list is asked for only where it holds few
/// enough rows; else the range is cut. What lists do not bring, a range walk fetches by pages, and it proves the whole: where the service
/// answers with a page, a list has more or fewer rows than were counted, or such answers fail.
public struct ListWalk: WindowWalk {
    private let domain: WalkDomain
    /// Asks for the first page, takes what lists do not bring, and counts the whole in the end.
    private var paged: RangeWalk
    private let makePaged: @Sendable (WalkCheckpoint) -> RangeWalk
    private var phase = Phase.beginning
    /// Whether the deployment has such lists.
    public private(set) var lists: ListSupport
    /// Rows of a list at most.
    private var limit: Int
    private var ledger = PieceLedger()
    private var counted: Int?
    private var ready: [Job] = []
    private var inFlight: [Int: Job] = [:]
    private var lastRequest = 0
    /// Counts and lists that may be asked for yet: a service that contradicts itself is not asked for ever.
    private var requestsLeft = 0
    private var found: WalkOutcome?

    private enum Phase: Sendable {
        /// The first page has not come.
        case beginning
        case lists
        /// All else is left to the range walk.
        case pages
    }

    private enum Job: Sendable {
        case paged(WalkRequest)
        case count(TimeRange)
        case list(TimeRange, count: Int)
    }

    /// How full a list is meant to be where a range is cut.
    private static let fill = 0.7

    /// Creates a walk over a window.
    /// - Parameters:
    ///   - limit: Rows of a list at most.
    ///   - lists: What is known of the deployment, from other windows.
    public init(
        over window: TimeRange, filters: Filters, pageSize: Int, ordering: OrderingSupport = .unknown, limit: Int,
        lists: ListSupport = .unknown
    ) {
        domain = WalkDomain(window: window, deletedRows: filters.deletedRows)
        paged = RangeWalk(over: window, filters: filters, pageSize: pageSize, ordering: ordering)
        makePaged = { checkpoint in
            RangeWalk(over: window, filters: filters, pageSize: pageSize, ordering: ordering, checkpoint: checkpoint)
        }
        self.limit = limit
        self.lists = lists
        if lists == .ignored { phase = .pages }
    }

    public var ordering: OrderingSupport { paged.ordering }
    public var countBefore: Int? { counted ?? paged.countBefore }
    public var presumedOutcome: WalkOutcome? { phase == .pages ? paged.presumedOutcome : nil }
    public var outcome: WalkOutcome? { found ?? (phase == .pages ? paged.outcome : nil) }
    public var excess: WalkBudgetExceeded? { paged.excess }

    public mutating func nextRequest() -> WalkRequest? {
        if phase == .lists {
            guard !ready.isEmpty else { return nil }
            let job = ready.removeFirst()
            requestsLeft -= 1
            return send(job, query(for: job))
        }
        return paged.nextRequest().map { send(.paged($0), $0.query) }
    }

    private mutating func send(_ job: Job, _ query: ListQuery) -> WalkRequest {
        lastRequest += 1
        inFlight[lastRequest] = job
        return WalkRequest(id: lastRequest, query: query)
    }

    private func query(for job: Job) -> ListQuery {
        switch job {
        case .paged(let request): return request.query
        case .count(let range): return domain.count(range)
        case .list(let range, _):
            // Where `paginate` is ignored, a page of the usual size comes.
            var query = domain.query(range, pageSize: 100)
            query.isUnpaginated = true
            return query
        }
    }

    public mutating func receive(_ response: ListResponse, for request: WalkRequest) -> [WalkStep] {
        guard let job = inFlight.removeValue(forKey: request.id) else { return [] }
        var steps: [WalkStep] = []
        switch job {
        case .paged(let page):
            guard phase == .beginning, mayBeListed(response) else {
                if phase == .beginning { phase = .pages }
                return paged.receive(response, for: page)
            }
            (counted, phase) = (response.count, .lists)
            requestsLeft = 16 + 4 * (response.count / max(1, limit) + 1)
            ask(domain.range, count: response.count)
        case .count(let range):
            if response.count == 0 {
                steps = [.keep(rows: [], piece: ledger.add(range, seen: 0, written: 0))]
            } else {
                ask(range, count: response.count)
            }
        case .list(let range, let count):
            if !response.isList { lists = .ignored } else if lists == .unknown { lists = .honoured }
            // Pages find out what there is where the list does not say what was counted.
            if response.isList, response.rows.count == count { steps = [keep(response, in: range)] }
        }
        endListsIfIdle()
        return steps
    }

    /// Whether the rows of the window are asked for as lists, by the first page of them.
    private func mayBeListed(_ response: ListResponse) -> Bool {
        !response.isWhole && response.count > response.rows.count && !response.rows.isEmpty
    }

    /// Asks for the rows of a range that was counted, or for the counts of its parts.
    private mutating func ask(_ range: TimeRange, count: Int) {
        guard count > limit else { return ready.append(.list(range, count: count)) }
        let parts = Int((Double(count) / (Double(limit) * Self.fill)).rounded(.up))
        cut(range, into: max(2, parts))
    }

    /// Has the parts of a range counted. One that cannot be cut, or would be cut too often, is left to pages.
    private mutating func cut(_ range: TimeRange, into parts: Int) {
        guard let start = range.start else {
            // Where a range has no start, what is older than all services is one part.
            let bound = min(Instant(seconds: 0), range.end.earlier(by: 1))
            ready += [.count(TimeRange(start: nil, end: bound)), .count(TimeRange(start: bound, end: range.end))]
            return
        }
        let width = range.end.microseconds - start.microseconds
        let parts = min(Int64(parts), width, Int64(max(0, requestsLeft / 2)))
        guard parts > 1 else { return }
        let bounds =
            [start] + (1..<parts).map { RangeSplit.offGrid(start.later(by: width / parts * $0), step: width / parts) } + [range.end]
        ready += zip(bounds, bounds.dropFirst()).map { .count(TimeRange(start: $0, end: $1)) }
    }

    private mutating func keep(_ response: ListResponse, in range: TimeRange) -> WalkStep {
        var places: Set<RowKey.Place> = []
        let rows = response.rows.indices.filter {
            domain.counts(response.rows[$0], in: range) && places.insert(response.rows[$0].place).inserted
        }
        let written = rows.filter { domain.wants(response.rows[$0]) }.sorted { response.rows[$0] < response.rows[$1] }
        return .keep(rows: written, piece: ledger.add(range, seen: rows.count, written: written.count))
    }

    public mutating func shrinkPages(after request: WalkRequest) -> [WalkStep]? {
        guard let job = inFlight.removeValue(forKey: request.id) else { return [] }
        switch job {
        case .paged(let page):
            // Rows that are too large for a page are too large for a list.
            if phase == .beginning { phase = .pages }
            return paged.shrinkPages(after: page)
        case .count: return nil
        case .list(let range, let count):
            limit = min(limit, count / 2)
            // A list of hardly more than a page saves nothing.
            if limit >= Self.smallestList { cut(range, into: 2) }
            endListsIfIdle()
            return []
        }
    }

    private static let smallestList = 200

    public mutating func split() -> Bool { phase == .pages && paged.split() }

    /// Where no list is out and none is left to ask for, the window is done, or the rest is left to pages.
    private mutating func endListsIfIdle() {
        guard phase == .lists else { return }
        if lists == .ignored || limit < Self.smallestList || requestsLeft <= 0 { ready = [] }
        guard ready.isEmpty, inFlight.isEmpty else { return }
        let counted = counted ?? ledger.seen
        // One answer is one snapshot, and it held as many rows as were counted.
        if ledger.pieces.count == 1, let piece = ledger.pieces.first, piece.range == domain.range, piece.seen == counted {
            let outside = piece.seen - piece.written
            found = WalkOutcome(
                pieces: [piece.id], isProved: true,
                proof: Proof(
                    walk: FetchSettings.WalkKind.ranges.rawValue, countBefore: max(0, counted - outside),
                    countAfter: max(0, piece.seen - outside), distinctIDs: piece.written, rounds: 1, repaired: 0))
            return
        }
        phase = .pages
        paged = makePaged(WalkCheckpoint(pieces: ledger.pieces, countBefore: counted))
    }
}

/// Whether a deployment answers with a list without pages, where it is asked for one.
public enum ListSupport: Sendable, Hashable {
    case unknown, honoured, ignored
}
