import ExportCore

extension CountPredicate {
    /// The predicates that rows of a plan are summed up by: those that its query leaves open, and that concern what some output holds.
    static func summed(by plan: ExportPlan) -> Set<CountPredicate> {
        Set(
            allCases.filter { predicate in
                plan.filters.canCount(by: predicate) && (predicate.isShown(by: plan.source.detail))
                    && plan.outputs.contains { predicate.concerns($0) }
            })
    }

    /// Whether rows of a detail show the predicate.
    private func isShown(by detail: Source.Detail) -> Bool {
        switch self {
        case .hasAction, .isPositive, .isNeutral, .isNegative: detail == .full
        case .isMarked, .hasMessages, .hasFeedback, .isNotDeleted: true
        }
    }

    /// Whether an output holds something of what the predicate is about. Excluded and hashed fields are not held.
    private func concerns(_ output: Output) -> Bool {
        func holds(_ table: Table, _ paths: [[String]]) -> Bool { output.table == table && paths.contains(where: output.writes) }
        return switch self {
        case .isNotDeleted: true
        case .isMarked: holds(.conversations, [["is_marked"]])
        case .hasMessages:
            holds(.conversations, [["messages"], ["message_count"]])
                || [.messages, .actionLogs, .attachments].contains(output.table)
        case .hasFeedback: holds(.conversations, [["feedbacks"], ["feedback_count"]]) || output.table == .feedbacks
        case .isPositive, .isNeutral, .isNegative:
            holds(.conversations, [["feedbacks", "sentiment"]]) || holds(.feedbacks, [["sentiment"]])
        case .hasAction:
            holds(.conversations, [["messages", "action_name"], ["messages", "action_logs"]]) || holds(.messages, [["action_name"]])
                || output.table == .actionLogs
        }
    }
}
