/// The range of a walk: the window and a microsecond on either side, because servers differ in whether they include bounds.
///
/// A server with inclusive bounds counts the rows on both edges, one with exclusive bounds does not. The walk covers the edges too, so that
/// counts and rows agree on both kinds of servers. Rows outside the window are then discarded.
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

    /// The query for a page of a part of the domain. Its bounds are widened, but never beyond the domain, since counts would not be
    /// comparable.
    ///
    /// With `isStartExact`, the server is known to include the bound.
    func query(_ part: TimeRange, pageSize: Int, isStartExact: Bool = false) -> ListQuery {
        let after = part.start.map { start in
            let wide = isStartExact ? start : start.earlier(by: 1)
            return range.start.map { max(wide, $0) } ?? wide
        }
        return ListQuery(after: after, before: min(part.end, window.end), pageSize: pageSize)
    }

    /// The query for a page of a part that is walked by page number: in an order, and over a set, that deletions do not change.
    func unionQuery(_ part: TimeRange, page: Int, pageSize: Int) -> ListQuery {
        var query = query(part, pageSize: pageSize)
        query.page = page
        query.ordering = .id
        query.includesDeleted = true
        return query
    }

    /// The query for the newest row, if the server honours `ordering`.
    func newest() -> ListQuery {
        var query = query(range, pageSize: 1)
        query.ordering = .newestFirst
        return query
    }

    /// Whether a row is written.
    func wants(_ row: RowKey) -> Bool {
        window.contains(row.startedAt) && deletedRows.wants(isDeleted: row.isDeleted)
    }

    /// Whether the server's count of a part of the domain includes a row.
    func counts(_ row: RowKey, in part: TimeRange) -> Bool {
        part.contains(row.startedAt) && deletedRows.counts(isDeleted: row.isDeleted)
    }

    /// The query for the count of a part of the domain.
    func count(_ part: TimeRange) -> ListQuery {
        var query = query(part, pageSize: 1)
        query.isCount = true
        return query
    }
}

extension Instant {
    /// The instant a number of microseconds earlier. Traps on overflow.
    public func earlier(by microseconds: Int64) -> Instant {
        Instant(microseconds: self.microseconds - microseconds)
    }

    /// The instant a number of microseconds later. Traps on overflow.
    public func later(by microseconds: Int64) -> Instant {
        Instant(microseconds: self.microseconds + microseconds)
    }
}
