/// A walk that requests whole lists without pages, if the service has them. One request returns some thousand rows.
///
/// Only the number of rows in a range bounds the size of such a response. So a range is counted first, and a list is requested only if the
/// range has few enough rows. Otherwise it is halved and the halves are counted, until the rows are spread evenly enough to request equal
/// parts. A range walk fetches by pages whatever lists do not return, and proves the whole window: if the service returns a page instead, a
/// list has more or fewer rows than were counted, or such requests fail.
public struct ListWalk: WindowWalk {
    private let domain: WalkDomain
    /// The walk that requests the first page, fetches what lists do not return, and counts the whole window at the end.
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
    /// The remaining budget of counts and lists, so that a service that contradicts itself does not cause endless requests.
    private var requestsLeft = 0
    private var found: WalkOutcome?

    private enum Phase: Sendable {
        /// Waits for the first page.
        case beginning
        case lists
        /// Leaves everything else to the range walk.
        case pages
    }

    private enum Job: Sendable {
        case paged(WalkRequest)
        /// Counts the first part of a range with a known number of rows.
        case count(TimeRange, rest: TimeRange, whole: Int)
        /// Requests one of the lists that make up a range.
        case list(TimeRange, of: Int)
        /// Counts a range whose list failed.
        case recount(TimeRange, of: Int)
    }

    /// A range whose rows are requested as lists, compared with its count.
    private struct Listed {
        let range: TimeRange
        /// The number of rows that its lists must have together.
        var count: Int
        /// The number of lists.
        var lists: Int
        /// The number of lists without a response.
        var left: Int
        var seen = 0
        var isWrong = false
    }

    private var listed: [Listed] = []
    private var failures = 0

    /// The intended fill of a list, as a fraction of the limit, when a range is cut.
    private static let fill = 0.7
    /// Two halves are even if their counts differ by at most this part of their sum.
    private static let unevenness = 0.125
    /// The maximum size of an even half that is cut without further counts, in multiples of the limit. At worst, one list has all its rows.
    private static let mostPerHalf = 4

