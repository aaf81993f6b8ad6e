/// The number of rows of a window that the service should count with each predicate, computed from the rows when they were written.
///
/// Part of a window's manifest. A look by counts compares the service's counts with these.
public struct RowSums: Sendable, Hashable {
    /// Rows.
    public var rows = 0
    /// The counts; negative if the rows do not show a predicate. A vector saves memory, since the sums of all windows of a destination are
    /// held at once.
    private var counts: SIMD8<Int64>

    /// Creates the sums of no rows: each predicate is known to hold for none.
    public init() { counts = SIMD8(repeating: 0) }

    /// The number of rows for which a predicate holds. `nil` if the rows do not show it.
    public subscript(predicate: CountPredicate) -> Int? {
        get { counts[predicate.place] < 0 ? nil : Int(counts[predicate.place]) }
        set { counts[predicate.place] = newValue.map { Int64($0) } ?? -1 }
    }

    /// The sum of a measure. `nil` if the rows do not show it.
    public subscript(measure: CountMeasure) -> Int? {
        switch measure {
        case .rows: rows
        case .matching(let predicate): self[predicate]
        }
    }

    /// Returns the sums with only these predicates.
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
    /// Whether all counts are plausible.
    package var isWithinBounds: Bool {
        rows.isCount && CountPredicate.allCases.allSatisfy { self[$0].map { $0.isCount && $0 <= rows } ?? true }
    }
}
