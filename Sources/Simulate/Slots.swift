/// The slots of a process, as `FairSlots` gives them: who has the fewest in flight comes first, and of those who waits longest.
struct Slots<Request: Sendable>: Sendable {
    private var free: Int
    private var held: [Int]
    /// Of each agent, in the order in which they came.
    private var waiting: [[(number: Int, request: Request)]]
    private var numbers = 0

    init(_ count: Int, agents: Int) {
        free = count
        held = [Int](repeating: 0, count: agents)
        waiting = [[(number: Int, request: Request)]](repeating: [], count: agents)
    }

    /// Whether there is a slot for it now; else it waits until `release` brings it.
    mutating func acquire(_ agent: Int, for request: Request) -> Bool {
        guard free > 0 else {
            numbers += 1
            waiting[agent].append((numbers, request))
            return false
        }
        free -= 1
        held[agent] += 1
        return true
    }

    /// Gives a slot back. Returns the request that has it now.
    mutating func release(_ agent: Int) -> Request? {
        held[agent] -= 1
        var chosen: (agent: Int, held: Int, number: Int)?
        for (agent, requests) in waiting.enumerated() {
            guard let number = requests.first?.number else { continue }
            if chosen.map({ (held[agent], number) < ($0.held, $0.number) }) ?? true { chosen = (agent, held[agent], number) }
        }
        guard let agent = chosen?.agent else {
            free += 1
            return nil
        }
        held[agent] += 1
        return waiting[agent].removeFirst().request
    }
}
