public import ExportCore

/// An event that a run reports while it is in progress.
public enum RunEvent: Sendable {
    /// The run begins: it exports `due` windows and leaves `skipped` alone.
    case started(due: Int, skipped: Int)
    /// The run took over windows that were written under an earlier name of the pipeline.
    case adopted(windows: Int)
    /// Windows are rewritten from stored rows.
    case rendering(windows: Int)
    /// The endpoint of the agent whose windows are in the destination has changed. `agent`: its name, if the pipeline has several.
    case endpointMoved(agent: String?, from: String, to: String)
    /// Windows of an older version do not name their agent, and are assumed to be those of the key's agent.
    case agentLearnt(agent: String?, number: Int64)
    /// A window could not be rewritten from its stored rows, so it is exported again.
    case rowsUnfit(window: String, reason: String)
    /// A window was committed.
    case committed(Manifest)
    /// A window failed.
    case failed(WindowFailure)
    /// Keys were discovered in a window. They are columns from the next window on.
    case newColumns(window: String, names: [String])
    /// Keys were discovered in a stream after its header was written, so they are not columns of it.
    case keysWithoutColumn(window: String, names: [String])
    /// A window came back with none, or less than half, of the rows that the destination has, and was walked once more.
    case fewerRows(FewerRows)
    /// The service returned rows of a window whose id also occurs with another `started_at`.
    case repeatedIDs(window: String, RepeatedIDs)
    /// A window has keys without a column of their own, because the column's name is taken. Their values are in the rest.
    case columnsCollide(window: String, [ColumnCollision])
    /// A window has keys that would exceed the column limits of these tables. Their values are in the rest.
    case columnsFull(window: String, [Table])
    /// This machine's clock and the service's differ.
    case clockSkew(ClockReading)
    /// The windows of several runs are rewritten with the columns that were discovered in any of them.
    case completingColumns
    /// Committed windows are about to be compared with the service.
    case looking(windows: Int)
    /// A committed window was compared with the service.
    case lookedAt(WindowComparison)
    /// A window still differs from the service in the same way after it was exported again. It is not exported once more.
    case differencePersists(window: String)
    /// The service returns fields differently than when they were exported, although nothing has changed. Looks of this kind compare only
    /// ids from now on.
    case fieldsDisagree(window: String, LookKind)
    /// Rows without transcripts lack fields, or show them otherwise than whole rows. Lean looks at this endpoint do not compare these.
    case fieldsUnshared(names: [String])
    /// The file with the limits that earlier runs found is ignored. The limits are determined anew.
    case limitsIgnored(reason: String)
    /// The limits that the run found could not be stored. The next run determines them anew.
    case limitsNotKept(reason: String)
    /// The service's counts agree with the rows of this many windows, by these measures.
    case countsAgree(windows: Int, measures: [CountMeasure])
    /// The service's count of a measure contradicts the rows, so it is no longer compared. `window`: the one that showed it.
    case measureUnused(CountMeasure, window: String?)
    /// This many windows are compared row by row instead of by counts.
    case countsNotUsed(windows: Int)
    /// The service's rows have top-level keys that earlier windows lack. They do not count as a difference, and are reported once.
    case keysNotExported(names: [String])
    /// The progress of the run, reported whenever it changes.
    case progressed(RunSnapshot)
}

/// The progress of a run at one moment.
public struct RunSnapshot: Sendable, Hashable {
    /// Windows to be exported.
    public var windows = 0
    /// Windows that were committed.
    public var committed = 0
    /// Committed windows without a proof.
    public var unsettled = 0
    /// Windows that failed.
    public var failed = 0
    /// The key of the earliest window in progress: begun, and neither committed nor failed.
    public var firstUnderWay: String?
    /// The key of the latest window in progress.
    public var lastUnderWay: String?
    /// Rows of committed windows, and rows fetched so far of windows in progress.
    public var rows = 0
    /// Bytes of the files of committed windows.
    public var bytes = 0
    /// Windows that were compared with the service so far; `windows` then counts those to be compared. `nil` in other phases of the run.
    public var compared: Int?
    /// The completed fraction of the run, from 0 to 1. A window in progress counts by the share of its rows that were fetched.
    public var fraction = 0.0

    /// Creates the progress of a run that has not begun.
    public init() {}
}

/// A window that was not committed, or whose files lack columns.
public struct WindowFailure: Sendable, Hashable {
    /// The window's key.
    public let window: String
    /// A description of the failure, without content of rows.
    public let reason: String
    /// Whether a later run may succeed.
    public let isRetryable: Bool
}

/// The result of a run.
public struct RunReport: Sendable {
    /// The counts of the run.
    public var summary: RunSummary
    /// Windows that failed, and why.
    public var failures: [WindowFailure]
    /// Why the run ended before all windows were tried. `nil` if they were.
    public var stop: (any Error)?
    /// The results of each agent. Empty unless the pipeline has several.
    public var agents: [AgentReport] = []
    /// The declared columns of keys, and whether the written rows had a value in them.
    public var columnUse = ColumnUse()
    /// Committed windows that lack columns discovered after they were written, or that keep rows only until they get them.
    var windowsToComplete: Set<String> = []

    /// Why not everything is committed and proved, in a sentence. `nil` if it is.
    public var reason: String? {
        if isInterrupted { return "interrupted" }
        if let stop { return "\(stop)" }
        let reasons = agents.compactMap { agent in agent.report.reason.map { "agent \(agent.name): \($0)" } }
        if !reasons.isEmpty { return reasons.joined(separator: "; ") }
        guard let first = failures.first else {
            return summary.unsettled > 0 ? "\(summary.unsettled) of \(summary.committed) windows could not be proved" : nil
        }
        let others = failures.count > 1 ? " (and \(failures.count - 1) more)" : ""
        return "window \(first.window)\(others): \(first.reason)"
    }

    /// Whether every window was tried and none failed, for any agent; some may be unsettled.
    var isComplete: Bool { stop == nil && failures.isEmpty && agents.allSatisfy(\.report.isComplete) }

    /// Whether the run ended because its task was cancelled.
    public var isInterrupted: Bool { stop is CancellationError }
}

/// The result of a run for one of several agents.
public struct AgentReport: Sendable {
    /// The agent's name.
    public let name: String
    /// The result of this agent's windows.
    public var report: RunReport
}
