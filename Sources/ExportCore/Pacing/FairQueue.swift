/// A fair queue for a number of slots: the owner that holds the fewest slots comes first, and among several the one that has waited
/// longest.
///
/// A pure value that only decides. Owners are numbered from 0.
package struct FairQueue<Waiter: Sendable>: Sendable {
    private var free: Int
    private var owners: [Owner] = []
    private var arrivals = 0

    private struct Owner {
        var held = 0
        /// Waiters in the order of their arrival.
        var waiting: [(arrival: Int, waiter: Waiter)] = []
    }

    /// Creates a queue for a number of slots.
    package init(_ slots: Int) {
        free = slots
    }

    /// The number of waiters.
    package var count: Int { owners.reduce(0) { $0 + $1.waiting.count } }

    /// Whether a slot is free now. Otherwise the waiter is queued until `release` returns it.
    package mutating func acquire(_ owner: Int, for waiter: Waiter) -> Bool {
        while owners.count <= owner { owners.append(Owner()) }
        guard free > 0 else {
            arrivals += 1
            owners[owner].waiting.append((arrivals, waiter))
            return false
        }
        free -= 1
        owners[owner].held += 1
        return true
    }

    /// Gives a slot back. Returns the waiter that gets it, if any.
    package mutating func release(_ owner: Int) -> Waiter? {
        owners[owner].held -= 1
        var chosen: (owner: Int, held: Int, arrival: Int)?
        for (place, owner) in owners.enumerated() {
            guard let arrival = owner.waiting.first?.arrival else { continue }
            if chosen.map({ (owner.held, arrival) < ($0.held, $0.arrival) }) ?? true { chosen = (place, owner.held, arrival) }
        }
        guard let next = chosen?.owner else {
            free += 1
            return nil
        }
        owners[next].held += 1
        return owners[next].waiting.removeFirst().waiter
    }

    /// Removes a waiter from the queue. Returns `nil` if it is not waiting.
    package mutating func remove(_ owner: Int, where isIt: (Waiter) -> Bool) -> Waiter? {
        guard owner < owners.count, let place = owners[owner].waiting.firstIndex(where: { isIt($0.waiter) }) else { return nil }
        return owners[owner].waiting.remove(at: place).waiter
    }
}
