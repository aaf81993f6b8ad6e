public import ExportCore

/// The notification at the end of a run: `text` for chat webhooks, the other fields for programs.
public struct RunNotification: Sendable, Encodable {
    /// A single line for chats.
    public let text: String
    /// The pipeline's name.
    public let pipeline: String
    /// The run's identifier.
    public let run: String
    /// The exit code of the command.
    public let exitCode: Int
    /// The reason if the exit code is not 0, in one line. `nil` otherwise.
    public let reason: String?
    /// When the run began.
    public let startedAt: Instant
    /// When the run ended.
    public let endedAt: Instant
    /// A summary of the export.
    public let summary: RunSummary

    enum CodingKeys: String, CodingKey {
        case text, pipeline, run, reason
        case exitCode = "exit_code"
        case startedAt = "started_at"
        case endedAt = "ended_at"
        case summary
    }

    /// Creates the notification of a run that ended.
    public init(_ record: RunRecord) {
        pipeline = record.pipeline
        run = record.run
        exitCode = record.exitCode
        startedAt = record.startedAt
        endedAt = record.endedAt
        summary = record.summary
        reason = record.exitCode == 0 ? nil : record.reason.flatMap(Self.line)
        text = Self.text(record) + (reason.map { ". \($0)" } ?? "")
    }

    /// The first line of a reason, cut where it is longer than a chat shows.
    static func line(_ reason: String) -> String? {
        guard let first = reason.splitExactly(at: "\n").first else { return nil }
        let shown = String(first).shown()
        return shown.count <= maximumReasonLength ? shown : shown.prefix(maximumReasonLength - 1) + "…"
    }

    private static let maximumReasonLength = 400

    /// How a command ended, by its exit code.
    static func end(_ exitCode: Int) -> String {
        switch exitCode {
        case 0: "done"
        case 4: "finished, but some windows are unsettled"
        case 75: "temporary failure, try again later"
        case 130, 143: "interrupted"
        default: "failed"
        }
    }

    /// `support: done (exit code 0): 3 windows committed, 812 rows, 1.0 MB, in 12 s`.
    private static func text(_ record: RunRecord) -> String {
        let summary = record.summary
        var parts = ["\(Figures.count(summary.committed, "window")) committed"]
        if summary.unsettled > 0 { parts.append("\(summary.unsettled) of them unsettled") }
        if let looked = summary.looked { parts.append("\(looked) compared with the service, \(summary.differing ?? 0) different") }
        if summary.failed > 0 { parts.append("\(summary.failed) failed") }
        parts += [Figures.rows(of: summary), Figures.bytes(summary.bytes)]
        let took = Figures.span(record.endedAt.duration(since: record.startedAt))
        return
            "\(record.pipeline): \(Self.end(record.exitCode)) (exit code \(record.exitCode)): \(parts.joined(separator: ", ")), in \(took)"
    }
}
