/// Whether a service's time ranges include their bounds, so that a count can be requested for exactly `[start, end)`.
public struct CountBounds: Sendable, Hashable {
    /// Whether a row exactly at `started_at_after` belongs to the answer.
    public var includesAfter: Bool
    /// Whether a row exactly at `started_at_before` belongs to the answer.
    public var includesBefore: Bool

    /// Creates the bounds of a service.
    public init(includesAfter: Bool, includesBefore: Bool) {
        (self.includesAfter, self.includesBefore) = (includesAfter, includesBefore)
    }

    /// The query for the number of rows in a half-open range.
    public func count(of range: TimeRange) -> ListQuery {
        ListQuery(
            after: includesAfter ? range.start : range.start?.earlier(by: 1),
            before: includesBefore ? range.end.earlier(by: 1) : range.end, pageSize: 1, isCount: true)
    }
}

/// Determines whether a service's time ranges include their bounds, using the instant of a known row.
///
/// Three ranges are requested: one that begins with the instant, one that ends with it, and one around it, which shows that the row still
/// exists. A pure value without network access. If the responses are inconclusive, there is no result.
public struct BoundsProbe: Sendable {
    private let instant: Instant

    /// Creates the probe of an instant at which the service has just listed a row.
    public init(at instant: Instant) { self.instant = instant }

    /// The queries that show the bounds, in order.
    public var queries: [ListQuery] {
        [(0, 1), (-1, 0), (-1, 1)].map { after, before in
            ListQuery(after: instant.later(by: after), before: instant.later(by: before), pageSize: 100, isCount: true)
        }
    }

    /// The bounds that the responses show. `nil` if they are inconclusive.
    /// - Parameter answers: The responses to `queries`, in their order.
    public func bounds(_ answers: [ListResponse]) -> CountBounds? {
        // If the known row no longer exists, an empty response proves nothing.
        guard answers.count == 3, isInside(answers[2]) == true, let after = isInside(answers[0]), let before = isInside(answers[1])
        else { return nil }
        return CountBounds(includesAfter: after, includesBefore: before)
    }

    /// Whether a response contains the row. `nil` if it contains only another one.
    private func isInside(_ answer: ListResponse) -> Bool? {
        if answer.rows.contains(where: { $0.startedAt == instant }) { return true }
        return answer.count == 0 ? false : nil
    }
}
