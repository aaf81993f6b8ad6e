public import ArgumentParser
import ExportCore
public import SampleAPI

/// Which deployment the imitation is, and what goes wrong with it.
struct SampleServerOptions: ParsableArguments {
    @Option(help: "The port on 127.0.0.1; 0 uses a free one.")
    var port = 0

    @Option(help: "The API key that the server accepts.")
    var key = SampleService.key

    @Option(
        name: .customLong("agent"), parsing: .singleValue,
        help: ArgumentHelp(
            "An API key and the number of its agent (repeatable). Conversations are divided among the agents by id.",
            valueName: "KEY=NUMBER"))
    var agents: [AgentKeyForm] = []

    @Flag(help: "Answer /api/me/ with status 404, as older deployments do.")
    var withoutMe = false

    @Option(help: "The number of conversations. samples/ contains the 400 conversations of seed 1.")
    var rows = 400

    @Option(help: "The seed of the random number generator.")
    var seed: UInt64 = 1

    @Option(help: "The number of rows that share one started_at. Default: 40, or one in 50.")
    var tied: Int?

    @Option(help: "The number of days with conversations, from 2026-03-23 on. Default: one per 600 rows, at least 14.")
    var days: Int?

    @Option(help: "The approximate minimum size of a row in bytes. Default: rows vary from 0.5 to 7 KB.")
    var rowBytes = 0

    @Flag(help: "Leave out metadata numbers that exceed 64 bits and doubles, because some readers fail on them.")
    var plainNumbers = false

    @Option(
        help: ArgumentHelp(
            "Mark COUNT unmarked conversations, every STEPth in the order of started_at, so that an earlier export differs.",
            valueName: "COUNT/STEP"))
    var changed: ChangedForm?

    @Option(help: "The delay before each response, in milliseconds.")
    var latencyMs = 0

    @Option(help: "Additional random delay, up to this many milliseconds, so that responses arrive in any order.")
    var jitterMs = 0

    @Option(help: "The maximum number of requests per second; others get status 429.")
    var rateLimit: Int?

    @Option(help: "Another kind of limit, instead of --rate-limit: \(LimiterText.forms).")
    var limiter: String?

    @Flag(help: "With --limiter counter: refuse with status 503 instead of 429.")
    var limiterAnswers503 = false

    @Option(help: "The form of Retry-After with status 429: seconds, date, none, past or garbage.")
    var retryAfter = RetryAfterForm.seconds

    @Option(help: "The generation of the service: old or new.")
    var generation = SampleService.Generation.new

    @Option(help: "Whether the server honours or ignores the parameter ordering.")
    var ordering = OrderingForm.honoured

    @Option(help: "The order of rows without ordering: newest, id or random.")
    var defaultOrder = DefaultOrderForm.newest

    @Option(help: "The order of rows with the same sort key: stable or random.")
    var ties = TiesForm.stable

    @Option(help: "The maximum rows per page; the server silently reduces a larger page_size.")
    var pageLimit = 100

    @Option(help: "Whether started_at_after and started_at_before are inclusive or exclusive.")
    var bounds = BoundsForm.inclusive

    @Option(
        name: .customLong("ignore"), parsing: .singleValue, help: "A parameter that the server ignores (repeatable)."
    )
    var ignored: [String] = []

    @Option(help: "The fraction of requests that fail, 0 to 1.")
    var faults = 0.0

    @Option(
        name: .customLong("fault"), parsing: .singleValue,
        help: """
            A kind of fault (repeatable). Default: all kinds up to html, which are temporary faults. throttle, stall-before, stall-in-body \
            and drip are temporary too; the other kinds return lists that contradict themselves.
            """)
    var kinds: [FaultForm] = []

    @Option(
        parsing: .singleValue,
        help: """
            A change from request N on, as N:CHANGE (repeatable). CHANGE is ordering-ignored, page-limit=ROWS, rate-limit=REQUESTS (with \
            --rate-limit), ignore=PARAMETER, keys-revoked, or gone=REQUESTS, which resets that many connections.
            """)
    var later: [LaterForm] = []

    @Flag(help: "Insert, delete and change rows while they are read.")
    var churn = false

    @Option(help: "With --churn: the number of list requests between changes.")
    var churnEvery = 5

