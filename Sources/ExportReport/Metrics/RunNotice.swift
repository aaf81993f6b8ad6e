public import ExportCore

/// What is posted where a run has ended: for chat, whose hooks read `text`, and for programs, which read the rest.
public struct RunNotice: Sendable, Encodable {
    public let text: String
    public let pipeline: String
    public let run: String
    public let exitCode: Int
    public let startedAt: Instant
    public let endedAt: Instant
    public let summary: RunSummary

    enum CodingKeys: String, CodingKey {
        case text, pipeline, run
        case exitCode = "exit_code"
        case startedAt = "started_at"
        case endedAt = "ended_at"
        case summary
    }

    public init(_ record: RunRecord) {
        pipeline = record.pipeline
        run = record.run
        exitCode = record.exitCode
        startedAt = record.startedAt
        endedAt = record.endedAt
        summary = record.summary
        text = Self.text(record)
    }

    /// `support: done, 3 windows committed, 812 rows, 1.0 MB, in 12 s`.
    private static func text(_ record: RunRecord) -> String {
        let summary = record.summary
        let end =
            switch record.exitCode {
            case 0: "done"
            case 4: "done, not all of it proved"
            case 75: "not done, worth trying again"
            case 130, 143: "interrupted"
            default: "failed"
            }
        var parts = ["\(Figures.count(summary.committed, "window")) committed"]
        if summary.unsettled > 0 { parts.append("\(summary.unsettled) of them unsettled") }
        if summary.failed > 0 { parts.append("\(summary.failed) failed") }
        parts += [Figures.count(summary.rows, "row"), Figures.bytes(summary.bytes)]
        let took = Figures.span(record.endedAt.duration(since: record.startedAt))
        return "\(record.pipeline): \(end) (exit code \(record.exitCode)): \(parts.joined(separator: ", ")), in \(took)"
    }
}
