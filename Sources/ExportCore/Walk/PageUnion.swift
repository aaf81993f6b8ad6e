/// A set of rows walked by page number, pass after pass, until as many of them are there as the server counts.
///
/// Pages are OFFSET windows over a live set, so a single pass can lose a row and repeat another. Asked in the order of `id` and
/// with deleted rows, the set cannot shrink and new rows come last; whatever a pass still loses, a later one brings.
struct PageUnion: Sendable {
    let range: TimeRange
    /// The same within a pass, else the numbers of pages would mean nothing.
    private(set) var pageSize: Int
    /// Whether a filter is on something that changes: then a row may leave and another enter between two pages and the count come
    /// out right all the same. So a union that adds up is whole only once all its rows have been seen again and no other: had one
    /// of them left, the row in whose place it was counted would have come to light.
    private let canShrink: Bool

    /// The count of the first page of all.
    private(set) var firstCount: Int?
    /// The count of the pass under way, from its first page.
    private(set) var count: Int?
    /// All rows, those among them that bounds asked for wide have brought in from outside.
    private var places: Set<RowKey.Place> = []
    /// Rows that have not been seen again since there were as many as the server counts. Nil: there are not.
    private var unconfirmed: Set<RowKey.Place>?
    private(set) var passes = 0
    private(set) var isComplete = false
    /// Whether the set did not hold still: walking it again would fare no better.
    private(set) var isGivenUp = false

    private var pagesLeft = 0
    /// The last page, by the count of the pass under way.
    private var lastPage = 1
    /// Rows of the first page of the pass under way.
    private var fullPage = 0
    private var isStill = true
    private var foundInPass = 0
    private var confirmedInPass = 0
    private var idlePasses = 0
    private var restarts = 0
    private var passesInAll = 0
    private var restlessPasses = 0

    /// Passes that bring and confirm nothing after which a union is given up. A server that gives ties in random order shows the last row
    /// in a pass with a chance of 63 % at least: one in 150,000 such sets is given up too early.
    private static let idleLimit = 12
    /// How often a union is begun anew because its set changed.
    private static let restartLimit = 4
    /// Passes at most, whatever they bring: a set that grows all the time would be walked for ever.
    private static let passLimit = 32
    /// Consecutive passes in which the set changed, after which the union is given up. By then a row that stayed has almost certainly been
    /// seen, even if the server orders ties at random.
    private static let restlessLimit = 12
    /// Pages of a pass at most. A set with more of them, as a false count may claim, is left unsettled.
    private static let pageLimit = 1_000_000

    init(range: TimeRange, pageSize: Int, canShrink: Bool) {
        self.range = range
        self.pageSize = pageSize
        self.canShrink = canShrink
    }

    enum Verdict: Sendable, Hashable {
        /// Pages of this pass are still out.
        case waiting
        /// Ask for these pages.
        case pages(ClosedRange<Int>)
        /// Forget all rows, then ask for page 1.
        case restart
        case complete
        /// The set does not hold still.
        case unsettled
    }

    /// Begins the union anew, with pages of another size.
    mutating func begin(pageSize: Int) {
        self = PageUnion(range: range, pageSize: pageSize, canShrink: canShrink)
    }

    /// Takes a page of the pass under way, and gives the indices of the rows that are new.
    mutating func receive(_ response: ListResponse, page: Int) -> (fresh: [Int], verdict: Verdict) {
        let fresh = response.rows.indices.filter { places.insert(response.rows[$0].place).inserted }
        foundInPass += fresh.count
        for row in response.rows where unconfirmed?.remove(row.place) != nil { confirmedInPass += 1 }
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
            // A page out of range counts nothing: the set shrank, or the server's page size is not what page 1 showed.
            if response.count != count { isStill = false }
        }
        // The count is too low for what the server itself shows of its pages.
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
        let addsUp = isStill && places.count == count
        if addsUp, !canShrink || (foundInPass == 0 && unconfirmed?.isEmpty == true) {
            isComplete = true
            return .complete
        }
        if !addsUp { unconfirmed = nil } else if unconfirmed == nil || foundInPass > 0 { unconfirmed = places }
        guard passesInAll < Self.passLimit else { return .unsettled }
        restlessPasses = isStill ? 0 : restlessPasses + 1
        guard restlessPasses < Self.restlessLimit else { return .unsettled }
        // More rows than are counted: some have left. Where the count changed meanwhile, some may only have come.
        if isStill, places.count > (count ?? 0) {
            guard restarts < Self.restartLimit else { return .unsettled }
            restarts += 1
            (passes, idlePasses) = (0, 0)
            places.removeAll()
            unconfirmed = nil
            return .restart
        }
        idlePasses = foundInPass + confirmedInPass == 0 && passes > 1 ? idlePasses + 1 : 0
        return idlePasses < Self.idleLimit ? .pages(1...1) : .unsettled
    }
}
