public import ExportCore
import ExportFormats

/// Which fields of rows a plan's digests cover: those that some output holds.
struct DigestCoverage: Sendable, Hashable {
    /// Top-level keys. Nil: all of them.
    let keys: [String]?
    /// Values below these that no output holds, because some exclude them.
    let leftOut: Exclusion
    /// The key of the digests. Nil: no output hashes fields, and they are plain.
    let key: HashKey?

    init(keys: [String]?, leftOut: Exclusion, key: HashKey?) {
        (self.keys, self.leftOut, self.key) = (keys, leftOut, key)
    }

    /// The coverage of digests for a plan's rows. Nil if an output excludes or hashes ids, because digests stand beside them.
    static func kept(of plan: ExportPlan) -> DigestCoverage? {
        plan.outputs.contains(where: \.hidesIDs) ? nil : DigestCoverage(of: plan)
    }

    /// The coverage of digests that are there. Nil if the plan does not have the key that they were made with.
    init?(of digests: WindowDigests, in plan: ExportPlan) {
        let key = digests.keyDigest.flatMap { digest in
            plan.outputs.lazy.compactMap(\.privacy.key).first { $0.digest.equalsExactly(digest) }
        }
        guard (key == nil) == (digests.keyDigest == nil) else { return nil }
        (self.keys, self.leftOut, self.key) = (digests.keys, digests.leftOut, key)
    }

    init(of plan: ExportPlan) {
        key = plan.outputs.lazy.compactMap(\.privacy.key).first
        guard !plan.keepsRows else {
            (keys, leftOut) = (nil, .none)
            return
        }
        keys = Self.keys(of: plan)
        // Rows that only stand by until the columns are complete do not count.
        let held = plan.declaredOutputs.map { HeldPaths($0, plan.source.detail) }
        var paths = held.flatMap(\.excluded).filter { path in !held.contains { $0.holds(path) } }
        // A row without transcripts shows how many there are.
        for (list, count) in Self.counts where plan.source.detail == .full && paths.contains([list]) { paths.append([count]) }
        let except = paths.flatMap { path in held.flatMap { $0.parts(of: path) } }
        leftOut = Exclusion(paths: Self.inOrder(paths), except: Self.inOrder(except))
    }

    /// Each once, by bytes.
    private static func inOrder(_ paths: [[String]]) -> [[String]] {
        let bytes = Set(paths.map { $0.map { Array($0.utf8) } })
        return bytes.sorted { $0.lexicographicallyPrecedes($1) { $0.lexicographicallyPrecedes($1) } }.map { path in
            path.map { String(decoding: $0, as: UTF8.self) }
        }
    }

    /// Whether digests with this coverage tell as little as those with another one.
    func leavesOutTheSame(as other: DigestCoverage) -> Bool { leftOut == other.leftOut && key == other.key }

    /// Makes a digester that has seen no row yet.
    func digester(collectsUncovered: Bool = false) -> RowDigester {
        RowDigester(covering: keys, leavingOut: leftOut, key: key, collectsUncovered: collectsUncovered)
    }

    private static func keys(of plan: ExportPlan) -> [String]? {
        var keys: Set<String> = []
        for output in plan.outputs {
            switch output.table {
            case .conversations:
                guard let columns = output.columns ?? fields(of: output, plan.source.detail) else { return nil }
                for column in columns {
                    switch column {
                    case .column(let column): keys.formUnion(column.path.prefix(1))
                    case .every(let path): keys.formUnion(path.prefix(1))
                    case .agent: break
                    // Any key may be in it.
                    case .rest: return nil
                    }
                }
            case .messages, .actionLogs, .attachments: keys.formUnion(added + ["messages"])
            case .feedbacks: keys.formUnion(added + ["feedbacks"])
            }
        }
        // A row without transcripts shows of them how many there are.
        for (list, count) in counts where keys.contains(list) { keys.insert(count) }
        return keys.sorted()
    }

    /// Fields with the lengths of lists.
    private static let counts = [(list: "messages", count: "message_count"), (list: "feedbacks", count: "feedback_count")]

    /// The fields that rows of other tables have from their conversation.
    private static let added = ["id", "conversation_id", "started_at"]

    /// The columns of an output that names none. Nil: rows as they came.
    fileprivate static func fields(of output: Output, _ detail: Source.Detail) -> [ColumnSelector]? {
        guard !output.format.traits.keepsRows else { return nil }
        return output.table.fields(detail: detail).map { .column(Column(path: [$0.name])) }
    }
}

extension ExportPlan {
    /// The place of the first output because of which windows have neither digests nor rows as they came, so that lean and full looks
    /// compare no fields. Nil if they compare them.
    public var outputWithoutDigests: Int? {
        guard !keepsRows, rowsOutput == nil else { return nil }
        return outputs.firstIndex(where: \.hidesIDs)
    }
}

extension Output {
    /// Whether conversations cannot be told apart by the ids that it writes, on purpose.
    fileprivate var hidesIDs: Bool { privacy.excludes([idField]) || privacy.hashes([idField]) }
}

/// The values of conversations that an output holds, by their paths: as they came or hashed.
private struct HeldPaths {
    /// What it holds, but for what it excludes.
    private var paths: [[String]]
    private(set) var excluded: [[String]]

    init(_ output: Output, _ detail: Source.Detail) {
        let own: [String] =
            switch output.table {
            case .conversations: []
            case .messages, .feedbacks: [output.table.rawValue]
            case .actionLogs, .attachments: [Table.messages.rawValue, output.table.rawValue]
            }
        excluded = output.privacy.exclude.map { own + $0 }
        guard let columns = output.columns ?? DigestCoverage.fields(of: output, detail) else {
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
}

extension Output {
    /// The field of its rows with the integer id of the conversation.
    package var idField: String { table == .conversations ? "id" : Table.AddedField.conversation.rawValue }
}
