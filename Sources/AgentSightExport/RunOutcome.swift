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

    func take(run: String, _ summary: RunSummary, reason: String? = nil) {
        state.withLock { ($0.run, $0.summary, $0.reason) = (run, summary, reason) }
    }

    /// - Parameter reason: Of a run that did not come to an end of its own.
    func ended(with status: ExitStatus, reason: String? = nil) -> RunRecord {
        state.withLock { record in
            (record.endedAt, record.exitCode) = (.now, Int(status.rawValue))
            if let reason { record.reason = record.reason ?? reason }
            return record
        }
    }
}
