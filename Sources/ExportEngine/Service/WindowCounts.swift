public import ExportAPI
public import ExportCore

/// Requests the row counts of windows from the service.
public enum WindowCounts {
    /// Requests the counts of the windows to export, by their keys, with at most as many requests in flight as the plan allows.
    ///
    /// A row exactly on a bound may be counted in both windows, depending on the service. With `only_deleted`, the counts include rows that
    /// are not deleted, because the service cannot filter them out.
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

    /// The number of requests for a window with a number of rows: one row of each page is returned twice, and the whole window is counted
    /// at the end.
    public static func requests(forRows rows: Int, pageSize: Int) -> Int {
        rows <= pageSize ? 1 : (rows + pageSize - 2) / max(1, pageSize - 1) + 1
    }
}
