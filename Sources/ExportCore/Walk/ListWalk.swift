/// A walk that asks for whole lists, without pages, where the service has them: one request brings some thousand rows.
///
/// Nothing bounds such an answer but how many rows a range has, so a range is counted first, and a list is asked for only where it holds
/// few enough of them; else it is halved and its halves are counted, until the rows are spread evenly enough to be asked for in equal
/// parts. What lists do not bring, a range walk fetches by pages, and it proves the whole: where the service answers with a page, lists
/// have more or fewer rows than were counted, or such answers fail.
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
        /// Counts the first part of a range that holds so many rows.
        case count(TimeRange, rest: TimeRange, whole: Int)
        /// One of the lists that bring a range.
        case list(TimeRange, of: Int)
        /// Counts a range whose list failed.
        case recount(TimeRange, of: Int)
    }

    /// A range whose rows come as lists, and whether they brought what was counted.
    private struct Listed {
        let range: TimeRange
        /// The rows that its lists have to bring, all together.
        var count: Int
        /// How many lists they are, and how many of them have not come.
        var lists: Int
        var left: Int
        var seen = 0
        var isWrong = false
    }

    private var listed: [Listed] = []
    private var failures = 0

    /// How full a list is meant to be where a range is cut.
    private static let fill = 0.7
    /// Two halves are even if their counts differ by at most this part of their sum.
    private static let unevenness = 0.125
    /// An even half is cut without further counts if it has at most so many times the rows of a list. At worst, one list brings them all.
    private static let mostPerHalf = 4

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
        case .count(let range, _, _), .recount(let range, _): return domain.count(range)
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
            requestsLeft = 16 + 4 * (min(response.count, 1 << 20) / max(1, limit) + 1)
            ask(domain.range, count: response.count)
        case .count(let range, let rest, let whole):
            // Pages find out what there is where a part has more rows than the whole.
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

    /// Keeps the rows of a list. Pages find out what there is where the lists of a range do not bring what was counted.
    private mutating func take(_ response: ListResponse, in range: TimeRange, of place: Int) -> [WalkStep] {
        listed[place].left -= 1
        listed[place].seen += response.rows.count
        if !response.isList { listed[place].isWrong = true }
        let steps = settle(place)
        return listed[place].isWrong ? steps : [keep(response, in: range)]
    }

    /// Drops the pieces of a range if its lists do not bring what was counted.
    private mutating func settle(_ place: Int) -> [WalkStep] {
        let (seen, count, isDone) = (listed[place].seen, listed[place].count, listed[place].left == 0)
        if seen > count || isDone && seen < count { listed[place].isWrong = true }
        guard listed[place].isWrong else {
            // Lists that brought what was counted earn requests for the other ranges.
            if isDone { requestsLeft += 3 * listed[place].lists }
            return []
        }
        ready.removeAll { if case .list(_, place) = $0 { true } else { false } }
        return ledger.remove(in: listed[place].range).map { .drop(piece: $0) }
    }

    /// Whether the rows of the window are asked for as lists, by the first page of them.
    private func mayBeListed(_ response: ListResponse) -> Bool {
        !response.isWhole && response.count > response.rows.count && !response.rows.isEmpty
    }

    /// Asks for the rows of a range that was counted: as a list, or of its halves.
    private mutating func ask(_ range: TimeRange, count: Int) {
        guard count > limit else { return list(range, count: count, in: 1) }
        halve(range, count: count)
    }

    /// Asks for the rows of a range whose list failed: in smaller lists, unless these save nothing over pages.
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

    /// Nil for a range that cannot be cut, which is left to pages.
    private static func middle(of range: TimeRange) -> Instant? {
        // Where a range has no start, what is older than all services is one part.
        guard let start = range.start else { return min(Instant(seconds: 0), range.end.earlier(by: 1)) }
        let half = (range.end.microseconds - start.microseconds) / 2
        guard half > 0 else { return nil }
        let middle = RangeSplit.offGrid(start.later(by: half), step: half)
        return start < middle && middle < range.end ? middle : nil
    }

    /// Asks for the rows of two halves, of which the first was counted.
    private mutating func ask(_ first: TimeRange, counted: Int, _ rest: TimeRange, left: Int) -> [WalkStep] {
        var steps: [WalkStep] = []
        if counted == 0 { steps = [.keep(rows: [], piece: ledger.add(first, seen: 0, written: 0))] }
        let areEven = Double(abs(counted - left)) <= Self.unevenness * Double(counted + left)
        // The rest was not counted: if it seems to have no rows, pages find out.
        for (range, count) in [(first, counted), (rest, left)] where count > 0 {
            if areEven, count > limit, count <= Self.mostPerHalf * limit, range.start != nil {
                list(range, count: count, in: Int((Double(count) / (Double(limit) * Self.fill)).rounded(.up)))
            } else {
                ask(range, count: count)
            }
        }
        return steps
    }

    /// Asks for the rows of a range as so many lists, of equal spans.
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
    /// After so many lists that failed, all else is left to pages.
    private static let mostFailures = 3

    public mutating func split() -> Bool { phase == .pages && paged.split() }

    /// Where no list is out and none is left to ask for, the window is done, or the rest is left to pages.
    private mutating func endListsIfIdle() -> [WalkStep] {
        guard phase == .lists else { return [] }
        if lists == .ignored || failures > Self.mostFailures || requestsLeft <= 0 { ready = [] }
        guard ready.isEmpty, inFlight.isEmpty else { return [] }
        let steps = listed.indices.filter { listed[$0].left > 0 || listed[$0].isWrong }.flatMap { place in
            listed[place].isWrong = true
            return settle(place)
        }
        let counted = counted ?? ledger.seen
        // One answer is one snapshot, and it held as many rows as were counted.
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

/// Whether a deployment answers with a list without pages, where it is asked for one.
public enum ListSupport: Sendable, Hashable {
    case unknown, honoured, ignored
}
