import ExportCore

/// A simulation with several scenarios that differ in one or two settings, and the columns shown for each.
struct Experiment: Sendable {
    /// The name for `--only`.
    let name: String
    let title: String
    let columns: [Column]
    let scenarios: [Scenario]

    struct Column: Sendable {
        let title: String
        let value: @Sendable (Scenario, Outcome) -> String
    }
}

extension Experiment.Column {
    static let rows = Self(title: "rows") { scenario, _ in Figures.count(scenario.rows) }
    static let agents = Self(title: "agents") { scenario, _ in Figures.count(scenario.agents) }
    static let every = Self(title: "windows of") { scenario, _ in scenario.every.rawValue }
    static let shards = Self(title: "shards") { scenario, _ in Figures.count(scenario.shards) }
    static let concurrency = Self(title: "concurrent requests") { scenario, _ in Figures.count(scenario.concurrency) }
    static let failing = Self(title: "failing %") { scenario, _ in Figures.decimal(100 * scenario.failures) }
    static let timeout = Self(title: "timeout s") { scenario, _ in Figures.count(Int(scenario.timeout / .seconds(1))) }
    static let slowKeys = Self(title: "slow keys %") { scenario, _ in Figures.decimal(100 * scenario.slowKeys) }
    static let rate = Self(title: "rate") { scenario, _ in
        switch scenario.rate {
        case .found: "found out"
        case .declared: "declared"
        case .shared: "declared, and shared"
        }
    }
    static let counting = Self(title: "the service counts by the") { scenario, _ in scenario.countsBySecond ? "second" : "minute" }
    static let commit = Self(title: "ms per commit") { scenario, _ in Figures.count(Int(scenario.commit / .milliseconds(1))) }
    static let death = Self(title: "started again") { scenario, _ in
        switch scenario.death {
        case nil: "was not killed"
        case .sameMachine: "on its machine"
        case .otherMachine: "on another"
        }
    }

    static let manifests = Self(title: "manifests") { _, outcome in Figures.count(outcome.committed) }
    static let rowsAWindow = Self(title: "rows per window") { _, outcome in Figures.count(outcome.rows / max(1, outcome.committed))
    }
    static let requests = Self(title: "requests") { _, outcome in Figures.count(outcome.requests) }
    static let aboveLeast = Self(title: "% above minimum") { _, outcome in
        Figures.count(Int((Double(outcome.requests) / (Double(outcome.rows) / 100) - 1) * 100))
    }
    static let throttled = Self(title: "429s") { _, outcome in Figures.count(outcome.throttled) }
    static let throttledShare = Self(title: "429s %") { _, outcome in
        Figures.decimal(100 * Double(outcome.throttled) / Double(max(1, outcome.requests)))
    }
    static let repeats = Self(title: "repeats") { _, outcome in Figures.count(outcome.repeats) }
    static let givenUp = Self(title: "keys given up") { _, outcome in Figures.count(outcome.givenUp) }
    static let failed = Self(title: "windows failed") { _, outcome in Figures.count(outcome.failed) }
    static let wall = Self(title: "minutes") { _, outcome in Figures.decimal(outcome.wall / .seconds(60)) }
    static let median = Self(title: "median agent min") { _, outcome in
        Figures.decimal(outcome.ends.sorted()[outcome.ends.count / 2] / .seconds(60))
    }
    static let idle = Self(title: "slots idle %") { scenario, outcome in
        let slots = Double(scenario.shards * scenario.concurrency)
        return Figures.count(Int(100 * (1 - outcome.busy / outcome.wall / slots)))
    }
    static let slowest = Self(title: "largest key min") { _, outcome in
        Figures.decimal(outcome.largestEnd / .seconds(60))
    }
    static let bound = Self(title: "largest key at its limit, minutes") { _, outcome in
        Figures.decimal(Double(outcome.largest) / 100 / Double(Scenario.limit))
    }
    static let imbalance = Self(title: "largest shard / mean") { _, outcome in
        Figures.decimal(Balance(outcome.committedRows).largestOverMean, places: 2)
    }
    static let imbalanceOfLargest = Self(title: "the same of the largest key") { _, outcome in
        Figures.decimal(Balance(outcome.largestOnShards).largestOverMean, places: 2)
    }
    static let fetched = Self(title: "fetched in s") { _, outcome in Figures.decimal(outcome.fetched / .seconds(1)) }
    static let overIdeal = Self(title: "over the ideal") { scenario, outcome in
        Figures.decimal(outcome.fetched / outcome.ideal(concurrency: scenario.concurrency), places: 2)
    }
    static let planning = Self(title: "s to plan (nothing due)") { _, outcome in Figures.decimal(Cost.planning(outcome.committed)) }
    static let processors = Self(title: "processors busy %") { scenario, outcome in
        let seconds = outcome.wall / .seconds(1) * Double(Cost.processors * scenario.shards)
        return Figures.count(Int(100 * Cost.gigabytes(outcome.rows) * Cost.cpuPerGB / seconds))
    }
    static let gigabytes = Self(title: "GB NDJSON") { _, outcome in Figures.decimal(Cost.gigabytes(outcome.rows)) }
    static let files = Self(title: "GB files") { _, outcome in Figures.decimal(Cost.gigabytes(outcome.rows) * Cost.compressed) }
    static let cpu = Self(title: "CPU min") { _, outcome in
        Figures.decimal(Cost.gigabytes(outcome.rows) * Cost.cpuPerGB / 60)
    }
    static let spool = Self(title: "peak spool GB") { _, outcome in
        Figures.decimal(Cost.gigabytes(outcome.spooledAtMost), places: 2)
    }
    static let spools = Self(title: "peak spools") { _, outcome in Figures.count(outcome.spoolsAtMost) }
    static let begunAgain = Self(title: "windows begun again") { _, outcome in Figures.count(outcome.begunAgain) }
    static let requestsLost = Self(title: "requests thrown away") { _, outcome in Figures.count(outcome.requestsLost) }
}
