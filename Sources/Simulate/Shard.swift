import ExportCore

/// One process: its agents, which share its slots and its processors.
struct Shard: Sendable {
    private(set) var agents: [AgentRun]
    /// How often it was killed. What was sent before reaches nobody.
    private(set) var life = 0
    /// Rows on the disk that are not committed, at the most.
    private(set) var spooledAtMost = 0
    private var spooled = 0
    private var inFlight = 0
    private let concurrency: Int
    private var encoding = 0
    private var toEncode: [Int] = []

    init(agents: [AgentRun], concurrency: Int) {
        self.agents = agents
        self.concurrency = concurrency
    }

    var windows: Int { agents.reduce(0) { $0 + $1.windows.count } }
    var written: Int { agents.reduce(0) { $0 + $1.nextWritten } }

    /// Changes an agent's run in its place.
    @discardableResult
    mutating func update<Value>(_ agent: Int, _ body: (inout AgentRun) -> Value) -> Value {
        let before = agents[agent].spooled
        defer {
            spooled += agents[agent].spooled - before
            spooledAtMost = max(spooledAtMost, spooled)
        }
        return body(&agents[agent])
    }

    /// The next request for a slot that is free: of the agent that has the fewest in flight.
    mutating func nextRequest(range: (Int) -> TimeRange) -> (agent: Int, place: Int, WalkRequest)? {
        while inFlight < concurrency {
            var chosen: Int?
            for agent in agents.indices where agents[agent].isReady {
                if chosen.map({ agents[agent].inFlight < agents[$0].inFlight }) ?? true { chosen = agent }
            }
            guard let agent = chosen else { return nil }
            if let (place, request) = update(agent, { $0.nextRequest(range: range) }) {
                agents[agent].inFlight += 1
                inFlight += 1
                return (agent, place, request)
            }
            agents[agent].isReady = false
        }
        return nil
    }

    /// A slot is free again, and the agent may have something new to ask.
    mutating func freeSlot(of agent: Int) {
        agents[agent].inFlight -= 1
        agents[agent].isReady = true
        inFlight -= 1
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
        return (agent, agents[agent].nextToWrite()?.rows ?? 0)
    }

    mutating func encoded() {
        encoding -= 1
    }

    /// The window of an agent that was being written is committed. Returns its rows.
    mutating func committed(_ agent: Int) -> Int {
        update(agent) { run in
            let rows = run.nextToWrite()?.rows ?? 0
            run.written()
            return rows
        }
    }

    /// Windows that were begun and are not committed.
    var unfinished: [WindowRun] { agents.flatMap(\.unfinished) }

    /// After its death.
    mutating func restart(keepingSpools: Bool, pacer: Pacer) {
        life += 1
        agents = agents.map { $0.restarted(pacer: pacer, keepingSpools: keepingSpools) }
        (spooled, inFlight, encoding, toEncode) = (0, 0, 0, [])
    }
}
