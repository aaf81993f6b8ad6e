/// A change to the rows, as users and the tracking SDK make them while an export runs.
public enum Mutation: Sendable, Hashable {
    /// A new conversation, begun at so many microseconds since 1970: now, or long ago where it arrives late.
    case insert(startedAt: Int64)
    case softDelete(id: Int)
    case undelete(id: Int)
    /// Lists the id a second time, as a conversation begun at another instant: no service should.
    case listAgain(id: Int, startedAt: Int64)
    case setMarked(id: Int, Bool)
    case setDevice(id: Int, String?)
    /// Sets a key of the metadata to a text; metadata that is null becomes an object.
    case setMetadata(id: Int, key: String, value: String)
    case setName(id: Int, String?)
    /// Changes the text of the first message. Only whole rows show it.
    case editMessage(id: Int)
    /// Adds a feedback of a sentiment.
    case addFeedback(id: Int, sentiment: String)
    /// Gives the first feedback another sentiment. Only whole rows show it.
    case changeFeedback(id: Int, sentiment: String)
    /// Deletes all feedback, for good.
    case removeFeedbacks(id: Int)
    /// Gives the first message other metadata. Only whole rows show it.
    case setMessageMetadata(id: Int, value: String)
    /// Gives every row a further top-level key, with the value 0.5, as a new release of the service does.
    case addKey(String)
    /// Signs the links of all attachments anew, as the service does for each response.
    case signLinks(seed: UInt64)

    /// The kinds of mutations, for choosing among them.
    public enum Kind: Sendable, Hashable, CaseIterable {
        case insert, softDelete, undelete, flipMarked, flipDevice, changeMetadata
    }
}

/// Changes that come by themselves, so many requests apart.
public struct Churn: Sendable, Hashable {
    /// A change after every so many requests for a list, before the next one is answered.
    public var every: Int
    /// The seed of the random numbers: the same seed gives the same mutations.
    public var seed: UInt64
    /// Drawn from with equal probability.
    public var kinds: [Mutation.Kind]
    /// Where inserted conversations begin, in microseconds since 1970. `nil` for anywhere in the dataset's span.
    public var instants: Range<Int64>?

    /// Creates a churn.
    public init(every: Int, seed: UInt64, kinds: [Mutation.Kind] = Mutation.Kind.allCases, instants: Range<Int64>? = nil) {
        self.every = every
        self.seed = seed
        self.kinds = kinds
        self.instants = instants
    }

    /// The change that is due before the answer to list request `number`, counted from 1. `nil` if none is.
    ///
    /// - Parameter rows: what there is to change.
    func mutation(beforeRequest number: Int, rows: [SampleRow], span: Range<Moment>) -> Mutation? {
        guard every > 0, number > 1, (number - 1).isMultiple(of: every), !kinds.isEmpty else { return nil }
        var random = SplitMix(seed: seed, stream: number)
        let kind = random.pick(kinds)
        if kind == .insert {
            let instants = instants ?? span.lowerBound.microseconds..<span.upperBound.microseconds
            return .insert(startedAt: instants.lowerBound + Int64(random.fraction() * Double(instants.count)))
        }
        let eligible = kind == .softDelete ? rows.filter { !$0.isDeleted } : kind == .undelete ? rows.filter(\.isDeleted) : rows
        guard !eligible.isEmpty else { return nil }
        let row = random.pick(eligible)
        return switch kind {
        case .insert: nil
        case .softDelete: .softDelete(id: row.id)
        case .undelete: .undelete(id: row.id)
        case .flipMarked: .setMarked(id: row.id, !row.isMarked)
        case .flipDevice: .setDevice(id: row.id, row.device == "mobile" ? "desktop" : "mobile")
        case .changeMetadata: .setMetadata(id: row.id, key: "status", value: random.pick(["open", "pending", "resolved"]))
        }
    }
}
