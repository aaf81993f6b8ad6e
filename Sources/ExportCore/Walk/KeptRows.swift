/// The rows of a window while it is fetched: the rows themselves, their ids, or their number.
///
/// `WindowFetch` interprets the steps of the walk and calls these methods with what they come to.
public protocol KeptRows: Sendable {
    /// A page, with as much of its rows as is kept.
    associatedtype Page: WalkPage
    /// The error of keeping rows; `Never` if they are kept in memory.
    associatedtype Failure: Error

    /// Takes note of a page, before any of its rows is kept.
    mutating func take(_ page: Page) throws(Failure)

    /// Keeps all rows of a piece.
    /// - Parameters:
    ///   - rows: Indices in the answer, in the order in which the rows are written.
    ///   - countBefore: What the server counted in the whole window when its export began.
    mutating func keep(_ rows: [Int], of page: Page, as piece: WalkPiece, countBefore: Int?) throws(Failure)

    /// Keeps rows of a piece that comes in several pages.
    /// - Parameter rows: Indices in the answer; the rows of the piece are put in order at the end.
    mutating func add(_ rows: [Int], of page: Page, to piece: Int) throws(Failure)

    /// Forgets all rows of a piece.
    mutating func drop(_ piece: Int) throws(Failure)
}

/// A page of the list as it was fetched: an answer to a walk's request.
public protocol WalkPage: Sendable {
    /// The properties of the page that the walk uses.
    var response: ListResponse { get }
}

extension ListResponse: WalkPage {
    /// The answer itself: of its rows nothing is kept but their keys.
    public var response: ListResponse { self }
}
