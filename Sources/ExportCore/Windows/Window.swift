/// A part of the declared span that is exported, proved and committed as a whole.
///
/// ```swift
/// let window = Window(
///     key: "2026-11-01",
///     range: TimeRange(start: Instant(iso8601: "2026-11-01T00:00:00Z"), end: Instant(iso8601: "2026-11-02T00:00:00Z")!),
///     paths: ["conversations/dt=2026-11-01/conversations.ndjson.gz"])
/// ```
public struct Window: Sendable, Hashable {
    /// The key of the window, which names its manifest: `2026-11-01`, `2026-11-01T05`, `2026-W45`, `2026-11`, `all`.
    ///
    /// With several agents, it begins with the agent's name: `shop-eu@2026-11-01`.
    public let key: String
    /// The name of the agent that the conversations belong to. `nil` if the pipeline has a single key.
    public let agent: String?
    /// The half-open span whose rows belong to the window.
    public var range: TimeRange
    /// The paths of the window's files relative to the destination, one for each output, in their order.
    public private(set) var paths: [String]

    /// Creates a window of a plan.
    /// - Parameter key: The key of the span, without the agent's name.
    public init(key: String, agent: String? = nil, range: TimeRange, paths: [String]) {
        self.key = agent.map { "\($0)\(Self.agentEnd)\(key)" } ?? key
        self.agent = agent
        self.range = range
        self.paths = paths
    }

    /// Returns the window with other paths.
    public func with(paths: [String]) -> Window {
        var window = self
        window.paths = paths
        return window
    }

    /// The separator after an agent's name in a key.
    private static let agentEnd: Unicode.Scalar = "@"

    /// Splits a window's key into the agent's name and the key of the span.
    public static func parts(ofKey key: String) -> (agent: String?, span: Substring) {
        guard let end = key.unicodeScalars.lastIndex(of: agentEnd) else { return (nil, key[...]) }
        return (String(key[..<end]), Substring(key.unicodeScalars[end...].dropFirst()))
    }
}

/// The length of the windows into which the declared span is divided.
public enum WindowLength: String, Sendable, Hashable, CaseIterable {
    case hour, day, week, month, all

    /// The length of the windows with keys of this form.
    public init(ofKey key: String) {
        let key = Window.parts(ofKey: key).span
        self =
            if key == Self.all.rawValue { .all } else if key.containsExactly("T") { .hour } else if key.containsExactly("W") {
                .week
            } else {
                key.utf8.count == 7 ? .month : .day
            }
    }
}
