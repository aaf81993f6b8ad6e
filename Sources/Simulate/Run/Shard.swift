import ExportCore

/// One process, whose agents share its slots and processors.
struct Shard: Sendable {
    private(set) var agents: [AgentRun]
    /// The number of times that it was killed. Responses to requests of an earlier life are dropped.
    private(set) var life = 0
    /// The largest number of spooled rows that were not committed.
    private(set) var spooledAtMost = 0
    /// The largest number of open spools.
    private(set) var spoolsAtMost = 0
    private var spooled = 0
    private var spools = 0
    private let concurrency: Int
    var slots: FairQueue<InFlightRequest>
    private var encoding = 0
    private var toEncode: [Int] = []
    /// The time until which other windows are committed.
    private var committing: Pacer.Time

    init(agents: [AgentRun], concurrency: Int, now: Pacer.Time) {
        self.agents = agents
        self.concurrency = concurrency
        slots = FairQueue(concurrency)
        committing = now
    }

    var windows: Int { agents.reduce(0) { $0 + $1.windows.count } }
    var written: Int { agents.reduce(0) { $0 + $1.nextWritten } }

    /// Changes an agent's run in its place.
    @discardableResult
    mutating func update<Value>(_ agent: Int, _ body: (inout AgentRun) -> Value) -> Value {
        let before = agents[agent].spooled
        defer {
            let after = agents[agent].spooled
            spooled += after.rows - before.rows
            spools += after.windows - before.windows
            spooledAtMost = max(spooledAtMost, spooled)
            spoolsAtMost = max(spoolsAtMost, spools)
        }
        return body(&agents[agent])
    }

    /// The next window to be encoded, for a processor that is free: one of an agent at a time, in the order of time.
    mutating func nextToEncode(after changed: Int) -> (agent: Int, rows: Int)? {
        if !agents[changed].isWriting, agents[changed].nextToWrite() != nil {
            agents[changed].isWriting = true
            toEncode.append(changed)
        }
        guard encoding < Cost.processors, !toEncode.isEmpty else { return nil }
        let agent = toEncode.removeFirst()
        encoding += 1
        return (agent, agents[agent].nextToWrite()?.rows.count ?? 0)
    }

    /// Takes an encoded window. Returns the time of its commit; windows are committed one after the other.
    mutating func encoded(commit: Duration, now: Pacer.Time) -> Pacer.Time {
        encoding -= 1
        committing = max(now, committing) + commit
        return committing
    }

    /// Completes the commit of an agent's window. Returns its rows.
    mutating func committed(_ agent: Int) -> Int {
        update(agent) { run in
            let rows = run.nextToWrite()?.rows.count ?? 0
            run.written()
            return rows
        }
    }

    /// The windows that were begun and are not committed.
    var unfinished: [WindowRun] { agents.flatMap { $0.unfinished.map { $0.run } } }

    /// Starts the shard again after it died.
    mutating func restart(keepingSpools: Bool, pacer: Pacer, at start: Pacer.Time) {
        life += 1
        agents = agents.map { $0.restarted(pacer: pacer, keepingSpools: keepingSpools) }
        slots = FairQueue(concurrency)
        (spooled, spools, encoding, toEncode, committing) = (0, 0, 0, [], start)
    }
}
