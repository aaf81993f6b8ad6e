import ExportCore

/// One agent in one shard: its windows in the order of time, its pacer, and what is under way. Decides as the run of one pipeline does.
struct AgentRun: Sendable {
    let windows: [Int]
    var pacer: Pacer
    /// Requests that are handed out, whether they wait or are in flight.
    private var handedOut = 0
    /// Whether its next window waits to be written, or is.
    var isWriting = false
    private(set) var isStopped = false
    private(set) var walking: [WindowRun] = []
    /// Windows that wait for the ones before them. Nil: failed.
    private var walked: [Int: WindowRun?] = [:]
    private var next = 0
    private(set) var nextWritten = 0
    private(set) var failed = 0
    /// Rows on the disk that are not committed.
    private(set) var spooled = 0
    /// Windows that have such rows.
    var spools: Int { walking.count { $0.rows > 0 } + walked.values.count { ($0?.rows ?? 0) > 0 } }
    private var ordering = OrderingSupport.unknown
    /// What was spooled of windows before the shard died.
    private var checkpoint: [Int: WalkCheckpoint] = [:]
    private let concurrency: Int

    init(windows: [Int], pacer: Pacer, concurrency: Int) {
        self.windows = windows
        self.pacer = pacer
        self.concurrency = concurrency
    }

    /// The next request of the earliest window that has one; else a window is begun, or a range split.
    mutating func nextRequest(range: (Int) -> TimeRange) -> (place: Int, WalkRequest)? {
        guard !isStopped, handedOut < concurrency, let request = request(range) else { return nil }
        handedOut += 1
        return request
    }

    private mutating func request(_ range: (Int) -> TimeRange) -> (place: Int, WalkRequest)? {
        for index in walking.indices {
            if let request = walking[index].nextRequest() { return (walking[index].place, request) }
        }
        if next < windows.count, walking.count + walked.count < 2 * concurrency {
            walking.append(WindowRun(place: next, over: range(windows[next]), ordering: ordering, checkpoint: checkpoint[next]))
            next += 1
            let last = walking.count - 1
            spooled += walking[last].rows
            return walking[last].nextRequest().map { (walking[last].place, $0) }
        }
        for index in walking.indices {
            if let request = walking[index].split() { return (walking[index].place, request) }
        }
        return nil
    }

    /// Takes an answer. Returns the window where its walk has ended.
    mutating func receive(_ response: ListResponse, for request: WalkRequest, of place: Int) -> WindowRun? {
        handedOut -= 1
        guard let index = walking.firstIndex(where: { $0.place == place }) else { return nil }
        spooled -= walking[index].rows
        walking[index].receive(response, for: request)
        spooled += walking[index].rows
        if ordering != .ignored, walking[index].walk.ordering != .unknown { ordering = walking[index].walk.ordering }
        guard walking[index].walk.outcome != nil || walking[index].walk.excess != nil else { return nil }
        let run = walking.remove(at: index)
        walked[place] = run
        return run
    }

    /// A window whose requests failed too often.
    mutating func fail(_ place: Int) {
        handedOut -= 1
        guard let index = walking.firstIndex(where: { $0.place == place }) else { return }
        spooled -= walking.remove(at: index).rows
        walked[place] = .some(nil)
        failed += 1
    }

    /// The key is refused: no other window would fare better. What is being written is committed all the same.
    mutating func stop() {
        isStopped = true
        walking = []
        walked = walked.filter { isWriting && $0.key == nextWritten }
        spooled = unfinished.reduce(0) { $0 + $1.rows }
    }

    /// The next window to be written, if its rows are there.
    mutating func nextToWrite() -> WindowRun? {
        while let run = walked[nextWritten] {
            if let run { return run }
            walked[nextWritten] = nil
            nextWritten += 1
        }
        return nil
    }

    mutating func written() {
        spooled -= (walked.removeValue(forKey: nextWritten) ?? nil)?.rows ?? 0
        nextWritten += 1
        isWriting = false
    }

    /// Windows that were begun and are not committed.
    var unfinished: [WindowRun] { walking + walked.values.compactMap(\.self) }

    /// After the death of its shard.
    func restarted(pacer: Pacer, keepingSpools: Bool) -> AgentRun {
        guard !isStopped else { return self }
        var run = AgentRun(windows: windows, pacer: pacer, concurrency: concurrency)
        (run.next, run.nextWritten, run.failed) = (nextWritten, nextWritten, failed)
        if keepingSpools {
            for window in unfinished { run.checkpoint[window.place] = window.checkpoint }
        }
        return run
    }
}
