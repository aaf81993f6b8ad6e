import ExportCore

/// Runs a scenario on simulated time: the next event happens at once.
struct Simulation: Sendable {
    private let scenario: Scenario
    private let dataset: Dataset
    private let windows: [Window]
    private let start: Pacer.Time
    private var now: Pacer.Time
    private var service: SimulatedService
    private var shards: [Shard]
    private var queue = EventQueue<Event>()
    private var random: SeededRandom
    private var outcome: Outcome
    private var mayDie: Bool

    private struct Event: Sendable {
        let shard: Int
        let life: Int
        let kind: Kind

        enum Kind: Sendable {
            /// The request enters the queue of its key.
            case waits(InFlightRequest)
            /// The request may be sent, and needs a slot.
            case wakes(InFlightRequest)
            case answered(InFlightRequest, SimulatedService.Reply)
            case encoded(agent: Int)
            case committed(agent: Int)
        }
    }

    private static let retry = RetryPolicy(limit: 6)
    private static let downtime = Duration.seconds(60)

    init(_ scenario: Scenario, over dataset: Dataset, seed: UInt64) {
        self.scenario = scenario
        self.dataset = dataset
        windows = Calendar.windows(every: scenario.every)
        let start = ContinuousClock.now
        (self.start, now) = (start, start)
        service = SimulatedService(dataset, for: scenario, now: start, seed: seed)
        random = SeededRandom(seed: seed &+ 1)
        let assigned = ShardAssignment.windows(windows, agents: scenario.agents, shards: scenario.shards)
        shards = (0..<scenario.shards).map { shard in
            let agents = assigned.map { windows in
                AgentRun(
                    windows: windows[shard], pacer: Pacer(ceiling: scenario.ceiling, now: start), concurrency: scenario.concurrency)
            }
            return Shard(agents: agents, concurrency: scenario.concurrency, now: start)
        }
        outcome = Outcome(
            ends: [Duration](repeating: .zero, count: scenario.agents), committedRows: [Int](repeating: 0, count: scenario.shards))
        mayDie = scenario.death != nil
    }

    mutating func run() -> Outcome {
        for shard in shards.indices { handOutToAll(of: shard) }
        while let (time, event) = queue.next() {
            guard event.life == shards[event.shard].life else { continue }
            now = time
            happen(event)
        }
        outcome.wall = outcome.ends.max() ?? .zero
        if let largest = dataset.bySize.first {
            (outcome.largest, outcome.largestEnd) = (dataset.agents[largest].count, outcome.ends[largest])
            outcome.largestOnShards = shards.map { shard in
                shard.agents[largest].windows.reduce(0) { $0 + rows(of: largest, in: windows[$1]) }
            }
        }
        for shard in shards {
            outcome.spooledAtMost = max(outcome.spooledAtMost, shard.spooledAtMost)
            outcome.spoolsAtMost = max(outcome.spoolsAtMost, shard.spoolsAtMost)
            for agent in shard.agents {
                outcome.failed += agent.failed
                if agent.isStopped { outcome.leftOut += agent.windows.count - agent.nextWritten }
            }
        }
        return outcome
    }

    private func rows(of agent: Int, in window: Window) -> Int {
        dataset.places(of: agent, from: window.range.start, before: window.range.end).count
    }

    private mutating func add(_ kind: Event.Kind, of shard: Int, at time: Pacer.Time) {
        queue.add(Event(shard: shard, life: shards[shard].life, kind: kind), at: time)
    }

    private mutating func handOut(_ agent: Int, of shard: Int) {
        let windows = windows
        while let (place, request) = shards[shard].update(agent, { $0.nextRequest { windows[$0].range } }) {
            wait(InFlightRequest(agent: agent, place: place, request: request), of: shard)
        }
    }

    private mutating func handOutToAll(of shard: Int) {
        for agent in 0..<scenario.agents { handOut(agent, of: shard) }
    }

    private mutating func happen(_ event: Event) {
        let shard = event.shard
        switch event.kind {
        case .waits(let flight): wait(flight, of: shard)
        case .wakes(let flight): takeSlot(flight, of: shard)
        case .answered(let flight, let reply):
            outcome.fetched = now - start
            // The replies for a key that was given up are dropped.
            if !shards[shard].agents[flight.agent].isStopped { take(reply, to: flight, of: shard) }
            if let sent = flight.sent {
                let waiting = shards[shard].update(flight.agent) { $0.ended(sent) }
                for flight in waiting { wait(flight, of: shard) }
            }
            // The pacer has to know the response first.
            freeSlot(of: flight.agent, in: shard)
            handOut(flight.agent, of: shard)
        case .encoded(let agent):
            add(.committed(agent: agent), of: shard, at: shards[shard].encoded(commit: scenario.commit, now: now))
            encode(after: agent, in: shard)
        case .committed(let agent):
            committed(agent, in: shard)
            handOut(agent, of: shard)
        }
    }

