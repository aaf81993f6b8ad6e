import ExportCore

/// One agent in one shard: its windows in the order of time, its pacer, and its requests in flight. The product's scheduler chooses the
/// requests.
struct AgentRun: Sendable {
    let windows: [Int]
    var pacer: Pacer
    /// Requests that wait until one in flight ends.
    var waiting: [InFlightRequest] = []
    private var scheduler: RequestScheduler<PieceCounts>
    /// Whether its next window is being written, or waits to be written.
    var isWriting = false
    private(set) var isStopped = false
    /// Fetched windows that wait for earlier ones. `nil`: failed.
    private var walked: [Int: WindowRun?] = [:]
    private(set) var nextWritten: Int
    private(set) var failed: Int
    /// The spooled state of windows before the shard died.
    private var checkpoints: [Int: WalkCheckpoint] = [:]
    private let concurrency: Int

    private static let pageSize = 100

    /// - Parameters:
    ///   - nextWritten: The place of the first window that is not written yet.
    ///   - failed: Windows before it that failed.
    init(windows: [Int], pacer: Pacer, concurrency: Int, nextWritten: Int = 0, failed: Int = 0) {
        self.windows = windows
        self.pacer = pacer
        self.concurrency = concurrency
        self.nextWritten = nextWritten
        self.failed = failed
        scheduler = RequestScheduler(
            windows: windows.count, from: nextWritten, concurrency: concurrency, pageSize: Self.pageSize)
    }

    /// Rows on the disk that are not committed, and the windows that have some.
    var spooled: (rows: Int, windows: Int) {
        var sum = (rows: 0, windows: 0)
        func add(_ rows: Int) {
            sum.rows += rows
            sum.windows += rows > 0 ? 1 : 0
        }
        for window in scheduler.walking { add(window.fetch.rows.count) }
        for case let run? in walked.values { add(run.rows.count) }
        return sum
    }

    /// The next request, and the place of its window.
    mutating func nextRequest(range: (Int) -> TimeRange) -> (place: Int, WalkRequest)? {
        guard !isStopped else { return nil }
        let (windows, checkpoints) = (windows, checkpoints)
        return scheduler.nextRequest { place, start in
            let walk = RangeWalk(
                over: range(windows[place]), filters: Filters(), pageSize: start.pageSize, ordering: start.ordering,
                checkpoint: checkpoints[place])
            return WindowRun(walk, keeping: PieceCounts(checkpoints[place]))
        }.map { ($0.window, $0.1) }
    }

    /// Takes a response. Returns the window if its walk has ended.
    mutating func receive(_ response: ListResponse, for request: WalkRequest, of place: Int) -> WindowRun? {
        guard let run = scheduler.receive(response, for: request, of: place) else { return nil }
        walked[place] = run
        return run
    }

    /// Fails a window whose requests failed too often.
    mutating func fail(_ place: Int) {
        scheduler.requestFailed()
        guard scheduler.withdraw(place) != nil else { return }
        walked[place] = .some(nil)
        failed += 1
    }

    /// Stops the agent, because its key is refused. The window being written is still committed.
    mutating func stop() {
        isStopped = true
        for window in scheduler.walking { scheduler.withdraw(window.window) }
        walked = walked.filter { isWriting && $0.key == nextWritten }
    }

    /// Ends a request. Returns the waiting requests that may be sent now.
    mutating func ended(_ sent: Pacer.Sent) -> [InFlightRequest] {
        pacer.end(sent)
        guard !pacer.isFull else { return [] }
        defer { waiting = [] }
        return waiting
    }

    /// The next window to be written, if its rows are there.
    mutating func nextToWrite() -> WindowRun? {
        while let run = walked[nextWritten] {
            if let run { return run }
            pass()
        }
        return nil
    }

    mutating func written() {
        pass()
        isWriting = false
    }

    private mutating func pass() {
        walked[nextWritten] = nil
        scheduler.release(nextWritten)
        nextWritten += 1
    }

    /// The windows that were begun and are not committed.
    var unfinished: [(place: Int, run: WindowRun)] {
        scheduler.walking.map { ($0.window, $0.fetch) }
            + walked.compactMap { place, run in run.map { (place, $0) } }
    }

    /// The agent after its shard died and was started again.
    func restarted(pacer: Pacer, keepingSpools: Bool) -> AgentRun {
        guard !isStopped else { return self }
        var run = AgentRun(windows: windows, pacer: pacer, concurrency: concurrency, nextWritten: nextWritten, failed: failed)
        if keepingSpools {
            for window in unfinished { run.checkpoints[window.place] = window.run.checkpoint }
        }
        return run
    }
}

/// A request, from its creation to the response that counts.
struct InFlightRequest: Sendable {
    let agent: Int
    /// The index of its window among the agent's windows.
    let place: Int
    let request: WalkRequest
    /// Its place in the pacer's queue.
    var turn: Pacer.Reservation?
    var sent: Pacer.Sent?
    var failures = 0
    var throttles = 0
}
