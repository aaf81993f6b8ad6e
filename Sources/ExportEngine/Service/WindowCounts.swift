public import ExportAPI
public import ExportCore

/// How many rows windows have, asked of the service.
public enum WindowCounts {
    /// Counts the windows that are to be exported, by their keys. No more requests are in flight than the plan allows.
    ///
    /// Rows exactly on a window's bounds may be counted on both sides, as the service counts them; with `only_deleted`, it counts all
    /// that are asked for.
    /// - Parameter clients: One for each of the plan's parts.
    public static func ask(
        for states: [WindowState], of plan: ExportPlan, from clients: [ServiceClient]
    ) async throws -> [String: Int] {
        var counts: [String: Int] = [:]
        for ((agent, part), client) in zip(plan.parts, clients) {
            let own = states.filter { $0.window.agent == agent?.name }
            counts.merge(try await ask(for: own, of: part, from: client)) { $1 }
        }
        return counts
    }

    private static func ask(
        for states: [WindowState], of plan: ExportPlan, from client: ServiceClient
    ) async throws -> [String: Int] {
        let reader = PageReader(filters: plan.filters, detail: nil, discoveries: [])
        var windows = states.filter { $0.need == .export }.map(\.window).makeIterator()
        return try await withThrowingTaskGroup(of: (String, Int).self) { group in
            func askNext() {
                guard let window = windows.next() else { return }
                group.addTask {
                    let query = ListQuery(after: window.range.start, before: window.range.end, pageSize: 1, isCount: true)
                    let request = ServiceRequest(list: query, filters: plan.filters, detail: .lean)
                    let page = try await client.get(request) { try reader.read($0, to: query, for: window.range) }
                    return (window.key, page.value.response.count)
                }
            }
            for _ in 0..<plan.fetch.concurrency { askNext() }
            var counts: [String: Int] = [:]
            while let (key, count) = try await group.next() {
                counts[key] = count
                askNext()
            }
            return counts
        }
    }

    /// The requests that a window of so many rows takes: one row of each page comes twice, and the whole is counted at the end.
    public static func requests(forRows rows: Int, pageSize: Int) -> Int {
        rows <= pageSize ? 1 : (rows + pageSize - 2) / max(1, pageSize - 1) + 1
    }
}
