public import ExportCore

/// An event that a run reports while it is in progress.
public enum RunEvent: Sendable {
    case started(due: Int, skipped: Int)
    /// Windows that were written under another name of the pipeline are its own now.
    case adopted(windows: Int)
    /// Windows are written anew from the rows that stand there.
    case rendering(windows: Int)
    /// The agent is the one whose windows stand there, and its endpoint is another. `agent`: its name, of several.
    case endpointMoved(agent: String?, from: String, to: String)
    /// Windows of an older version do not say whose they are: they are taken for those of the key's agent.
    case agentLearnt(agent: String?, number: Int64)
    /// A window was to be written from its rows, and cannot be: it is exported again.
    case rowsUnfit(window: String, reason: String)
    case committed(Manifest)
    case failed(WindowFailure)
    /// Keys that turned up in a window; they are columns from the next window on.
    case newColumns(window: String, names: [String])
    /// Keys that turned up in a stream behind its header, and are columns of none of its rows.
    case keysWithoutColumn(window: String, names: [String])
    /// A window came back with none, or less than half, of the rows that stand for it, and was walked once more.
    case fewerRows(FewerRows)
    /// The service gave ids of a window at two times each.
    case repeatedIDs(window: String, RepeatedIDs)
    /// A window has keys that are no columns, since the names of these are taken: they are in the rest.
    case columnsCollide(window: String, [ColumnCollision])
    /// A window has keys for which these tables have no column left: they are in the rest.
    case columnsFull(window: String, [Table])
    /// This machine's clock and the service's differ.
    case clockSkew(ClockReading)
    /// The windows of several runs are given the columns that turned up in each other.
    case completingColumns
    /// So many committed windows are compared with the service.
    case looking(windows: Int)
    /// A committed window was compared with the service.
    case lookedAt(WindowComparison)
    /// A window differs from the service in the same way as before it was exported again: it is not exported once more.
    case differencePersists(window: String)
    /// The service shows fields otherwise than it did in the export, although nothing has changed: such looks compare ids alone from now on.
    case fieldsDisagree(window: String, LookKind)
    /// The file with the limits that earlier runs found is ignored: the limits are found again.
    case limitsIgnored(reason: String)
    /// The limits that the run found were not written down: the next run finds them again.
    case limitsNotKept(reason: String)
    /// The counts of so many windows agree with their rows, by these measures.
    case countsAgree(windows: Int, measures: [CountMeasure])
    /// The service's count of a measure contradicts the rows, so it is no longer compared. `window`: the one that showed it.
    case measureUnused(CountMeasure, window: String?)
    /// Windows that were to be compared by counts are compared row by row: by their number.
    case countsNotUsed(windows: Int)
    /// The service's rows have top-level keys that windows exported before lack. They are no difference, and told once.
    case keysNotExported(names: [String])
    /// Where the run stands, told whenever something came.
    case progressed(RunSnapshot)
}

/// Where a run stands.
public struct RunSnapshot: Sendable, Hashable {
    /// Those to be exported.
    public var windows = 0
    public var committed = 0
    /// Committed windows without a proof.
    public var unsettled = 0
    public var failed = 0
    /// The earliest and the latest of the windows that are begun, and neither committed nor failed.
    public var firstUnderWay: String?
    public var lastUnderWay: String?
    /// Rows of committed windows, and of those under way so far.
    public var rows = 0
    /// Bytes of the files of committed windows.
    public var bytes = 0
    /// Windows that were compared with the service, while the run does that: then `windows` are those to be compared. Nil else.
    public var compared: Int?
    /// How much is done, from 0 to 1: a window under way counts by its rows, of those that the service counts in it.
    public var fraction = 0.0

    public init() {}
}

/// A window that was not committed, or whose files lack columns.
public struct WindowFailure: Sendable, Hashable {
    public let window: String
    /// For people; without content.
    public let reason: String
    public let isRetryable: Bool
}

/// The result of a run.
public struct RunReport: Sendable {
    public var summary: RunSummary
    public var failures: [WindowFailure]
    /// Why the run ended before all windows were tried. Nil where they were.
    public var stop: (any Error)?
    /// The results of several agents. Otherwise empty.
    public var agents: [AgentReport] = []
    /// Which of the declared columns of keys had a value in the rows that were written.
    public var columnUse = ColumnUse()
    /// Committed windows that lack columns which were discovered after they were written, or that hold rows only until then.
    var windowsToComplete: Set<String> = []

    /// Why not everything is committed and proved, in a sentence. Nil where it is.
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

    /// Whether it ended because its task was cancelled.
    public var isInterrupted: Bool { stop is CancellationError }
}

/// The result of a run for one of several agents.
public struct AgentReport: Sendable {
    public let name: String
    /// The result of this agent's windows.
    public let report: RunReport
}
