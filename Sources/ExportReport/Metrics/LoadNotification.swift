public import ExportCore

/// The notification at the end of a load: `text` for chat webhooks, the other fields for programs.
public struct LoadNotification: Sendable, Encodable {
    /// A single line for chats.
    public let text: String
    /// The pipeline's name.
    public let pipeline: String
    /// What was loaded, and where.
    public let load: Summary
    /// The exit code of the load alone.
    public let exitCode: Int
    /// The reason if the exit code is not 0, in one line. `nil` otherwise.
    public let reason: String?
    /// When the load began.
    public let startedAt: Instant
    /// When the load ended.
    public let endedAt: Instant

    /// The counts of a load.
    public struct Summary: Sendable, Encodable {
        /// The warehouse.
        public let into: String
        /// Windows by their states.
        public let windows: [String: Int]
        /// Rows that were loaded.
        public let rows: Int
        /// Characters that were replaced.
        public let replacedCharacters: Int

        enum CodingKeys: String, CodingKey {
            case into, windows, rows
            case replacedCharacters = "replaced_characters"
        }
    }

    enum CodingKeys: String, CodingKey {
        case text, pipeline, load, reason
        case exitCode = "exit_code"
        case startedAt = "started_at"
        case endedAt = "ended_at"
    }

    /// Creates the notification of a load that ended.
    public init(_ record: LoadRecord) {
        pipeline = record.pipeline
        load = Summary(
            into: record.system, windows: record.windows, rows: record.rows, replacedCharacters: record.replacedCharacters)
        exitCode = record.exitCode
        startedAt = record.startedAt
        endedAt = record.endedAt
        reason = record.exitCode == 0 ? nil : record.reason.flatMap(RunNotification.line)
        text = Self.text(record) + (reason.map { ". \($0)" } ?? "")
    }

    /// `support: load into postgres done (exit code 0): 3 windows loaded, 812 rows, in 12 s`.
    private static func text(_ record: LoadRecord) -> String {
        let end = RunNotification.end(record.exitCode)
        var parts = ["\(Figures.count(record.windows["loaded"] ?? 0, "window")) loaded"]
        for state in record.windows.keys.sorted() where state != "loaded" {
            if let count = record.windows[state], count > 0 { parts.append("\(count) \(state)") }
        }
        parts.append(Figures.count(record.rows, "row"))
        let took = Figures.span(record.endedAt.duration(since: record.startedAt))
        let place = record.system.isEmpty ? "" : " into \(record.system)"
        return
            "\(record.pipeline): load\(place) \(end) (exit code \(record.exitCode)): \(parts.joined(separator: ", ")), in \(took)"
    }
}