    /// Creates a walk over a window.
    /// - Parameters:
    ///   - limit: The maximum number of rows in a list.
    ///   - lists: What other windows have shown about the deployment.
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
        case .count(let range, _, _), .recount(let range, _): return domain.count(range)
        case .list(let range, _):
            // A service that ignores `paginate` returns a page of the usual size.
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
            requestsLeft = 16 + 4 * (min(response.count, 1 << 20) / max(1, limit) + 1)
            ask(domain.range, count: response.count)
        case .count(let range, let rest, let whole):
            // If a part has more rows than the whole, pages are used to resolve it.
            if response.count <= whole { steps = ask(range, counted: response.count, rest, left: whole - response.count) }
        case .recount(let range, let place):
            listed[place].left -= 1
            listed[place].count -= response.count
            steps = settle(place)
            if !listed[place].isWrong { again(range, count: response.count) }
        case .list(let range, let place):
            if !response.isList { lists = .ignored } else if lists == .unknown { lists = .honoured }
            steps = take(response, in: range, of: place)
        }
        return steps + endListsIfIdle()
    }

    /// Keeps the rows of a list. A range whose lists do not have the counted rows is left to pages.
    private mutating func take(_ response: ListResponse, in range: TimeRange, of place: Int) -> [WalkStep] {
        listed[place].left -= 1
        listed[place].seen += response.rows.count
        if !response.isList { listed[place].isWrong = true }
        let steps = settle(place)
        return listed[place].isWrong ? steps : [keep(response, in: range)]
    }

    /// Drops the pieces of a range if its lists do not have the counted rows.
    private mutating func settle(_ place: Int) -> [WalkStep] {
        let (seen, count, isDone) = (listed[place].seen, listed[place].count, listed[place].left == 0)
        if seen > count || isDone && seen < count { listed[place].isWrong = true }
        guard listed[place].isWrong else {
            // Lists with the counted rows extend the budget for the other ranges.
            if isDone { requestsLeft += 3 * listed[place].lists }
            return []
        }
        ready.removeAll { if case .list(_, place) = $0 { true } else { false } }
        return ledger.remove(in: listed[place].range).map { .drop(piece: $0) }
    }

    /// Whether the rows of the window are requested as lists, judging by its first page.
    private func mayBeListed(_ response: ListResponse) -> Bool {
        !response.isWhole && response.count > response.rows.count && !response.rows.isEmpty
    }

    /// Requests the rows of a counted range: as a list, or by its halves.
    private mutating func ask(_ range: TimeRange, count: Int) {
        guard count > limit else { return list(range, count: count, in: 1) }
        halve(range, count: count)
    }

    /// Requests the rows of a range whose list failed: in smaller lists, unless these save nothing over pages.
    private mutating func again(_ range: TimeRange, count: Int) {
        failures += 1
        guard count / 2 >= Self.smallestList else { return }
        limit = min(limit, count / 2)
        halve(range, count: count)
    }

    private mutating func halve(_ range: TimeRange, count: Int) {
        guard requestsLeft > 2, let middle = Self.middle(of: range) else { return }
        ready.append(
            .count(
                TimeRange(start: range.start, end: middle), rest: TimeRange(start: middle, end: range.end), whole: count))
    }

    /// The instant at which a range is cut. `nil` if it cannot be cut, so that it is left to pages.
    private static func middle(of range: TimeRange) -> Instant? {
        // If a range has no start, the time before any service existed is one part.
        guard let start = range.start else { return min(Instant(seconds: 0), range.end.earlier(by: 1)) }
        let half = (range.end.microseconds - start.microseconds) / 2
        guard half > 0 else { return nil }
        let middle = RangeSplit.offGrid(start.later(by: half), step: half)
        return start < middle && middle < range.end ? middle : nil
    }

    /// Requests the rows of two halves, of which the first was counted.
    private mutating func ask(_ first: TimeRange, counted: Int, _ rest: TimeRange, left: Int) -> [WalkStep] {
        var steps: [WalkStep] = []
        if counted == 0 { steps = [.keep(rows: [], piece: ledger.add(first, seen: 0, written: 0))] }
        let areEven = Double(abs(counted - left)) <= Self.unevenness * Double(counted + left)
        // The rest was not counted. If it seems to have no rows, pages verify that.
        for (range, count) in [(first, counted), (rest, left)] where count > 0 {
            if areEven, count > limit, count <= Self.mostPerHalf * limit, range.start != nil {
                list(range, count: count, in: Int((Double(count) / (Double(limit) * Self.fill)).rounded(.up)))
            } else {
                ask(range, count: count)
            }
        }
        return steps
    }

    /// Requests the rows of a range as a number of lists of equal spans.
    private mutating func list(_ range: TimeRange, count: Int, in parts: Int) {
        let parts = Self.parts(of: range, parts)
        listed.append(Listed(range: range, count: count, lists: parts.count, left: parts.count))
        ready += parts.map { .list($0, of: listed.count - 1) }
    }

    private static func parts(of range: TimeRange, _ number: Int) -> [TimeRange] {
        guard let start = range.start, number > 1 else { return [range] }
        let width = range.end.microseconds - start.microseconds
        let number = min(Int64(number), width)
        let bounds =
            [start] + (1..<max(1, number)).map { RangeSplit.offGrid(start.later(by: width / number * $0), step: width / number) }
            + [range.end]
        return zip(bounds, bounds.dropFirst()).map { TimeRange(start: $0, end: $1) }
    }

    private mutating func keep(_ response: ListResponse, in range: TimeRange) -> WalkStep {
        var identities: Set<RowKey.Identity> = []
        let rows = response.rows.indices.filter {
            domain.counts(response.rows[$0], in: range) && identities.insert(response.rows[$0].identity).inserted
        }
        let written = rows.filter { domain.wants(response.rows[$0]) }.sorted { response.rows[$0] < response.rows[$1] }
        return .keep(rows: written, piece: ledger.add(range, seen: rows.count, written: written.count))
    }

    public mutating func shrinkPages(after request: WalkRequest) -> [WalkStep]? {
        guard let job = inFlight.removeValue(forKey: request.id) else { return [] }
        switch job {
        case .paged(let page):
            // Rows that exceed the size of a page also exceed that of a list.
            if phase == .beginning { phase = .pages }
            return paged.shrinkPages(after: page)
        case .count, .recount: return nil
        case .list(let range, let place) where range == listed[place].range:
            let count = listed[place].count
            (listed[place].left, listed[place].count, listed[place].lists) = (0, 0, 0)
            again(range, count: count)
        case .list(let range, let place): ready.append(.recount(range, of: place))
        }
        return endListsIfIdle()
    }

    private static let smallestList = 200
    /// The number of failed lists after which everything else is left to pages.
    private static let mostFailures = 3

    public mutating func split() -> Bool { phase == .pages && paged.split() }

    /// Ends the window, or leaves the rest to pages, if no list is in flight or left to request.
    private mutating func endListsIfIdle() -> [WalkStep] {
        guard phase == .lists else { return [] }
        if lists == .ignored || failures > Self.mostFailures || requestsLeft <= 0 { ready = [] }
        guard ready.isEmpty, inFlight.isEmpty else { return [] }
        let steps = listed.indices.filter { listed[$0].left > 0 || listed[$0].isWrong }.flatMap { place in
            listed[place].isWrong = true
            return settle(place)
        }
        let counted = counted ?? ledger.seen
        // A response is a snapshot, and it held as many rows as were counted.
        if ledger.pieces.count == 1, let piece = ledger.pieces.first, piece.range == domain.range, piece.seen == counted {
            let outside = piece.seen - piece.written
            found = WalkOutcome(
                pieces: [piece.id], isProved: true,
                proof: Proof(
                    walk: FetchSettings.WalkKind.ranges.rawValue, countBefore: max(0, counted - outside),
                    countAfter: max(0, piece.seen - outside), distinctIDs: piece.written, rounds: 1, repaired: 0))
            return steps
        }
        phase = .pages
        paged = makePaged(WalkCheckpoint(pieces: ledger.pieces, countBefore: counted))
        return steps
    }
}

/// Whether a deployment supports lists without pages.
public enum ListSupport: Sendable, Hashable {
    case unknown, honoured, ignored
}
