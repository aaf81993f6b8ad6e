import ExportCore

/// One run that is simulated: how much there is, how it is cut, and what the service and the machines do to it.
struct Scenario: Sendable, Hashable {
    var rows = 10_000_000
    var agents = 200
    var every = WindowLength.day
    var shards = 1
    /// Requests in flight at once, in each shard.
    var concurrency = 8
    var rate = Rate.found
    /// The part of the requests that fail in passing. One in ten of those brings no answer at all, until the timeout.
    var failures = 0.005
    var timeout = Duration.seconds(60)
    /// The part of the keys that the service throttles harder.
    var slowKeys = 0.05
    /// Whether the service counts a key's requests by the second, and not by the minute.
    var countsBySecond = false
    /// Assumed: what a commit waits for the disk, or for the object storage.
    var commit = Duration.milliseconds(10)
    var death: Death?
    /// Whether keys have a limit, and two of them are refused.
    var isLimited = true
    /// Whether the rows lie as those of a service that was hardly used for most of the year: with gaps, and a busy fortnight.
    var isUneven = false

    /// What a shard knows of the limit of a key.
    enum Rate: Sendable, Hashable {
        /// Nothing: the pacer finds it out.
        case found
        /// `rate` says what the key may do, and each shard believes that it has all of it.
        case declared
        /// `rate` says it, and `--rate-share 1/N` what of it is this shard's.
        case shared
    }

    /// The first shard is killed when half of its windows are committed, and started again.
    enum Death: Sendable, Hashable {
        /// On the same machine, where the spools are still there.
        case sameMachine
        /// On another one, which finds only what was committed.
        case otherMachine
    }

    /// Requests a minute that the service admits for a key.
    static let limit = 1000
    /// The same for a key that is throttled harder.
    static let lowLimit = 200

    /// Requests a second at most, as a shard is told; nil: not told.
    var ceiling: Double? {
        let declared = Double(Self.limit) / 60
        return switch rate {
        case .found: nil
        case .declared: declared
        case .shared: declared / Double(shards)
        }
    }
}
