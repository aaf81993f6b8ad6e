/// A window that is fetched: its walk, and what is kept of its rows.
///
/// Interprets the steps of the walk for those who keep rows, ids or numbers of rows. Its owner sends what `nextRequest()` gives, any number
/// of requests at once, and hands each page to `receive`.
public struct WindowFetch<Rows: KeptRows>: Sendable {
    /// Which requests the window takes, and what their answers add up to.
    public private(set) var walk: any WindowWalk
    /// The rows kept so far.
    public private(set) var rows: Rows
    /// Requests that were sent for the window, repeats included.
    public private(set) var requests: Int

    /// Makes a window that is not fetched yet.
    /// - Parameters:
    ///   - rows: What is kept; where the walk goes on from an interrupted one, with the rows of its pieces.
    ///   - requests: Those that were sent for the window before this walk.
    public init(_ walk: any WindowWalk, keeping rows: Rows, requests: Int = 0) {
        self.walk = walk
        self.rows = rows
        self.requests = requests
    }

    /// Whether the walk has come to its end: with an outcome, or because it was given up.
    public var hasEnded: Bool { walk.outcome != nil || walk.excess != nil }

    /// The next request that can be sent now. Nil while there is nothing to do but wait for answers, and after the end.
    public mutating func nextRequest() -> WalkRequest? { walk.nextRequest() }

    /// Splits the largest remaining range, for a slot that would stand idle.
    /// - Returns: The request for one of the halves. Nil where nothing can be split.
    public mutating func split() -> WalkRequest? { walk.split() ? walk.nextRequest() : nil }

    /// Takes the page that answers a request.
    /// - Parameter requests: Those that it took, repeats included.
    public mutating func receive(_ page: Rows.Page, for request: WalkRequest, requests: Int = 1) throws(Rows.Failure) {
        self.requests += requests
        try rows.take(page)
        for step in walk.receive(page.response, for: request) {
            switch step {
            case .keep(let kept, let piece): try rows.keep(kept, of: page, as: piece, countBefore: walk.countBefore)
            case .add(let added, let piece): try rows.add(added, of: page, to: piece)
            case .drop(let piece): try rows.drop(piece)
            }
        }
    }

    /// Asks for smaller pages from now on, because the answer to a request was too large.
    /// - Returns: Whether pages can get smaller.
    public mutating func shrinkPages(after request: WalkRequest) throws(Rows.Failure) -> Bool {
        requests += 1
        guard let steps = walk.shrinkPages(after: request) else { return false }
        for case .drop(let piece) in steps { try rows.drop(piece) }
        return true
    }
}
