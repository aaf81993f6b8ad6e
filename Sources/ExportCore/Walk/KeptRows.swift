/// The rows of a window while it is fetched: the rows themselves, their ids, or their number.
///
/// `WindowFetch` interprets the steps of the walk and calls these methods accordingly.
public protocol KeptRows: Sendable {
    /// A page, with the parts of its rows that are kept.
    associatedtype Page: WalkPage
    /// The error of storing rows; `Never` if they are kept in memory.
    associatedtype Failure: Error

    /// Takes a page, before any of its rows is kept.
    mutating func take(_ page: Page) throws(Failure)

    /// Keeps all rows of a piece.
    /// - Parameters:
    ///   - rows: Indices in the response, in the order in which the rows are written.
    ///   - countBefore: The server's count of the whole window when its export began.
    mutating func keep(_ rows: [Int], of page: Page, as piece: WalkPiece, countBefore: Int?) throws(Failure)

    /// Keeps rows of a piece that comes in several pages.
    /// - Parameter rows: Indices in the response. The rows of the piece are sorted at the end.
    mutating func add(_ rows: [Int], of page: Page, to piece: Int) throws(Failure)

    /// Drops all rows of a piece.
    mutating func drop(_ piece: Int) throws(Failure)
}

/// A page of the list as it was fetched: the response to a walk's request.
public protocol WalkPage: Sendable {
    /// The properties of the page that the walk uses.
    var response: ListResponse { get }
}

extension ListResponse: WalkPage {
    /// The response itself, since only the keys of its rows are kept.
    public var response: ListResponse { self }
}
