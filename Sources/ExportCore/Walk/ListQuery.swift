/// A query of the list of conversations, without the filters.
public struct ListQuery: Sendable, Hashable {
    /// `started_at_after` as it is sent. Servers differ in whether the range includes the bound.
    public var after: Instant?
    /// `started_at_before` as it is sent.
    public var before: Instant
    /// The number of the page, from 1.
    public var page: Int
    /// The number of rows per page, 1 to 100.
    public var pageSize: Int
    /// The requested order.
    public var ordering: Ordering
    /// Whether deleted rows are requested whatever the filters say, so that a deletion moves no other row.
    public var includesDeleted: Bool
    /// Whether only the count is needed, so that rows may be lean.
    public var isCount: Bool
    /// Whether all rows are requested at once, as a list without pages. A service without such lists returns a page.
    public var isUnpaginated = false

    /// An order of the list, by the value of the parameter.
    public enum Ordering: String, Sendable, Hashable {
        case startedAt = "started_at"
        case newestFirst = "-started_at"
        case id
    }

    /// Creates a query for one page of a range.
    public init(
        after: Instant?, before: Instant, page: Int = 1, pageSize: Int, ordering: Ordering = .startedAt,
        includesDeleted: Bool = false, isCount: Bool = false
    ) {
        self.after = after
        self.before = before
        self.page = page
        self.pageSize = pageSize
        self.ordering = ordering
        self.includesDeleted = includesDeleted
        self.isCount = isCount
    }
}

/// The properties of a response that a walk uses. One response is one snapshot.
public struct ListResponse: Sendable, Hashable {
    /// The number of matching rows on all pages.
    public var count: Int
    /// Whether the server names a next page. `nil` if it does not say.
    public var hasNext: Bool?
    /// The rows in the order of the response.
    public var rows: [RowKey]
    /// Whether the response is a list without pages. It has no count of its own, so `count` is the number of its rows.
    public var isList = false

    /// Creates the properties of a page. `count` is the service's count of all matching rows.
    public init(count: Int, hasNext: Bool?, rows: [RowKey]) {
        self.count = count
        self.hasNext = hasNext
        self.rows = rows
    }

    /// Whether the first page of a range holds all its rows. A short page alone proves nothing, because servers clamp page sizes silently.
    public var isWhole: Bool {
        rows.count >= count && hasNext != true
    }

    /// Whether the rows are in ascending order, as requested.
    var isAscending: Bool {
        zip(rows, rows.dropFirst()).allSatisfy { $0.startedAt <= $1.startedAt }
    }
}

/// The values that identify and order a row.
public struct RowKey: Sendable, Hashable, Comparable {
    /// The row's `started_at`.
    public var startedAt: Instant
    /// The row's `id`.
    public var id: Int64
    /// Whether the row was deleted at the time of the response. This may change.
    public var isDeleted: Bool

    /// Creates the key of a row.
    public init(startedAt: Instant, id: Int64, isDeleted: Bool = false) {
        self.startedAt = startedAt
        self.id = id
        self.isDeleted = isDeleted
    }

    public static func < (left: RowKey, right: RowKey) -> Bool {
        (left.startedAt, left.id) < (right.startedAt, right.id)
    }

    /// The values of a row that never change. If the service contradicts itself by returning one id with two instants, these are two
    /// identities, and both count until the contradiction is reported.
    struct Identity: Sendable, Hashable {
        let startedAt: Instant
        let id: Int64
    }

    var identity: Identity { Identity(startedAt: startedAt, id: id) }
}
