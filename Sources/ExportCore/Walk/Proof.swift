/// The proof that a window is complete. Part of its manifest.
///
/// The server's counts exclude rows that it counted but the export leaves out, as seen by the walk: rows on a bound of the window that
/// belong to its neighbour, and deleted rows that are requested only to be filtered out.
public struct Proof: Sendable, Hashable, Codable {
    /// `ranges`, `pages`, or `patch` if only ranges were fetched in which a look had found differences.
    public var walk: String
    /// The server's count of the window when its export began.
    public var countBefore: Int
    /// The server's count of the window when its export ended.
    public var countAfter: Int
    /// The number of distinct ids written.
    public var distinctIDs: Int
    /// How often the whole window was counted after the walk.
    public var rounds: Int
    /// The number of ranges that were fetched again because their count disagreed.
    public var repaired: Int

    /// The `walk` of a window of which only the differing ranges were fetched.
    static let patch = "patch"

    enum CodingKeys: String, CodingKey {
        case walk
        case countBefore = "count_before"
        case countAfter = "count_after"
        case distinctIDs = "distinct_ids"
        case rounds, repaired
    }

    /// Creates a proof from its counts.
    public init(walk: String, countBefore: Int, countAfter: Int, distinctIDs: Int, rounds: Int, repaired: Int) {
        self.walk = walk
        self.countBefore = countBefore
        self.countAfter = countAfter
        self.distinctIDs = distinctIDs
        self.rounds = rounds
        self.repaired = repaired
    }
}
