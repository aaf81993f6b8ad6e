/// A set of rows walked by page number, pass after pass, until as many distinct ids are there as the server counts.
///
/// Pages are OFFSET windows over a live set, so a single pass can lose a row and repeat another. Asked in the order of `id` and
/// with deleted rows, the set cannot shrink and new rows come last; whatever a pass still loses, a later one brings.
struct PageUnion: Sendable {
    let range: TimeRange
    /// The same within a pass, else the numbers of pages would mean nothing.
    private(set) var pageSize: Int
    /// Whether a filter is on something that changes: then a row may leave and another enter between two pages and the count come
    /// out right all the same, so a pass that brings nothing new has to confirm it.
    private let canShrink: Bool

    /// The count of the first page of all.
    private(set) var firstCount: Int?
    /// The count of the pass under way, from its first page.
    private(set) var count: Int?
    /// Ids of all rows, those among them that bounds asked for wide have brought in from outside.
    private var ids: Set<Int64> = []
    private(set) var passes = 0
    private(set) var isComplete = false

    private var pagesLeft = 0
    /// By the count of the pass under way.
    private var lastPage = 1
    /// Rows of the first page of the pass under way.
    private var fullPage = 0
    private var isStill = true
    private var foundInPass = 0
    private var idlePasses = 0
    private var restarts = 0
    private var passesInAll = 0

    /// Passes without a new id after which a union that does not add up is given up. Servers that give ties in random order bring
    /// the last few rows by luck.
    private static let idleLimit = 8
    /// How often a union is begun anew because its set changed.
    private static let restartLimit = 4
    /// Passes at most, whatever they bring: a set that grows all the time would be walked for ever.
    private static let passLimit = 32
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
    mutating func receive(_ answer: ListAnswer, page: Int) -> (fresh: [Int], verdict: Verdict) {
        let fresh = answer.rows.indices.filter { ids.insert(answer.rows[$0].id).inserted }
        foundInPass += fresh.count
        if page == 1 {
            isStill = count.map { $0 == answer.count } ?? true
            firstCount = firstCount ?? answer.count
            count = answer.count
            let last = min(answer.rows.isEmpty ? 1 : (answer.count + answer.rows.count - 1) / answer.rows.count, Self.pageLimit)
            (pagesLeft, lastPage, fullPage) = (last - 1, last, answer.rows.count)
            if last > 1 { return (fresh, .pages(2...last)) }
        } else {
            pagesLeft -= 1
            // A page out of range counts nothing: the set shrank, or the server's page size is not what page 1 showed.
            if answer.count != count { isStill = false }
        }
        // The count is too low for what the server itself shows of its pages.
        let isBeyondCount = (page - 1) * fullPage + answer.rows.count > answer.count
        if isBeyondCount || (page == lastPage && answer.hasNext == true) { isStill = false }
        return (fresh, pagesLeft > 0 ? .waiting : endPass())
    }

    private mutating func endPass() -> Verdict {
        defer { foundInPass = 0 }
        passes += 1
        passesInAll += 1
        let isConfirmed = !canShrink || (passes > 1 && foundInPass == 0)
        if isStill, ids.count == count, isConfirmed {
            isComplete = true
            return .complete
        }
        guard passesInAll < Self.passLimit else { return .unsettled }
        if ids.count > (count ?? 0) {
            guard restarts < Self.restartLimit else { return .unsettled }
            restarts += 1
            (passes, idlePasses) = (0, 0)
            ids.removeAll()
            return .restart
        }
        idlePasses = foundInPass == 0 && passes > 1 ? idlePasses + 1 : 0
        return idlePasses < Self.idleLimit ? .pages(1...1) : .unsettled
    }
}
