/// The range of a walk: the window and a microsecond on either side, because a server may or may not include a bound.
///
/// On a server with inclusive bounds the rows on both edges belong to every count, on one with exclusive bounds they do not. The
/// walk covers the edges too, so that counts and rows agree on either; what lies outside the window is cut off on this side.
struct WalkDomain: Sendable {
    let window: TimeRange
    /// The window with its edges, half-open.
    let range: TimeRange
    let deletedRows: DeletedRows

    init(window: TimeRange, deletedRows: DeletedRows) {
        self.window = window
        self.deletedRows = deletedRows
        range = TimeRange(start: window.start?.earlier(by: 1), end: window.end.later(by: 1))
    }

    /// A page of a part of the domain. Bounds are wide, but never wider than the domain: counts would not be comparable.
    ///
    /// `isStartExact`: the server is known to count the bound in.
    func query(_ part: TimeRange, pageSize: Int, isStartExact: Bool = false) -> ListQuery {
        let after = part.start.map { start in
            let wide = isStartExact ? start : start.earlier(by: 1)
            return range.start.map { max(wide, $0) } ?? wide
        }
        return ListQuery(after: after, before: min(part.end, window.end), pageSize: pageSize)
    }

    /// A page of a part whose rows are walked by number: in an order, and over a set, that deletions do not change.
    func unionQuery(_ part: TimeRange, page: Int, pageSize: Int) -> ListQuery {
        var query = query(part, pageSize: pageSize)
        query.page = page
        query.ordering = .id
        query.includesDeleted = true
        return query
    }

    /// The newest row of all, if the server honours `ordering`.
    func newest() -> ListQuery {
        var query = query(range, pageSize: 1)
        query.ordering = .newestFirst
        return query
    }

    /// Whether a row is written.
    func wants(_ row: RowKey) -> Bool {
        window.contains(row.startedAt) && deletedRows.wants(isDeleted: row.isDeleted)
    }

    /// Whether the server counts a row in when it is asked for a part of the domain.
    func counts(_ row: RowKey, in part: TimeRange) -> Bool {
        part.contains(row.startedAt) && deletedRows.counts(isDeleted: row.isDeleted)
    }

    /// The count of a part of the domain.
    func count(_ part: TimeRange) -> ListQuery {
        var query = query(part, pageSize: 1)
        query.isCount = true
        return query
    }
}

extension Instant {
    /// The instant so many microseconds earlier. Traps where it cannot be expressed.
    public func earlier(by microseconds: Int64) -> Instant {
        Instant(microseconds: self.microseconds - microseconds)
    }

    /// The instant so many microseconds later. Traps where it cannot be expressed.
    public func later(by microseconds: Int64) -> Instant {
        Instant(microseconds: self.microseconds + microseconds)
    }
}
