public import ExportCore

extension Figures {
    /// `812 rows` where nothing but conversations was written; else those of each table: `812 conversations, 5020 messages`, or
    /// `5020 messages of 812 conversations`.
    public static func rows(of summary: RunSummary) -> String {
        rows(summary.rows, summary.tableRows)
    }

    /// The same.
    /// - Parameter tables: The rows of each table that was written, by its name. `nil` if it is not known.
    public static func rows(_ conversations: Int, _ tables: [String: Int]?) -> String {
        self.tables(conversations, tables) ?? count(conversations, "row")
    }

    /// The same, without the word where the title has it.
    public static func rowsCell(of summary: RunSummary) -> String {
        tables(summary.rows, summary.tableRows) ?? "\(summary.rows)"
    }

    /// The rows of each table. `nil` if there are only conversations, or a record does not say.
    private static func tables(_ conversations: Int, _ tables: [String: Int]?) -> String? {
        let written = Table.allCases.compactMap { table in tables?[table.rawValue].map { (table: table, rows: $0) } }
        guard written.contains(where: { $0.table != .conversations }) else { return nil }
        let counts = written.map { count($0.rows, noun(of: $0.table)) }.joined(separator: ", ")
        return written[0].table == .conversations ? counts : "\(counts) of \(count(conversations, "conversation"))"
    }

    private static func noun(of table: Table) -> String {
        switch table {
        case .conversations: "conversation"
        case .messages: "message"
        case .feedbacks: "feedback"
        case .actionLogs: "action log"
        case .attachments: "attachment"
        }
    }
}
