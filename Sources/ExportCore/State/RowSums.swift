/// How many rows of a window the service should count with each predicate, computed from the rows when they were written.
///
/// Part of a window's manifest. A look that asks for counts compares the service's with these.
public struct RowSums: Sendable, Hashable {
    /// Rows.
    public var rows = 0
    /// Negative where the rows do not show it. In one value, since all windows of a destination are held at once.
    private var counts: SIMD8<Int64>

    /// Creates the sums of no rows, from which each predicate can be computed.
    public init() { counts = SIMD8(repeating: 0) }

    /// Rows for which a predicate holds. Nil where the rows do not show it.
    public subscript(predicate: CountPredicate) -> Int? {
        get { counts[predicate.place] < 0 ? nil : Int(counts[predicate.place]) }
        set { counts[predicate.place] = newValue.map { Int64($0) } ?? -1 }
    }

    /// The sum of a measure. Nil where the rows do not show it.
    public subscript(measure: CountMeasure) -> Int? {
        switch measure {
        case .rows: rows
        case .matching(let predicate): self[predicate]
        }
    }

    /// The same with these predicates alone.
    public func limited(to predicates: Set<CountPredicate>) -> RowSums {
        var sums = self
        for predicate in CountPredicate.allCases where !predicates.contains(predicate) { sums[predicate] = nil }
        return sums
    }
}

extension RowSums: Codable {
    private enum CodingKeys: CodingKey {
        case rows, matching
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let matching = try container.decodeIfPresent([String: Int].self, forKey: .matching) ?? [:]
        self.init()
        rows = try container.decode(Int.self, forKey: .rows)
        for predicate in CountPredicate.allCases { self[predicate] = matching[predicate.rawValue] }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        var matching: [String: Int] = [:]
        for predicate in CountPredicate.allCases { matching[predicate.rawValue] = self[predicate] }
        try container.encode(rows, forKey: .rows)
        try container.encode(matching, forKey: .matching)
    }
}

extension RowSums {
    /// Whether all are numbers of rows.
    package var isWithinBounds: Bool {
        rows.isCount && CountPredicate.allCases.allSatisfy { self[$0].map { $0.isCount && $0 <= rows } ?? true }
    }
}
