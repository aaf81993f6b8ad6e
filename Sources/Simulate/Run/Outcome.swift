import ExportCore

/// The outcome of a simulated run.
struct Outcome: Sendable {
    var wall = Duration.zero
    /// The number of requests, including retries and throttled ones.
    var requests = 0
    var throttled = 0
    var repeats = 0
    /// The number of keys given up by a shard, because a request was throttled again and again.
    var givenUp = 0
    /// The time in which slots waited for the service.
    var busy = Duration.zero
    /// When the last answer was there.
    var fetched = Duration.zero
    var rows = 0
    var committed = 0
    /// Windows that ended without a proof, or with other rows than the service has.
    var wrong = 0
    var failed = 0
    /// Windows of refused keys.
    var leftOut = 0
    /// The end of each agent's export.
    var ends: [Duration]
    /// The rows of the largest agent, and the end of its export.
    var largest = 0
    var largestEnd = Duration.zero
    /// The rows of the largest agent on each shard.
    var largestOnShards: [Int] = []
    /// The rows that each shard committed.
    var committedRows: [Int]
    /// The largest numbers of spooled rows and of open spools in a process.
    var spooledAtMost = 0
    var spoolsAtMost = 0
    /// Windows in progress when the shard died.
    var begunAgain = 0
    /// Requests of these windows that have to be repeated.
    var requestsLost = 0

    /// How long a run takes at best whose slots are busy from the first request to the last, but for three requests that go alone.
    func ideal(concurrency: Int) -> Duration {
        let latency: Duration = busy / max(1, requests)
        return busy / concurrency + latency * 3
    }
}
