/// One question to the list of conversations, beside the filters.
public struct ListQuery: Sendable, Hashable {
    /// `started_at_after` as it is sent. Servers differ in whether the bound itself belongs to the answer.
    public var after: Instant?
    /// `started_at_before` as it is sent.
    public var before: Instant
    /// From 1.
    public var page: Int
    /// Rows of a page, 1 to 100.
    public var pageSize: Int
    /// The order that is asked for.
    public var ordering: Ordering
    /// Deleted rows are asked for whatever the filters say, so that a deletion moves no other row.
    public var includesDeleted: Bool
    /// Only the count is wanted, so rows may come lean.
    public var isCount: Bool
    /// All rows are asked for at once, as a list without pages. Where the service does not have that, a page comes.
    public var isUnpaginated = false

    /// An order that the list can be asked for, by the value of its parameter.
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
    /// Rows that match, on all pages.
    public var count: Int
    /// Whether the server names a next page. Nil where it does not say.
    public var hasNext: Bool?
    /// In the order of the answer.
    public var rows: [RowKey]
    /// Whether it is a list without pages: it counts nothing, and `count` is the number of its rows.
    public var isList = false

    /// Creates what a page says; `count` is the service's count of all rows that match.
    public init(count: Int, hasNext: Bool?, rows: [RowKey]) {
        self.count = count
        self.hasNext = hasNext
        self.rows = rows
    }

    /// Whether the first page of a range held all of it. A short page alone says nothing: page sizes are clamped silently.
    public var isWhole: Bool {
        rows.count >= count && hasNext != true
    }

    /// Whether the rows came in the order that was asked for.
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
    /// Whether the row was deleted at the time of the response; this may change.
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

    /// The values of a row that never change. One id at two instants is two places: the service contradicts itself, and both count until
    /// that is reported.
    struct Place: Sendable, Hashable {
        let startedAt: Instant
        let id: Int64
    }

    var place: Place { Place(startedAt: startedAt, id: id) }
}
