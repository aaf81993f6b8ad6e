/// The walk over one window: which requests to send, and what their answers add up to.
///
/// A value without clock or network. Its owner sends what `nextRequest()` gives, any number of them at once, hands each answer to
/// `receive`, and does what the steps say. When nothing is left to send or to wait for, `outcome` is there.
public protocol WindowWalk: Sendable {
    /// The next request that can be sent now; nil while there is nothing to do but wait for answers, and after the end.
    mutating func nextRequest() -> WalkRequest?

    /// Takes the answer to a request that is in flight.
    mutating func receive(_ response: ListResponse, for request: WalkRequest) -> [WalkStep]

    /// Asks for smaller pages from now on, and for what the request asked for again, because its answer was too large.
    /// - Returns: nil where pages cannot get smaller.
    mutating func shrinkPages(after request: WalkRequest) -> [WalkStep]?

    /// Cuts the largest remaining range in two, for a slot that would stand idle.
    /// - Returns: whether there is now something more to send.
    mutating func split() -> Bool

    /// The server's count of the whole window when its export began; nil before the first response.
    var countBefore: Int? { get }

    /// Whether the server honours `ordering`, as far as it is known.
    var ordering: OrderingSupport { get }

    /// Whether the deployment has lists without pages, as far as the walk has found it out.
    var lists: ListSupport { get }

    /// The outcome of the walk if the count in flight agrees with the rows; nil while rows are awaited, or if the count will prove nothing.
    var presumedOutcome: WalkOutcome? { get }

    /// The outcome of the walk; nil while it is in progress.
    var outcome: WalkOutcome? { get }

    /// Why the walk was given up: the list does not add up, and nothing is to be had by asking on. It has no outcome then, and sends nothing
    /// more.
    var excess: WalkBudgetExceeded? { get }
}

extension WindowWalk {
    /// Unknown: the walk asks for no lists.
    public var lists: ListSupport { .unknown }
}

/// A request that the walk wants to have sent.
public struct WalkRequest: Sendable, Hashable {
    /// Tells the request from the others of its walk.
    public let id: Int
    /// The query to send.
    public let query: ListQuery
}

/// The action of a walk's owner for the rows of a response.
public enum WalkStep: Sendable, Hashable {
    /// Keep these rows of the answer, given by their indices there, in this order: they are all of a piece.
    case keep(rows: [Int], piece: WalkPiece)
    /// Keep these rows too: a piece that comes in several pages, whose rows have to be put in order at the end.
    case add(rows: [Int], piece: Int)
    /// Forget all that was kept for a piece.
    case drop(piece: Int)
}

/// How a walk ended: which pieces make up the window, and what proves it.
public struct WalkOutcome: Sendable, Hashable {
    /// Pieces with rows to be written, in the order of time. Together they are the window, and no two overlap.
    public var pieces: [Int]
    /// Whether the written rows agree with the service's counts.
    public var isProved: Bool
    /// The counts, as the manifest holds them.
    public var proof: Proof

    /// Creates an outcome.
    public init(pieces: [Int], isProved: Bool, proof: Proof) {
        self.pieces = pieces
        self.isProved = isProved
        self.proof = proof
    }
}

/// A server's support of `ordering`, as its responses show it.
public enum OrderingSupport: Sendable, Hashable {
    case unknown, honoured, ignored
}
