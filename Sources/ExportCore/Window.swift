/// One piece of the declared span, exported, proved and committed as a whole.
public struct Window: Sendable, Hashable {
    /// What tells the window from its siblings, and names its manifest: `2026-11-01`, `2026-11-01T05`, `2026-W45`, `2026-11`, `all`.
    public let key: String
    public var range: TimeRange
    /// The paths of its files, one for each output, in their order; relative to the destination.
    public let paths: [String]

    public init(key: String, range: TimeRange, paths: [String]) {
        self.key = key
        self.range = range
        self.paths = paths
    }
}

/// How the declared span is cut.
public enum WindowLength: String, Sendable, Hashable, CaseIterable {
    case hour, day, week, month, all

    /// The length of the windows that have such keys.
    public init(ofKey key: String) {
        self =
            if key == Self.all.rawValue { .all } else if key.contains("T") { .hour } else if key.contains("W") { .week } else {
                key.utf8.count == 7 ? .month : .day
            }
    }
}
