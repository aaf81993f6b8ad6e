/// The proof that a window is complete. Part of its manifest.
///
/// The server's counts are given less what it counted in and the export leaves out, as the walk saw it: rows on a bound of the
/// window that belong to its neighbour, and deleted rows where they are asked for only to be told apart.
public struct Proof: Sendable, Hashable, Codable {
    /// `ranges` or `pages`, or `patch`: then only ranges were fetched whose rows a look had found to differ.
    public var walk: String
    /// The server's count of the window when its export began.
    public var countBefore: Int
    /// The same when it ended.
    public var countAfter: Int
    /// Distinct ids written.
    public var distinctIDs: Int
    /// How often the whole was counted after the walk.
    public var rounds: Int
    /// Ranges that were fetched again because their count disagreed.
    public var repaired: Int

    /// The `walk` of a window of which only the ranges that differed were fetched.
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
