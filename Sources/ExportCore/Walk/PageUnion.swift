/// A set of rows walked by page number, pass after pass, until it has as many rows as the server counts.
///
/// Pages are OFFSET windows over a changing set, so a single pass can lose a row and repeat another. In the order of `id` and with deleted
/// rows, the set cannot shrink and new rows come last. Rows that one pass still loses are found by a later one.
struct PageUnion: Sendable {
    let range: TimeRange
    /// The number of rows per page. It is constant within a pass, because the page numbers depend on it.
    private(set) var pageSize: Int
    /// Whether a filter is on a changeable value, so that between two pages a row may leave and another enter without changing the count. A
    /// union with the right count is then complete only after all its rows, and no others, have been seen again: if one of them had left,
    /// the row that entered would have appeared.
    private let canShrink: Bool

    /// The count of the very first page.
    private(set) var firstCount: Int?
    /// The count of the current pass, from its first page.
    private(set) var count: Int?
    /// All rows, including those outside the range that its widened bounds brought in.
    private var identities: Set<RowKey.Identity> = []
    /// Rows that have not been seen again since the union had as many rows as the server counts. `nil` before it has.
    private var unconfirmed: Set<RowKey.Identity>?
    private(set) var passes = 0
    private(set) var isComplete = false
    /// Whether the set kept changing, so that walking it again would not help.
    private(set) var isGivenUp = false

    private var pagesLeft = 0
    /// The last page, according to the count of the current pass.
    private var lastPage = 1
    /// The number of rows on the first page of the current pass.
    private var fullPage = 0
    private var isStill = true
    private var foundInPass = 0
    private var confirmedInPass = 0
    private var idlePasses = 0
    private var restarts = 0
    private var passesInAll = 0
    private var restlessPasses = 0

    /// The number of passes without new or confirmed rows after which a union is given up. A server that orders ties at random returns the
    /// last missing row in a pass with a probability of at least 63 %, so one in 150,000 such sets is given up too early.
    private static let idleLimit = 12
    /// How often a union is restarted because its set changed.
    private static let restartLimit = 4
    /// The maximum number of passes, whatever they return: a set that keeps growing would be walked forever.
    private static let passLimit = 32
    /// Consecutive passes in which the set changed, after which the union is given up. By then a row that stayed has almost certainly been
    /// seen, even if the server orders ties at random.
    private static let restlessLimit = 12
    /// The maximum number of pages in a pass. A set with more pages, which a wrong count may claim, is left unsettled.
    private static let pageLimit = 1_000_000

    init(range: TimeRange, pageSize: Int, canShrink: Bool) {
        self.range = range
        self.pageSize = pageSize
        self.canShrink = canShrink
    }

    enum Verdict: Sendable, Hashable {
        /// Pages of this pass are still in flight.
        case waiting
        /// Request these pages.
        case pages(ClosedRange<Int>)
        /// Drop all rows, then request page 1.
        case restart
        case complete
        /// The set keeps changing.
        case unsettled
    }

    /// Restarts the union with pages of another size.
    mutating func begin(pageSize: Int) {
        self = PageUnion(range: range, pageSize: pageSize, canShrink: canShrink)
    }

    /// Takes a page of the current pass, and returns the indices of its new rows.
    mutating func receive(_ response: ListResponse, page: Int) -> (fresh: [Int], verdict: Verdict) {
        let fresh = response.rows.indices.filter { identities.insert(response.rows[$0].identity).inserted }
        foundInPass += fresh.count
        for row in response.rows where unconfirmed?.remove(row.identity) != nil { confirmedInPass += 1 }
        if page == 1 {
            isStill = count.map { $0 == response.count } ?? true
            firstCount = firstCount ?? response.count
            count = response.count
            let last = min(
                response.rows.isEmpty ? 1 : (response.count + response.rows.count - 1) / response.rows.count, Self.pageLimit)
            (pagesLeft, lastPage, fullPage) = (last - 1, last, response.rows.count)
            if last > 1 { return (fresh, .pages(2...last)) }
        } else {
            pagesLeft -= 1
            // A page out of range has no count: the set shrank, or the server's page size is not what page 1 showed.
            if response.count != count { isStill = false }
        }
        // The count is lower than the server's own pages show.
        let isBeyondCount = (page - 1) * fullPage + response.rows.count > response.count
        if isBeyondCount || (page == lastPage && response.hasNext == true) { isStill = false }
        guard pagesLeft <= 0 else { return (fresh, .waiting) }
        let verdict = endPass()
        isGivenUp = verdict == .unsettled
        return (fresh, verdict)
    }

    private mutating func endPass() -> Verdict {
        defer { (foundInPass, confirmedInPass) = (0, 0) }
        passes += 1
        passesInAll += 1
        let addsUp = isStill && identities.count == count
        if addsUp, !canShrink || (foundInPass == 0 && unconfirmed?.isEmpty == true) {
            isComplete = true
            return .complete
        }
        if !addsUp { unconfirmed = nil } else if unconfirmed == nil || foundInPass > 0 { unconfirmed = identities }
        guard passesInAll < Self.passLimit else { return .unsettled }
        restlessPasses = isStill ? 0 : restlessPasses + 1
        guard restlessPasses < Self.restlessLimit else { return .unsettled }
        // More rows than are counted: some have left. If the count changed meanwhile, new rows may be the reason instead.
        if isStill, identities.count > (count ?? 0) {
            guard restarts < Self.restartLimit else { return .unsettled }
            restarts += 1
            (passes, idlePasses) = (0, 0)
            identities.removeAll()
            unconfirmed = nil
            return .restart
        }
        idlePasses = foundInPass + confirmedInPass == 0 && passes > 1 ? idlePasses + 1 : 0
        return idlePasses < Self.idleLimit ? .pages(1...1) : .unsettled
    }
}
