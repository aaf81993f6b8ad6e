import ExportCore

/// A simulated service with rows, limits of keys, latencies and faults.
struct SimulatedService: Sendable {
    private let dataset: Dataset
    private var keys: [Key]
    private let failures: Double
    private let timeout: Duration
    private var random: SeededRandom

    private struct Key: Sendable {
        var limit: KeyLimit
        var refusedFrom: Pacer.Time?
    }

    enum Reply: Sendable {
        case rows(ListResponse)
        case throttled(pause: Duration)
        /// A failed request, or one without a response.
        case failed
        case refused
    }

    private static let largestPage = 100
    /// A full page takes 100 ms.
    private static let shortest = Duration.milliseconds(40)
    private static let perRow = Duration.microseconds(600)
    private static let refusal = Duration.milliseconds(20)
    /// The share of failures without a response.
    private static let silence = 0.1

    init(_ dataset: Dataset, for scenario: Scenario, now: Pacer.Time, seed: UInt64) {
        self.dataset = dataset
        failures = scenario.failures
        timeout = scenario.timeout
        var random = SeededRandom(seed: seed)
        keys = dataset.agents.map { _ in
            Key(limit: KeyLimit(perMinute: Scenario.limit, bySecond: scenario.countsBySecond, now: now, offset: random.share()))
        }
        for (rank, agent) in dataset.bySize.enumerated() {
            guard scenario.isLimited else {
                keys[agent].limit = KeyLimit(perMinute: .max, bySecond: false, now: now, offset: 0)
                continue
            }
            if scenario.slowKeys > 0, (rank + 1) % Int(1 / scenario.slowKeys) == 0 {
                keys[agent].limit = KeyLimit(
                    perMinute: Scenario.lowLimit, bySecond: scenario.countsBySecond, now: now, offset: random.share())
            }
            // Two of 200 keys are refused: one at once, one after five minutes.
            if rank == 115 { keys[agent].refusedFrom = now }
            if rank == 15 { keys[agent].refusedFrom = now + .seconds(300) }
        }
        self.random = random
    }

    /// The reply to a request, and its latency.
    mutating func reply(to query: ListQuery, of agent: Int, at now: Pacer.Time) -> (Reply, after: Duration) {
        if let refused = keys[agent].refusedFrom, now >= refused { return (.refused, Self.refusal) }
        if let pause = keys[agent].limit.admit(at: now) { return (.throttled(pause: pause), Self.refusal) }
        let lateness = random.logNormal(spread: 0.25)
        let fate = random.share()
        if fate < failures { return (.failed, fate < failures * Self.silence ? timeout : Self.shortest * lateness) }
        let response = response(query, of: agent)
        return (.rows(response), (Self.shortest + Self.perRow * response.rows.count) * lateness)
    }

    /// The response to a query. Bounds are inclusive, `ordering` is honoured, and page sizes are clamped.
    private func response(_ query: ListQuery, of agent: Int) -> ListResponse {
        let places = dataset.places(of: agent, from: query.after, before: query.before.later(by: 1))
        let size = min(query.pageSize, Self.largestPage)
        let skipped = (query.page - 1) * size
        guard skipped < places.count || query.page == 1 else { return ListResponse(count: 0, hasNext: false, rows: []) }
        let page =
            query.ordering == .newestFirst ? places.dropLast(skipped).suffix(size) : places.dropFirst(skipped).prefix(size)
        // With one agent, the order of ids is that of time.
        let rows = page.map { place in
            RowKey(startedAt: Instant(microseconds: dataset.agents[agent][place]), id: Int64(place))
        }
        return ListResponse(
            count: places.count, hasNext: skipped + size < places.count,
            rows: query.ordering == .newestFirst ? rows.reversed() : rows)
    }
}