    // MARK: Requests, as the one gate of a key lets them out

    /// Puts a request in the queue of its key. It holds no slot while it waits.
    private mutating func wait(_ flight: InFlightRequest, of shard: Int) {
        guard !shards[shard].agents[flight.agent].isStopped else { return }
        let pause = shards[shard].agents[flight.agent].pacer.blockedUntil
        guard pause <= now else { return add(.waits(flight), of: shard, at: pause) }
        var flight = flight
        guard let turn = shards[shard].update(flight.agent, { $0.pacer.reserve(now: now) }) else {
            return shards[shard].update(flight.agent) { $0.waiting.append(flight) }
        }
        flight.turn = turn
        if turn.time > now { add(.wakes(flight), of: shard, at: turn.time) } else { takeSlot(flight, of: shard) }
    }

    private mutating func takeSlot(_ flight: InFlightRequest, of shard: Int) {
        guard shards[shard].slots.acquire(flight.agent, for: flight) else { return }
        if !send(flight, of: shard) { freeSlot(of: flight.agent, in: shard) }
    }

    /// Gives a free slot to a request that may still be sent: some of the waiting ones have been told to pause meanwhile.
    private mutating func freeSlot(of agent: Int, in shard: Int) {
        var agent = agent
        while let next = shards[shard].slots.release(agent), !send(next, of: shard) { agent = next.agent }
    }

    /// Sends a request that has a slot. Returns whether its place still held.
    private mutating func send(_ flight: InFlightRequest, of shard: Int) -> Bool {
        guard let turn = flight.turn else { return false }
        guard !shards[shard].agents[flight.agent].isStopped, let sent = shards[shard].update(flight.agent, { $0.pacer.start(turn) })
        else {
            wait(flight, of: shard)
            return false
        }
        var flight = flight
        flight.sent = sent
        let (reply, time) = service.reply(to: flight.request.query, of: flight.agent, at: now)
        outcome.requests += 1
        outcome.busy += time
        add(.answered(flight, reply), of: shard, at: now + time)
        return true
    }

    private mutating func take(_ reply: SimulatedService.Reply, to flight: InFlightRequest, of shard: Int) {
        var flight = flight
        let agent = flight.agent
        switch reply {
        case .rows(let response):
            if let sent = flight.sent { shards[shard].update(agent) { $0.pacer.succeeded(sent, now: now) } }
            receive(response, for: flight, of: shard)
        case .throttled(let pause):
            outcome.throttled += 1
            if let sent = flight.sent { shards[shard].update(agent) { $0.pacer.throttled(sent, pause: pause, now: now) } }
            flight.throttles += 1
            guard flight.throttles > Self.retry.throttleLimit else { return wait(flight, of: shard) }
            outcome.givenUp += 1
            shards[shard].update(agent) { $0.stop() }
        case .failed:
            flight.failures += 1
            if let pause = Self.retry.pause(afterFailures: flight.failures, jitter: random.share()) {
                outcome.repeats += 1
                add(.waits(flight), of: shard, at: now + pause)
            } else {
                shards[shard].update(agent) { $0.fail(flight.place) }
                encode(after: agent, in: shard)
            }
        case .refused:
            shards[shard].update(agent) { $0.stop() }
        }
    }

    private mutating func receive(_ response: ListResponse, for flight: InFlightRequest, of shard: Int) {
        let (agent, place) = (flight.agent, flight.place)
        guard let run = shards[shard].update(agent, { $0.receive(response, for: flight.request, of: place) }) else { return }
        let there = rows(of: agent, in: windows[shards[shard].agents[agent].windows[place]])
        if run.walk.outcome?.isProved != true || run.rows.count != there { outcome.wrong += 1 }
        encode(after: agent, in: shard)
    }

    // MARK: Windows

    private mutating func encode(after agent: Int, in shard: Int) {
        while let (agent, rows) = shards[shard].nextToEncode(after: agent) {
            add(.encoded(agent: agent), of: shard, at: now + Cost.encoding(rows))
        }
    }

    private mutating func committed(_ agent: Int, in shard: Int) {
        let rows = shards[shard].committed(agent)
        outcome.rows += rows
        outcome.committed += 1
        outcome.committedRows[shard] += rows
        outcome.ends[agent] = now - start
        encode(after: agent, in: shard)
        if mayDie, shard == 0, 2 * shards[0].written >= shards[0].windows { kill(0) }
    }

    private mutating func kill(_ shard: Int) {
        mayDie = false
        let keepsSpools = scenario.death == .sameMachine
        for window in shards[shard].unfinished {
            outcome.begunAgain += 1
            if !keepsSpools || window.checkpoint == nil { outcome.requestsLost += window.requests }
        }
        let start = now + Self.downtime
        shards[shard].restart(keepingSpools: keepsSpools, pacer: Pacer(ceiling: scenario.ceiling, now: start), at: start)
        // Before that, their keys admit no request.
        handOutToAll(of: shard)
    }
}
