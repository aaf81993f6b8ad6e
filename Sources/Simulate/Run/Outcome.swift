import ExportCore

/// What a simulated run came to.
struct Outcome: Sendable {
    var wall = Duration.zero
    /// Sent, repeats and throttled ones included.
    var requests = 0
    var throttled = 0
    var repeats = 0
    /// Runs of an agent in a shard that ended because one request was throttled again and again.
    var givenUp = 0
    /// Time of slots in which the service was at work for them.
    var busy = Duration.zero
    /// When the last answer was there.
    var fetched = Duration.zero
    var rows = 0
    var committed = 0
    /// That ended without a proof, or with other rows than the service has.
    var wrong = 0
    var failed = 0
    /// Windows of keys that were refused.
    var leftOut = 0
    /// When each agent was done.
    var ends: [Duration]
    /// The rows of the largest agent, and when it was done.
    var largest = 0
    var largestEnd = Duration.zero
    /// Its rows on each shard.
    var largestOnShards: [Int] = []
    /// The rows that each shard committed.
    var committedRows: [Int]
    /// Rows, and files that are open for them, of a process.
    var spooledAtMost = 0
    var spoolsAtMost = 0
    /// After a death: windows that had been begun and were not committed.
    var begunAgain = 0
    /// Requests that such windows had taken, and have to take again.
    var requestsLost = 0

    /// How long a run takes at best whose slots are busy from the first request to the last, but for three requests that go alone.
    func ideal(concurrency: Int) -> Duration {
        let latency: Duration = busy / max(1, requests)
        return busy / concurrency + latency * 3
    }
}
