import ExportCore
import TestSupport

/// A list of rows behind a page of questions, as the service answers them, in memory.
struct SimulatedServer {
    struct Row: Hashable {
        var id: Int64
        var startedAt: Instant
        var isDeleted = false
        /// Whether the filters hold.
        var matches = true
    }

    enum Order: CaseIterable {
        /// `ordering` is honoured.
        case asked
        case newestFirst, byID, random
    }

    var rows: [Row]
    var order = Order.asked
    var tiesAreRandom = false
    var boundsAreInclusive = true
    var largestPage = 100
    var isDeletedIncluded = false
    /// Added to every count of rows that are there.
    var countIsOff = 0
    /// Whether the count is right where only it is asked for.
    var countIsOffOnPagesOnly = false
    /// Whether a next page is named on the last one too.
    var alwaysNamesNext = false
    /// Whether lists without pages are given, and how many rows of them at most.
    var lists: Lists = .ignored
    var random: SeededRandom

    enum Lists: Hashable {
        case ignored
        case given(atMost: Int = .max)
        /// Lists have the rows of a longer range.
        case tooLong
        /// Lists have one row twice, and lack another.
        case repeating
    }

    mutating func response(_ query: ListQuery) -> ListResponse {
        var matching = rows.filter { row in
            guard row.matches, query.includesDeleted || isDeletedIncluded || !row.isDeleted else { return false }
            if boundsAreInclusive {
                return row.startedAt <= query.before && (query.after.map { row.startedAt >= $0 } ?? true)
            }
            return row.startedAt < query.before && (query.after.map { row.startedAt > $0 } ?? true)
        }
        if tiesAreRandom || order == .random { matching.shuffle(using: &random) }
        switch order {
        case .asked where query.ordering == .startedAt: matching = matching.stablySorted { $0.startedAt < $1.startedAt }
        case .asked where query.ordering == .newestFirst, .newestFirst:
            matching = matching.stablySorted { $0.startedAt > $1.startedAt }
        case .asked, .byID: matching.sort { $0.id < $1.id }
        case .random: break
        }
        if query.isUnpaginated, lists != .ignored {
            if case .given(let limit) = lists { matching = Array(matching.prefix(limit)) }
            if lists == .repeating, let first = matching.first { matching[matching.count / 2] = first }
            if lists == .tooLong, let last = matching.last { matching.append(last) }
            var list = ListResponse(
                count: matching.count, hasNext: false,
                rows: matching.map { RowKey(startedAt: $0.startedAt, id: $0.id, isDeleted: $0.isDeleted) })
            list.isList = true
            return list
        }
        let size = min(query.pageSize, largestPage)
        let first = (query.page - 1) * size
        guard first < matching.count || query.page == 1 else { return ListResponse(count: 0, hasNext: false, rows: []) }
        let page = matching[first..<min(first + size, matching.count)]
        let off = matching.isEmpty || (countIsOffOnPagesOnly && query.isCount) ? 0 : countIsOff
        return ListResponse(
            count: matching.count + off, hasNext: alwaysNamesNext || first + size < matching.count,
            rows: page.map { RowKey(startedAt: $0.startedAt, id: $0.id, isDeleted: $0.isDeleted) })
    }
}

extension Array {
    fileprivate func stablySorted(by areInOrder: (Element, Element) -> Bool) -> [Element] {
        enumerated().sorted { areInOrder($0.element, $1.element) || (!areInOrder($1.element, $0.element) && $0.offset < $1.offset) }
            .map(\.element)
    }
}
