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

    func take(run: String, _ summary: RunSummary) {
        state.withLock { ($0.run, $0.summary) = (run, summary) }
    }

    func ended(with status: ExitStatus) -> RunRecord {
        state.withLock { record in
            (record.endedAt, record.exitCode) = (.now, Int(status.rawValue))
            return record
        }
    }
}
