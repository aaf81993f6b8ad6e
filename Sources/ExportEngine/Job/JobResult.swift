public import ExportCore

/// The result of a job.
public struct JobResult: Sendable {
    /// The run's record: the one that stands in the destination, and that everyone is told who is told of the run.
    public internal(set) var record: RunRecord
    /// The results of the windows. Nil if none was begun, because nothing was due, or an error came first.
    public internal(set) var report: RunReport?
    /// The error that ended the job, besides those in the report: the destination is another's or locked, a key is missing. Nil if there is
    /// none.
    public internal(set) var failure: (any Error)?
    /// Why the record was not written to the destination. Nil where it was, and where it was not to be.
    public internal(set) var unwritten: (any Error)?

    /// Whether there was nothing to do: every window stands there, proved and unchanged.
    public var isIdle: Bool { report == nil && failure == nil }

    /// Whether it ended because its task was cancelled.
    public var isInterrupted: Bool { report?.isInterrupted == true || failure is CancellationError }
}
