public import ExportCore

/// The cost of the looks that are due.
public enum LookCosts {
    /// Requests of the looks that are due, by kind, if nothing differs. Nothing is asked of the service.
    public static func requests(
        for states: [WindowState], of plan: ExportPlan
    ) -> [(look: LookKind, windows: Int, requests: Int)] {
        LookKind.allCases.compactMap { look in
            let due = states.filter { $0.look == look }
            guard !due.isEmpty else { return nil }
            var requests = 0
            for (agent, part) in plan.parts {
                let own = states.filter { $0.window.agent == agent?.name }
                requests += look == .counts ? countRequests(own, part) : rowRequests(own.filter { $0.look == look }, part)
            }
            return (look, due.count, requests)
        }
    }

    /// Requests that find out what bounds mean: a row, and three ranges around it.
    private static let boundsRequests = 4

    private static func countRequests(_ states: [WindowState], _ plan: ExportPlan) -> Int {
        let predicates = CountPredicate.summed(by: plan)
        let measures = 1 + predicates.count
        let unseenByLean = predicates.count { !$0.isInLeanRows }
        let windows = CountLook.windows(states)
        let spans = CountLook.spans(of: windows, measures: CountLook.measures(of: plan, LookRecords()))
        let counted = Set(spans.joined().map(\.key))
        let others = rowRequests(states.filter { $0.look == .counts && !counted.contains($0.window.key) }, plan)
        let prices = spans.map { CountLook.dueRequests($0, plan) }
        let hasBounds = unseenByLean > 0 ? !prices.isEmpty : prices.contains { $0 > measures }
        return prices.reduce(others + (hasBounds ? boundsRequests : 0)) { $0 + ($1 > measures ? measures : $1 + unseenByLean) }
    }

    private static func rowRequests(_ states: [WindowState], _ plan: ExportPlan) -> Int {
        states.reduce(0) { $0 + WindowCounts.requests(forRows: $1.rows ?? 0, pageSize: plan.fetch.pageSize) }
    }
}
