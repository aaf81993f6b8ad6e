public import ExportCore

/// What a job came to.
public struct JobResult: Sendable {
    /// The run's record: the one that stands in the destination, and that everyone is told who is told of the run.
    public internal(set) var record: RunRecord
    /// What became of the windows. Nil where none was begun: nothing was due, or something came before.
    public internal(set) var report: RunReport?
    /// What ended the job, beside what the report says: the destination is another's or locked, a key is missing. Nil where nothing did.
    public internal(set) var failure: (any Error)?
    /// Why the record was not written to the destination. Nil where it was, and where it was not to be.
    public internal(set) var unwritten: (any Error)?

    /// Whether there was nothing to do: every window stands there, proved and unchanged.
    public var isIdle: Bool { report == nil && failure == nil }

    /// Whether it ended because its task was cancelled.
    public var isInterrupted: Bool { report?.isInterrupted == true || failure is CancellationError }
}
