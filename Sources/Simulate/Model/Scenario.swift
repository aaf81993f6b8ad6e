import ExportCore

/// A simulated run: its rows and windows, and the behaviour of the service and the machines.
struct Scenario: Sendable, Hashable {
    var rows = 10_000_000
    var agents = 200
    var every = WindowLength.day
    var shards = 1
    /// The number of concurrent requests of each shard.
    var concurrency = 8
    var rate = Rate.found
    /// The share of requests that fail temporarily. One in ten of these has no response until the timeout.
    var failures = 0.005
    var timeout = Duration.seconds(60)
    /// The share of keys with the low limit.
    var slowKeys = 0.05
    /// Whether the service counts a key's requests by the second, and not by the minute.
    var countsBySecond = false
    /// The assumed time of a commit on a disk or on object storage.
    var commit = Duration.milliseconds(10)
    var death: Death?
    /// Whether keys have a limit, and two of them are refused.
    var isLimited = true
    /// Whether the rows lie as those of a service that was hardly used for most of the year: with gaps, and a busy fortnight.
    var isUneven = false

    /// A shard's knowledge of the limit of a key.
    enum Rate: Sendable, Hashable {
        /// The shard knows nothing: the pacer finds the limit.
        case found
        /// `rate` is the limit of the key, and each shard assumes that it has all of it.
        case declared
        /// `rate` is the limit of the key, and `--rate-share 1/N` the shard's part of it.
        case shared
    }

    /// The first shard is killed when half of its windows are committed, and started again.
    enum Death: Sendable, Hashable {
        /// On the same machine, where the spools are still there.
        case sameMachine
        /// On another one, which finds only what was committed.
        case otherMachine
    }

    /// The requests per minute that the service admits for a key.
    static let limit = 1000
    /// The same for a key with the low limit.
    static let lowLimit = 200

    /// The maximum rate per second that a shard is told. `nil` if it is not told.
    var ceiling: Double? {
        let declared = Double(Self.limit) / 60
        return switch rate {
        case .found: nil
        case .declared: declared
        case .shared: declared / Double(shards)
        }
    }
}