    func configuration() throws -> SampleService.Configuration {
        var configuration = SampleService.Configuration(generation: generation)
        configuration.port = port
        configuration.keys[SampleService.key] = nil
        configuration.keys[key] = .granted
        for agent in agents {
            configuration.keys[agent.key] = .granted
            configuration.agents[agent.key] = agent.number
        }
        if withoutMe { configuration.absentRoutes.insert(.me) }
        configuration.seed = seed
        configuration.latency = .milliseconds(latencyMs)
        configuration.latencyJitter = .milliseconds(jitterMs)
        configuration.rateLimit = rateLimit.map { RateLimit(perSecond: $0, retryAfter: retryAfter.value) }
        configuration.limiter = limiter.flatMap(parsed)
        configuration.ordering = ordering == .honoured ? .honoured : .ignored
        configuration.defaultOrder = defaultOrder.value
        configuration.ties = ties == .stable ? .stable : .random
        configuration.maximumPageSize = pageLimit
        configuration.bounds = bounds == .inclusive ? .inclusive : .exclusive
        configuration.ignoredParameters = Set(ignored)
        configuration.changes = later.compactMap(\.change)
        var plans = later.compactMap(\.faults)
        if faults > 0 {
            let kinds = kinds.isEmpty ? FaultForm.passing : kinds
            plans.append(.random(seed: seed, probability: faults, among: kinds.map(\.fault)))
        }
        if !plans.isEmpty { configuration.faults = .firstOf(plans) }
        if churn { configuration.churn = Churn(every: churnEvery, seed: seed) }
        return configuration
    }

    private func parsed(_ limiter: String) -> (any RequestLimiter)? {
        LimiterText.limiter(limiter, status: limiterAnswers503 ? 503 : 429, seed: seed)
    }

    func dataset() -> SampleDataset {
        SampleDataset(
            rows: rows, seed: seed, tied: tied, days: days, minimumRowBytes: rowBytes, hasOddNumbers: !plainNumbers)
    }

    /// Changes the rows that `--changed` asks for.
    func change(_ service: SampleService) throws {
        guard let changed else { return }
        let ids = try service.matchingIDs([.init(name: "is_marked", value: "false")])
        for place in stride(from: 0, to: ids.count, by: changed.step).prefix(changed.count) {
            service.mutate(.setMarked(id: ids[place], true))
        }
    }

    func validate() throws {
        let counts = [
            ("rows", rows), ("row-bytes", rowBytes), ("tied", tied ?? 0), ("latency-ms", latencyMs), ("jitter-ms", jitterMs),
        ]
        for (name, value) in counts where value < 0 {
            throw ValidationError("--\(name) must be 0 or more, but is \(value)")
        }
        for (name, value) in [("rate-limit", rateLimit ?? 1), ("page-limit", pageLimit), ("churn-every", churnEvery)]
        where value < 1 {
            throw ValidationError("--\(name) must be 1 or more, but is \(value)")
        }
        if let limiter {
            guard rateLimit == nil else { throw ValidationError("give --limiter or --rate-limit, not both") }
            guard parsed(limiter) != nil else {
                throw ValidationError("--limiter must be \(LimiterText.forms), but is \(limiter.shown())")
            }
        }
        if let days, days < SampleDataset.minimumDays {
            throw ValidationError("--days must be \(SampleDataset.minimumDays) or more, but is \(days)")
        }
        guard (0...65_535).contains(port) else { throw ValidationError("--port must be a number from 0 to 65535, but is \(port)") }
        guard (0...1).contains(faults) else { throw ValidationError("--faults must be a number from 0 to 1, but is \(faults)") }
    }
}

enum RetryAfterForm: String, ExpressibleByArgument, CaseIterable {
    case seconds, date, none, past, garbage

    var value: RateLimit.RetryAfter {
        switch self {
        case .seconds: .seconds
        case .date: .httpDate
        case .none: .none
        case .past: .past
        case .garbage: .garbage
        }
    }
}

enum OrderingForm: String, ExpressibleByArgument, CaseIterable {
    case honoured, ignored
}

enum BoundsForm: String, ExpressibleByArgument, CaseIterable {
    case inclusive, exclusive
}

enum TiesForm: String, ExpressibleByArgument, CaseIterable {
    case stable, random
}

enum DefaultOrderForm: String, ExpressibleByArgument, CaseIterable {
    case newest, id, random

    var value: SampleService.DefaultOrder {
        switch self {
        case .newest: .newestFirst
        case .id: .id
        case .random: .random
        }
    }
}

extension SampleService.Generation: ExpressibleByArgument {}

/// How many rows are changed, and how far apart they are, as `--changed` takes them.
struct ChangedForm: ExpressibleByArgument {
    let count: Int
    let step: Int

    init?(argument: String) {
        let numbers = argument.splitExactly(at: "/", maxSplits: 1).compactMap { Int($0) }
        guard numbers.count == 2, numbers[0] >= 0, numbers[1] > 0 else { return nil }
        (count, step) = (numbers[0], numbers[1])
    }
}

/// A key and the number of its agent, as `--agent` takes them.
struct AgentKeyForm: ExpressibleByArgument {
    let key: String
    let number: Int

    init?(argument: String) {
        let parts = argument.splitExactly(at: "=", maxSplits: 1)
        guard parts.count == 2, let number = Int(parts[1]) else { return nil }
        (key, self.number) = (String(parts[0]), number)
    }
}
