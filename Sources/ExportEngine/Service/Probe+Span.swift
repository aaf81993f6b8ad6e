public import ExportCore

extension Probe {
    /// The span of time that has conversations.
    public struct Span: Sendable, Hashable {
        /// The number of conversations visible to the key.
        public let conversations: Int
        /// When the first conversation began or, if the deployment ignores `ordering`, an instant up to a day earlier. `nil` if there is
        /// none.
        public let first: Instant?
        /// When the last conversation began. `nil` if there is none, or if the deployment ignores `ordering`.
        public let last: Instant?
    }

    /// Requests the first and the last conversation. If the deployment ignores `ordering`, searches with about fifteen counts instead.
    /// - Throws: `ServiceError`, `CancellationError`.
    public func span(now: Instant) async throws -> Span {
        let ascending = try await list([("ordering", "started_at"), ("page_size", "100")])
        let descending = try await list([("ordering", "-started_at"), ("page_size", "100")])
        if ascending.count > 0, Self.ordering(ascending.instants, descending.instants) == "ignored" {
            return Span(conversations: ascending.count, first: try await dayOfFirst(until: now), last: nil)
        }
        return Span(conversations: ascending.count, first: ascending.instants.first, last: descending.instants.first)
    }

    /// The first day with conversations, by a binary search over the days since 2000 with counts.
    private func dayOfFirst(until now: Instant) async throws -> Instant {
        let day: Int64 = 86_400
        // None began before `empty` (1999-12-31), and some before `full`.
        var (empty, full) = (Int64(10_956), now.microseconds / 1_000_000 / day + 2)
        while full - empty > 1 {
            let middle = (empty + full) / 2
            let before = try await list([("started_at_before", Instant(seconds: middle * day).description), ("page_size", "1")])
            if before.count == 0 { empty = middle } else { full = middle }
        }
        return Instant(seconds: empty * day)
    }
}
