public import ArgumentParser
public import SampleAPI

/// Which deployment the imitation is, and what goes wrong with it.
struct SampleServerOptions: ParsableArguments {
    @Option(help: "On 127.0.0.1; 0 takes a free one.")
    var port = 0

    @Option(help: "That it accepts, beside one that is not paid for and one that may not read.")
    var key = SampleService.key

    @Option(help: "Conversations served. Those of samples/ are the first 400 of seed 1.")
    var rows = 400

    @Option(help: "Of everything that looks like chance.")
    var seed: UInt64 = 1

    @Option(help: "How many rows share one started_at. Default: 40, or one in 50.")
    var tied: Int?

    @Option(help: "Days that they are spread over, from 2026-03-23 on. Default: one for 600 rows, a fortnight at least.")
    var days: Int?

    @Option(help: "Conversations go on until their full row has about so many bytes. Default: 0.5 to 7 KB, as they come.")
    var rowBytes = 0

    @Flag(help: "No numbers in metadata that neither 64 bits nor a float can hold: some readers end at them.")
    var plainNumbers = false

    @Option(help: "Before each answer, in milliseconds.")
    var latencyMs = 0

    @Option(help: "Up to so much more, at random: answers come in any order.")
    var jitterMs = 0

    @Option(help: "Requests a second; more are answered with 429.")
    var rateLimit: Int?

    @Option(help: "How a 429 says when to come back: seconds, date, none, past or garbage.")
    var retryAfter = RetryAfterForm.seconds

    @Option(help: "Of the service: old or new.")
    var generation = SampleService.Generation.new

    @Option(help: "honoured or ignored.")
    var ordering = OrderingForm.honoured

    @Option(help: "Without ordering: newest, id or random.")
    var defaultOrder = DefaultOrderForm.newest

    @Option(help: "The order of rows that the ordering does not tell apart: stable or random.")
    var ties = TiesForm.stable

    @Option(help: "Rows of a page at most; a larger page_size is clamped silently.")
    var pageLimit = 100

    @Option(help: "Of started_at_after and started_at_before: inclusive or exclusive.")
    var bounds = BoundsForm.inclusive

    @Option(
        name: .customLong("ignore"), parsing: .singleValue, help: "A parameter that this deployment does not know. May be repeated."
    )
    var ignored: [String] = []

    @Option(help: "The part of requests that meet a fault, 0 to 1.")
    var faults = 0.0

    @Option(
        name: .customLong("fault"), parsing: .singleValue,
        help: """
            A kind of fault; default: all up to html, which pass. throttle, the stalls and the drip pass too; the others are \
            lists that contradict themselves. May be repeated.
            """)
    var kinds: [FaultForm] = []

    @Option(
        parsing: .singleValue,
        help: """
            What changes from a request on, as N:CHANGE. CHANGE is ordering-ignored, page-limit=ROWS, rate-limit=REQUESTS (with \
            --rate-limit), ignore=PARAMETER, keys-revoked, or gone=REQUESTS for a reset in the place of so many answers. May be repeated.
            """)
    var later: [LaterForm] = []

    @Flag(help: "Rows come, go and change while they are read.")
    var churn = false

    @Option(help: "With --churn: a change after every so many lists.")
    var churnEvery = 5

    func configuration() throws -> SampleService.Configuration {
        var configuration = SampleService.Configuration(generation: generation)
        configuration.port = port
        configuration.keys[SampleService.key] = nil
        configuration.keys[key] = .granted
        configuration.seed = seed
        configuration.latency = .milliseconds(latencyMs)
        configuration.latencyJitter = .milliseconds(jitterMs)
        configuration.rateLimit = rateLimit.map { RateLimit(perSecond: $0, retryAfter: retryAfter.value) }
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

    func dataset() -> SampleDataset {
        SampleDataset(
            rows: rows, seed: seed, tied: tied, days: days, minimumRowBytes: rowBytes, hasOddNumbers: !plainNumbers)
    }

    func validate() throws {
        let counts = [
            ("rows", rows), ("row-bytes", rowBytes), ("tied", tied ?? 0), ("latency-ms", latencyMs), ("jitter-ms", jitterMs),
        ]
        for (name, value) in counts where value < 0 {
            throw ValidationError("--\(name) is a number from 0 on, but is \(value)")
        }
        for (name, value) in [("rate-limit", rateLimit ?? 1), ("page-limit", pageLimit), ("churn-every", churnEvery)]
        where value < 1 {
            throw ValidationError("--\(name) is a number from 1 on, but is \(value)")
        }
        if let days, days < SampleDataset.minimumDays {
            throw ValidationError("--days is a number from \(SampleDataset.minimumDays) on, but is \(days)")
        }
        guard (0...65_535).contains(port) else { throw ValidationError("--port is a number from 0 to 65535, but is \(port)") }
        guard (0...1).contains(faults) else { throw ValidationError("--faults is a number from 0 to 1, but is \(faults)") }
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
