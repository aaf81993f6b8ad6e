import ExportCore

/// The values of conversations that an output holds, by their paths: as they came or hashed.
struct HeldPaths {
    /// What it holds, but for what it excludes. An empty path is the whole conversation.
    private(set) var paths: [[String]]
    /// What it excludes.
    private(set) var excluded: [[String]]
    /// The path of the lists whose elements are its rows. Empty for conversations.
    let pathOfRows: [String]

    init(_ output: Output, _ detail: Source.Detail) {
        let own: [String] =
            switch output.table {
            case .conversations: []
            case .messages, .feedbacks: [output.table.rawValue]
            case .actionLogs, .attachments: [Table.messages.rawValue, output.table.rawValue]
            }
        pathOfRows = own
        excluded = output.privacy.exclude.map { own + $0 }
        guard let columns = output.columns ?? Self.fields(of: output, detail) else {
            paths = [own]
            Self.added(to: output).forEach { take($0.field, $0.path, output) }
            return
        }
        paths = columns.compactMap { selector in
            switch selector {
            case .column(let column): own + column.path
            case .every(let path): own + path
            case .rest: own
            case .agent: nil
            }
        }
        for (field, path) in Self.added(to: output) where paths.contains(where: { Privacy.isPrefix($0, of: own + [field]) }) {
            take(field, path, output)
        }
    }

    /// Takes a field that the rows have from their conversation or message.
    private mutating func take(_ field: String, _ path: [String], _ output: Output) {
        if output.privacy.excludes([field]) { excluded.append(path) } else { paths.append(path) }
    }

    /// The fields that a table's rows have from their conversation or message, and where these have them.
    private static func added(to output: Output) -> [(field: String, path: [String])] {
        guard output.table != .conversations else { return [] }
        return Table.AddedField.allCases.compactMap { field in
            switch field {
            case .conversation: (field.rawValue, ["id"])
            case .conversationID: (field.rawValue, ["conversation_id"])
            case .conversationStartedAt: (field.rawValue, ["started_at"])
            case .message: [.actionLogs, .attachments].contains(output.table) ? (field.rawValue, ["messages", "id"]) : nil
            case .position: nil
            }
        }
    }

    /// Whether it holds all of the value at a path, but for parts that it excludes.
    func holds(_ path: [String]) -> Bool {
        paths.contains { Privacy.isPrefix($0, of: path) } && !isExcluded(path)
    }

    /// The parts of the value at a path that it holds.
    func parts(of path: [String]) -> [[String]] {
        paths.filter { $0.count > path.count && Privacy.isPrefix(path, of: $0) && !isExcluded($0) }
    }

    private func isExcluded(_ path: [String]) -> Bool { excluded.contains { Privacy.isPrefix($0, of: path) } }

    /// The columns of an output that names none. Nil: rows as they came.
    private static func fields(of output: Output, _ detail: Source.Detail) -> [ColumnSelector]? {
        guard !output.format.traits.keepsRows else { return nil }
        return output.table.fields(detail: detail).map { .column(Column(path: [$0.name])) }
    }
}
