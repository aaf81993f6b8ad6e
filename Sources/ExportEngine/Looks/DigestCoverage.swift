public import ExportCore

/// Which fields of rows a plan's digests cover: those that some output holds.
struct DigestCoverage: Sendable, Hashable {
    /// Top-level keys. Nil: all of them.
    let keys: [String]?

    init(keys: [String]?) { self.keys = keys }

    /// The coverage of digests for a plan's rows. Nil if an output excludes or hashes fields, because digests must not contain these.
    static func kept(of plan: ExportPlan) -> DigestCoverage? {
        plan.outputs.contains { $0.privacy.changesRows } ? nil : DigestCoverage(of: plan)
    }

    init(of plan: ExportPlan) {
        var keys: Set<String> = []
        for output in plan.outputs {
            switch output.table {
            case .conversations:
                guard let columns = output.columns ?? Self.fields(of: output, plan.source.detail) else {
                    self.keys = nil
                    return
                }
                for column in columns {
                    switch column {
                    case .column(let column): keys.formUnion(column.path.prefix(1))
                    case .every(let path): keys.formUnion(path.prefix(1))
                    case .agent: break
                    // Any key may be in it.
                    case .rest:
                        self.keys = nil
                        return
                    }
                }
            case .messages, .actionLogs, .attachments: keys.formUnion(Self.added + ["messages"])
            case .feedbacks: keys.formUnion(Self.added + ["feedbacks"])
            }
        }
        // A row without transcripts shows of them how many there are.
        for (list, count) in [("messages", "message_count"), ("feedbacks", "feedback_count")] where !keys.isDisjoint(with: [list]) {
            keys.insert(count)
        }
        self.keys = keys.sorted()
    }

    /// The fields that rows of other tables have from their conversation.
    private static let added = ["id", "conversation_id", "started_at"]

    /// The columns of an output that names none. Nil: rows as they came.
    private static func fields(of output: Output, _ detail: Source.Detail) -> [ColumnSelector]? {
        guard !output.format.traits.keepsRows else { return nil }
        return output.table.fields(detail: detail).map { .column(Column(path: [$0.name])) }
    }
}

extension ExportPlan {
    /// The place of the first output because of which windows have neither digests nor rows as they came, so that lean and full looks
    /// compare only ids. Nil if they compare fields.
    public var outputWithoutDigests: Int? {
        guard DigestCoverage.kept(of: self) == nil, !keepsRows, rowsOutput == nil else { return nil }
        return outputs.firstIndex { $0.privacy.changesRows }
    }
}
