import Synchronization

/// An imitation of the AgentSight conversations API, on 127.0.0.1, with every fault on request.
///
/// It follows API.md and the vendor's Python client, and shares no type with this project's client, so that one mistake cannot be in
/// both. Its rows can be changed while it serves them.
public final class SampleService: Sendable {
    /// How the service behaves.
    public let configuration: Configuration
    private let state: Mutex<State>
    let span: Range<Moment>
    private let rowSeed: UInt64

    struct State: ~Copyable {
        var store: ConversationStore
        var statistics = SampleStatistics()
        var inFlight: Set<Int> = []
        var listRequests = 0
        var windows: [String: RateWindow] = [:]
        var limiters: [String: any RequestLimiter] = [:]
        /// Admitted requests of each key that are at work.
        var admitted: [String: Int] = [:]
        var admittedKeys: [Int: String] = [:]
        var periods: RetryPeriods
        var random: SplitMix
    }

    /// Creates a service that serves a dataset.
    public init(_ configuration: Configuration = Configuration(), dataset: SampleDataset = .standard) {
        self.configuration = configuration
        span = dataset.span
        rowSeed = dataset.seed
        let numbers = Set(configuration.agents.values).sorted()
        let rows =
            numbers.isEmpty
            ? dataset.rows
            : dataset.rows.map { row in
                var row = row
                row.agent = numbers[row.id % numbers.count]
                row.renderHead()
                return row
            }
        state = Mutex(
            State(
                store: ConversationStore(rows),
                periods: RetryPeriods(grace: configuration.rateLimit?.grace ?? .milliseconds(20)),
                random: SplitMix(seed: configuration.seed, stream: -2)))
    }

    /// Access to what is shared by the requests; not for longer than it takes to look something up.
    func withState<Value>(_ body: (inout State) throws -> sending Value) rethrows -> sending Value {
        try state.withLock { state in try body(&state) }
    }

    /// The requests so far.
    public var statistics: SampleStatistics {
        withState { $0.statistics }
    }

    /// The ids an export of this query must bring now, in order of `started_at`, then id: all parameters hold, whichever of them
    /// this deployment ignores, and the time range is `[started_at_after, started_at_before)`. `ordering` and pages play no part.
    ///
    /// - Throws: an error where the service would answer 400.
    public func matchingIDs(_ parameters: [QueryParameter]) throws -> [Int] {
        let query = try ConversationQuery(parameters, generation: configuration.generation)
        return withState { state in
            let places = state.store.matches(query, bounds: .halfOpen)
            return places.map { state.store.rows[$0].id }
        }
    }

    /// Whether a row is there and matches now, as `matchingIDs` has it; a time range plays no part.
    public func matches(id: Int, _ parameters: [QueryParameter]) throws -> Bool {
        let conditions = try ConversationQuery(parameters, generation: configuration.generation).conditions
        let row = withState { $0.store.row(id: id) }
        return row.map { row in conditions.allSatisfy { $0.holds(for: row) } } ?? false
    }

    /// A row as the list gives it now. `nil` if there is none.
    public func row(id: Int, full: Bool = true) -> [UInt8]? {
        let row = withState { $0.store.row(id: id) }
        return row.map { row in
            var bytes: [UInt8] = []
            row.append(full ? .full : .lean, withTickets: false, to: &bytes)
            return bytes
        }
    }

    /// Changes the rows. Returns the id of the added or changed row, or `nil` if no row has that id.
    @discardableResult
    public func mutate(_ mutation: Mutation) -> Int? {
        withState { mutate(mutation, in: &$0) }
    }

    func mutate(_ mutation: Mutation, in state: inout State) -> Int? {
        func update(_ id: Int, _ change: (inout SampleRow) -> Void) -> Int? {
            state.store.update(id: id, change) ? id : nil
        }
        func updateIfChanged(_ id: Int, _ change: (inout SampleRow) -> Bool) -> Int? {
            var isChanged = false
            return update(id) { isChanged = change(&$0) }.flatMap { isChanged ? $0 : nil }
        }
        switch mutation {
        case .insert(let startedAt):
            return state.store.insert { compose(id: $0, startedAt: Moment(microseconds: startedAt)) }
        case .listAgain(let id, let startedAt):
            state.store.add(compose(id: id, startedAt: Moment(microseconds: startedAt)))
            return id
        case .softDelete(let id): return update(id) { $0.deletedAt = $0.deletedAt ?? span.upperBound }
        case .undelete(let id): return update(id) { $0.deletedAt = nil }
        case .setMarked(let id, let isMarked): return update(id) { $0.isMarked = isMarked }
        case .setDevice(let id, let device): return update(id) { $0.device = device }
        case .setMetadata(let id, let key, let value): return update(id) { $0.metadata.set(key, to: .string(value)) }
        case .setName(let id, let name): return update(id) { $0.name = name }
        case .editMessage(let id): return updateIfChanged(id) { $0.editMessage() }
        case .addFeedback(let id, let sentiment): return update(id) { $0.addFeedback(sentiment) }
        case .changeFeedback(let id, let sentiment): return updateIfChanged(id) { $0.changeFeedback(sentiment) }
        case .removeFeedbacks(let id): return updateIfChanged(id) { $0.removeFeedbacks() }
        case .setMessageMetadata(let id, let value): return updateIfChanged(id) { $0.setMessageMetadata(value) }
        case .addKey(let key):
            state.store.updateAll { $0.extras += ",\"\(key)\":0.5".utf8 }
            return nil
        case .signLinks(let seed):
            var random = SplitMix(seed: seed, stream: 0)
            state.store.updateAll { $0.signLinks(&random) }
            return nil
        }
    }

    /// A row that is not deleted, the same for the same id and instant.
    func compose(id: Int, startedAt: Moment) -> SampleRow {
        var composer = RowComposer(index: id, id: id, startedAt: startedAt, seed: rowSeed)
        var row = composer.compose()
        row.deletedAt = nil
        let numbers = Set(configuration.agents.values).sorted()
        if !numbers.isEmpty { row.agent = numbers[id % numbers.count] }
        row.renderHead()
        return row
    }

    /// Counts a request for a list, and makes the changes that are due before it is answered.
    func prepareListResponse() {
        let number = withState { state in
            state.listRequests += 1
            if let mutation = configuration.churn?.mutation(beforeRequest: state.listRequests, rows: state.store.rows, span: span) {
                _ = mutate(mutation, in: &state)
            }
            return state.listRequests
        }
        configuration.beforeResponse?(number, self)
    }
}
