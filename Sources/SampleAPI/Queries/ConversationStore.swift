/// The rows the imitation serves: found by filter and time, ordered, paged, and changed.
struct ConversationStore: Sendable {
    /// All rows, by `started_at`, then `id`.
    private(set) var rows: [SampleRow]
    /// Where the rows of a set of conditions stand, ascending; forgotten with every change.
    private var found: [Set<RowCondition>: [Int]] = [:]
    /// Whole selections in an order other than that of `rows`.
    private var ordered: [OrderedKey: [Int]] = [:]
    private var nextID: Int

    private struct OrderedKey: Hashable {
        let conditions: Set<RowCondition>
        let bounds: Range<Int>
        let order: RowOrder
    }

    /// Which rows the ends of a time range belong to.
    enum Bounds: Sendable {
        case inclusive, exclusive
        /// `[after, before)`, what an export means.
        case halfOpen
    }

    init(_ rows: [SampleRow]) {
        self.rows = rows.sorted { ($0.startedAt, $0.id) < ($1.startedAt, $1.id) }
        nextID = (rows.map(\.id).max() ?? 0) + 1
    }

    /// The places of the rows that match, ascending.
    mutating func matches(_ query: ConversationQuery, bounds: Bounds) -> ArraySlice<Int> {
        let all = matches(query.conditions)
        let start = query.after.map { after in
            all.partition { bounds == .exclusive ? rows[$0].startedAt > after : rows[$0].startedAt >= after }
        }
        let end = query.before.map { before in
            all.partition { bounds == .inclusive ? rows[$0].startedAt > before : rows[$0].startedAt >= before }
        }
        let lower = start ?? 0
        return all[lower..<max(lower, end ?? all.count)]
    }

    private mutating func matches(_ conditions: Set<RowCondition>) -> [Int] {
        if let known = found[conditions] { return known }
        let places = rows.indices.filter { place in conditions.allSatisfy { $0.holds(for: rows[place]) } }
        if found.count >= 64 { found.removeAll() }
        found[conditions] = places
        return places
    }

    /// The places of the rows that match, in order; rows the order does not tell apart come by id.
    mutating func matches(_ query: ConversationQuery, bounds: Bounds, order: RowOrder) -> [Int] {
        let places = matches(query, bounds: bounds)
        if order.terms.first == .init(.startedAt) && order.terms.count == 1 { return Array(places) }
        let key = OrderedKey(conditions: query.conditions, bounds: places.startIndex..<places.endIndex, order: order)
        if let known = ordered[key] { return known }
        let sorted = places.sorted { left, right in
            let result = order.compare(rows[left], rows[right])
            return result != 0 ? result < 0 : rows[left].id < rows[right].id
        }
        if ordered.count >= 16 { ordered.removeAll() }
        ordered[key] = sorted
        return sorted
    }

    func row(id: Int) -> SampleRow? {
        rows.first { $0.id == id }
    }

    /// Changes a row; `change` may touch its variables only. False where there is no such row.
    mutating func update(id: Int, _ change: (inout SampleRow) -> Void) -> Bool {
        guard let place = rows.firstIndex(where: { $0.id == id }) else { return false }
        change(&rows[place])
        rows[place].renderHead()
        forget()
        return true
    }

    /// Changes all rows.
    mutating func updateAll(_ change: (inout SampleRow) -> Void) {
        for place in rows.indices { change(&rows[place]) }
        forget()
    }

    /// Adds a row made by `make` for the next free id.
    mutating func insert(_ make: (Int) -> SampleRow) -> Int {
        let row = make(nextID)
        nextID += 1
        add(row)
        return row.id
    }

    mutating func add(_ row: SampleRow) {
        let place = rows.indices.partition { rows[$0].startedAt > row.startedAt }
        rows.insert(row, at: place)
        forget()
    }

    private mutating func forget() {
        found.removeAll()
        ordered.removeAll()
    }
}

extension RandomAccessCollection where Index == Int {
    /// Where the elements begin for which `isLater` holds; those before it come first.
    fileprivate func partition(_ isLater: (Element) -> Bool) -> Int {
        var (low, high) = (startIndex, endIndex)
        while low < high {
            let middle = low + (high - low) / 2
            if isLater(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
