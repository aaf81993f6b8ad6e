/// How two rows stand to each other in a list.
struct RowOrder: Sendable, Hashable {
    let terms: [ConversationQuery.OrderingTerm]

    /// Negative where `left` comes first, 0 where the terms do not tell. PostgreSQL sorts nulls last, and first when descending.
    func compare(_ left: SampleRow, _ right: SampleRow) -> Int {
        for term in terms {
            let order =
                switch term.field {
                case .id: Self.compare(left.id, right.id)
                case .startedAt: Self.compare(left.startedAt, right.startedAt)
                case .endedAt: Self.compare(left.endedAt, right.endedAt)
                case .customerID: Self.compare(left.customerID, right.customerID)
                case .language: Self.compare(left.language, right.language)
                case .isMarked: Self.compare(left.isMarked ? 1 : 0, right.isMarked ? 1 : 0)
                }
            if order != 0 { return term.descending ? -order : order }
        }
        return 0
    }

    private static func compare<Value: Comparable>(_ left: Value?, _ right: Value?) -> Int {
        switch (left, right) {
        case (nil, nil): 0
        case (nil, _): 1
        case (_, nil): -1
        case (let left?, let right?): left < right ? -1 : left > right ? 1 : 0
        }
    }
}
