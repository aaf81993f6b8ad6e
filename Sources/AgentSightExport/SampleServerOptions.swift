public import ArgumentParser
public import SampleAPI

/// Which deployment the imitation is, and what goes wrong with it.
struct SampleServerOptions: ParsableArguments {
    @Option(help: "On 127.0.0.1; 0 takes a free one.")
    var port = 0

    @Option(help: "Conversations served. Those of samples/ are the first 400 of seed 1.")
    var rows = 400

    @Option(help: "Of everything that looks like chance.")
    var seed: UInt64 = 1

    @Option(help: "How many rows share one started_at. Default: 40, or one in 50.")
    var tied: Int?

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

    @Option(help: "Of started_at_after and started_at_before: inclusive or exclusive.")
    var bounds = BoundsForm.inclusive

    @Option(
        name: .customLong("ignore"), parsing: .singleValue, help: "A parameter that this deployment does not know. May be repeated."
    )
    var ignored: [String] = []

    @Option(help: "The part of requests that meet a fault, 0 to 1.")
    var faults = 0.0

    @Option(name: .customLong("fault"), parsing: .singleValue, help: "A kind of fault; default: all that pass. May be repeated.")
    var kinds: [FaultForm] = []

    @Flag(help: "Rows come, go and change while they are read.")
    var churn = false

    func configuration() throws -> SampleService.Configuration {
        var configuration = SampleService.Configuration(generation: generation)
        configuration.port = port
        configuration.seed = seed
        configuration.latency = .milliseconds(latencyMs)
        configuration.latencyJitter = .milliseconds(jitterMs)
        configuration.rateLimit = rateLimit.map { RateLimit(perSecond: $0, retryAfter: retryAfter.value) }
        configuration.ordering = ordering == .honoured ? .honoured : .ignored
        configuration.defaultOrder = defaultOrder.value
        configuration.bounds = bounds == .inclusive ? .inclusive : .exclusive
        configuration.ignoredParameters = Set(ignored)
        if faults > 0 {
            let kinds = kinds.isEmpty ? FaultForm.allCases : kinds
            configuration.faults = .random(seed: seed, probability: faults, among: kinds.map(\.fault))
        }
        return configuration
    }

    func dataset() -> SampleDataset {
        SampleDataset(rows: rows, seed: seed, tied: tied)
    }

    func validate() throws {
        guard rows >= 0, (0...1).contains(faults), (rateLimit ?? 1) > 0, (0...65_535).contains(port) else {
            throw ValidationError("--rows, --rate-limit and --port are numbers from 0, 1 and 0 on; --faults lies between 0 and 1")
        }
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

enum FaultForm: String, ExpressibleByArgument, CaseIterable {
    case status500 = "500"
    case status502 = "502"
    case status503 = "503"
    case status504 = "504"
    case resetBefore = "reset-before"
    case resetInBody = "reset-in-body"
    case cutBody = "cut-body"
    case cutJSON = "cut-json"
    case empty
    case html

    var fault: Fault {
        switch self {
        case .status500: .status(500)
        case .status502: .status(502, html: true)
        case .status503: .status(503, html: true)
        case .status504: .status(504, html: true)
        case .resetBefore: .resetBeforeAnswer
        case .resetInBody: .resetInBody
        case .cutBody: .cutBody
        case .cutJSON: .cutJSON
        case .empty: .emptyBody
        case .html: .htmlBody
        }
    }
}

extension SampleService.Generation: ExpressibleByArgument {}
