/// The walk over one window: decides which requests to send, and judges their responses.
///
/// A pure value without clock or network. Its owner sends the requests of `nextRequest()`, any number of them at once, passes each response
/// to `receive`, and performs the returned steps. When nothing is left to send or to wait for, `outcome` is set.
public protocol WindowWalk: Sendable {
    /// The next request that can be sent now. `nil` while the walk waits for responses, and after its end.
    mutating func nextRequest() -> WalkRequest?

    /// Takes the response to a request in flight.
    mutating func receive(_ response: ListResponse, for request: WalkRequest) -> [WalkStep]

    /// Requests smaller pages from now on, and repeats the request, because its response was too large.
    /// - Returns: `nil` if pages cannot get smaller.
    mutating func shrinkPages(after request: WalkRequest) -> [WalkStep]?

    /// Cuts the largest remaining range in two, for an idle slot.
    /// - Returns: Whether there is now another request to send.
    mutating func split() -> Bool

    /// The server's count of the whole window when its export began. `nil` before the first response.
    var countBefore: Int? { get }

    /// Whether the server honours `ordering`, as far as known.
    var ordering: OrderingSupport { get }

    /// Whether the deployment has lists without pages, as far as the walk has found out.
    var lists: ListSupport { get }

    /// The outcome of the walk if the count in flight agrees with the rows. `nil` while rows are awaited, or if the count cannot prove
    /// anything.
    var presumedOutcome: WalkOutcome? { get }

    /// The outcome of the walk. `nil` while it is in progress.
    var outcome: WalkOutcome? { get }

    /// Why the walk was given up: the list is inconsistent, and further requests would not help. The walk then has no outcome and sends
    /// nothing more.
    var excess: WalkBudgetExceeded? { get }
}

extension WindowWalk {
    /// Unknown, because the walk requests no lists.
    public var lists: ListSupport { .unknown }
}

/// A request of a walk.
public struct WalkRequest: Sendable, Hashable {
    /// The request's identifier within its walk.
    public let id: Int
    /// The query to send.
    public let query: ListQuery
}

/// An action for the owner of a walk: what to do with the rows of a response.
public enum WalkStep: Sendable, Hashable {
    /// Keep these rows of the response, by their indices, in this order. They are all rows of a piece.
    case keep(rows: [Int], piece: WalkPiece)
    /// Keep these rows of a piece that comes in several pages. Its rows have to be sorted at the end.
    case add(rows: [Int], piece: Int)
    /// Drop all kept rows of a piece.
    case drop(piece: Int)
}

/// The outcome of a walk: the pieces that make up the window, and the proof.
public struct WalkOutcome: Sendable, Hashable {
    /// The pieces whose rows are written, in the order of time. Together they cover the window, and no two overlap.
    public var pieces: [Int]
    /// Whether the written rows agree with the service's counts.
    public var isProved: Bool
    /// The counts for the manifest.
    public var proof: Proof

    /// Creates an outcome.
    public init(pieces: [Int], isProved: Bool, proof: Proof) {
        self.pieces = pieces
        self.isProved = isProved
        self.proof = proof
    }
}

/// A server's support for `ordering`, as shown by its responses.
public enum OrderingSupport: Sendable, Hashable {
    case unknown, honoured, ignored
}
