import ExportCore

extension CountPredicate {
    /// The predicates that rows of a plan are summed up by: those that its query leaves open, and that concern what some output holds, or
    /// the kept rows.
    static func summed(by plan: ExportPlan) -> Set<CountPredicate> {
        Set(
            allCases.filter { predicate in
                plan.filters.canCount(by: predicate) && (plan.source.detail == .full || predicate.isInLeanRows)
                    && (plan.keepsRows || plan.outputs.contains { predicate.concerns($0) })
            })
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
