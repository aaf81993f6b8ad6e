import ExportCore
import Synchronization

/// What a run came to, until it is told.
final class RunOutcome: Sendable {
    private let state: Mutex<RunRecord>

    init(pipeline: String) {
        state = Mutex(
            RunRecord(
                run: "", pipeline: pipeline, version: Version.text, startedAt: .now, endedAt: .now, exitCode: 0,
                summary: RunSummary()))
    }

    /// - Parameter reason: Why not everything is committed and proved. Nil where it is.
    func take(run: String, _ summary: RunSummary, reason: String? = nil) {
        state.withLock { ($0.run, $0.summary, $0.reason) = (run, summary, reason) }
    }

    func ended(with status: ExitStatus) -> RunRecord {
        state.withLock { record in
            (record.endedAt, record.exitCode) = (.now, Int(status.rawValue))
            return record
        }
    }

    /// The record of a run that ended with an error.
    func ended(with failure: CommandFailure) -> RunRecord {
        state.withLock { $0.reason = failure.message }
        return ended(with: failure.status)
    }
}
