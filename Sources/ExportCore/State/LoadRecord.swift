/// The result of a load, for metrics and notifications.
public struct LoadRecord: Sendable, Hashable {
    /// The pipeline's name.
    public var pipeline: String
    /// The warehouse, as `--into` names it. Empty if none was chosen.
    public var system: String
    /// When the load began, by this machine's clock.
    public var startedAt: Instant
    /// When the load ended, by this machine's clock.
    public var endedAt: Instant
    /// The exit code of the load alone.
    public var exitCode: Int
    /// The first failure, if the exit code is not 0. `nil` otherwise.
    public var reason: String?
    /// The number of windows in each state. A window counts once, whatever the number of its tables.
    public var windows: [String: Int]
    /// Rows that were loaded.
    public var rows: Int
    /// The number of characters that the warehouse cannot store and that were replaced by U+FFFD.
    public var replacedCharacters: Int

    /// Creates the record of a load.
    public init(
        pipeline: String, system: String, startedAt: Instant, endedAt: Instant, exitCode: Int, reason: String? = nil,
        windows: [String: Int] = [:], rows: Int = 0, replacedCharacters: Int = 0
    ) {
        self.pipeline = pipeline
        self.system = system
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.exitCode = exitCode
        self.reason = reason
        self.windows = windows
        self.rows = rows
        self.replacedCharacters = replacedCharacters
    }
}
