/// The fetch of a window: its walk, and what is kept of its rows.
///
/// Interprets the steps of the walk for owners that keep rows, ids or numbers of rows. The owner sends the requests of `nextRequest()`, any
/// number of them at once, and passes each page to `receive`.
public struct WindowFetch<Rows: KeptRows>: Sendable {
    /// The walk, which decides the requests and judges the responses.
    public private(set) var walk: any WindowWalk
    /// The rows kept so far.
    public private(set) var rows: Rows
    /// The number of requests that were sent for the window, including repeats.
    public private(set) var requests: Int

    /// Creates the fetch of a window.
    /// - Parameters:
    ///   - rows: The store of kept rows. If the walk continues an interrupted one, it has the rows of the finished pieces.
    ///   - requests: The number of requests that were sent for the window before this walk.
    public init(_ walk: any WindowWalk, keeping rows: Rows, requests: Int = 0) {
        self.walk = walk
        self.rows = rows
        self.requests = requests
    }

    /// Whether the walk has ended, with an outcome or because it was given up.
    public var hasEnded: Bool { walk.outcome != nil || walk.excess != nil }

    /// The next request that can be sent now. `nil` while the walk waits for responses, and after its end.
    public mutating func nextRequest() -> WalkRequest? { walk.nextRequest() }

    /// Splits the largest remaining range for an idle slot.
    /// - Returns: The request for one of the halves. `nil` if nothing can be split.
    public mutating func split() -> WalkRequest? { walk.split() ? walk.nextRequest() : nil }

    /// Takes the response page of a request.
    /// - Parameter requests: The number of requests that the page took, including repeats.
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

    /// Requests smaller pages from now on, because the response to a request was too large.
    /// - Returns: Whether pages can get smaller.
    public mutating func shrinkPages(after request: WalkRequest) throws(Rows.Failure) -> Bool {
        requests += 1
        guard let steps = walk.shrinkPages(after: request) else { return false }
        for case .drop(let piece) in steps { try rows.drop(piece) }
        return true
    }
}
