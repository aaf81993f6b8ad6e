/// A walk by page number that requests all pages at once, for a set that is known not to change.
///
/// The proof is the same count on every page and as many distinct ids. If that fails, several passes are united. A set that keeps changing
/// is left unsettled.
public struct PageWalk: WindowWalk {
    private let domain: WalkDomain
    private var union: PageUnion
    /// The number of rows seen, and the number of them that are written.
    private var (seen, written) = (0, 0)
    private var ready: [ClosedRange<Int>] = [1...1]
    private var inFlight: [Int: Int] = [:]
    private var lastRequest = 0
    private var budget = WalkBudget()
    public private(set) var excess: WalkBudgetExceeded?
    public let ordering = OrderingSupport.unknown
    public var countBefore: Int? { union.firstCount }
    /// Always `nil`, because only the last page proves the set.
    public var presumedOutcome: WalkOutcome? { nil }
    /// The outcome. Pages of an abandoned size may still be in flight when the set is complete.
    public var outcome: WalkOutcome? { inFlight.isEmpty ? found : nil }
    private var found: WalkOutcome?

    /// Creates a walk over a window by page number.
    /// - Parameter pageSize: The number of rows per page.
    public init(over window: TimeRange, filters: Filters, pageSize: Int) {
        domain = WalkDomain(window: window, deletedRows: filters.deletedRows)
        union = PageUnion(range: domain.range, pageSize: pageSize, canShrink: filters.isChangeable)
    }

    public mutating func nextRequest() -> WalkRequest? {
        guard !ready.isEmpty else { return nil }
        let pages = ready.removeFirst()
        let page = pages.lowerBound
        if page < pages.upperBound { ready.insert(page + 1...pages.upperBound, at: 0) }
        lastRequest += 1
        inFlight[lastRequest] = page
        return WalkRequest(id: lastRequest, query: domain.unionQuery(domain.range, page: page, pageSize: union.pageSize))
    }

    public mutating func receive(_ response: ListResponse, for request: WalkRequest) -> [WalkStep] {
        guard let page = inFlight.removeValue(forKey: request.id), request.query.pageSize == union.pageSize else { return [] }
        guard excess == nil else { return [] }
        let (fresh, verdict) = union.receive(response, page: page)
        seen += fresh.count
        budget.counted(union.count ?? 0)
        budget.kept(fresh.count, counted: fresh.count)
        budget.answered(rows: response.rows.count)
        if verdict != .complete, let exceeded = budget.excess {
            (excess, ready) = (exceeded, [])
            return []
        }
        let wanted = fresh.filter { domain.wants(response.rows[$0]) }
        written += wanted.count
        var steps: [WalkStep] = wanted.isEmpty ? [] : [.add(rows: wanted, piece: 1)]
        switch verdict {
        case .waiting: break
        case .pages(let pages): ready.append(pages)
        case .restart: steps.append(restart())
        case .complete, .unsettled: finish(countAfter: response.count)
        }
        return steps
    }

    public mutating func shrinkPages(after request: WalkRequest) -> [WalkStep]? {
        guard inFlight.removeValue(forKey: request.id) != nil, request.query.pageSize == union.pageSize, excess == nil else {
            return []
        }
        guard union.pageSize > 1 else { return nil }
        union.begin(pageSize: union.pageSize / 2)
        return [restart()]
    }

    private mutating func restart() -> WalkStep {
        (seen, written) = (0, 0)
        ready = [1...1]
        return .drop(piece: 1)
    }

    /// Returns false: all pages are requested at once, so there is nothing to split.
    public mutating func split() -> Bool { false }

    private mutating func finish(countAfter: Int) {
        let left = seen - written
        found = WalkOutcome(
            pieces: [1],
            isProved: union.isComplete,
            proof: Proof(
                walk: FetchSettings.WalkKind.pages.rawValue, countBefore: max(0, (union.firstCount ?? countAfter) - left),
                countAfter: max(0, countAfter - left), distinctIDs: written, rounds: union.passes, repaired: 0)
        )
    }
}
