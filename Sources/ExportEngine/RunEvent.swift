public import ExportCore

/// What a run tells of itself while it is under way.
public enum RunEvent: Sendable {
    case started(due: Int, skipped: Int)
    case committed(Manifest)
    case failed(WindowFailure)
    /// Keys that turned up in a window; they are columns from the next window on.
    case newColumns(window: String, names: [String])
}

/// A window that was not committed.
public struct WindowFailure: Sendable, Hashable {
    public let window: String
    /// For people; without content.
    public let reason: String
    public let isWorthTryingAgain: Bool
}

/// What a run came to.
public struct RunReport: Sendable {
    public var summary: RunSummary
    public var failures: [WindowFailure]
    /// Why the run ended before all windows were tried. Nil where they were.
    public var stop: (any Error)?

    /// Whether it ended because its task was cancelled.
    public var isInterrupted: Bool { stop is CancellationError }
}
