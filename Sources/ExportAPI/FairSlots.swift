import Synchronization

/// So many may be at work at once, of several who want to: who has the fewest at work comes first, and of those who waits longest.
package final class FairSlots: Sendable {
    private struct Waiting {
        let id: Int
        let owner: Int
        let continuation: CheckedContinuation<Bool, Never>
    }

    private struct State {
        var free: Int
        var held: [Int: Int] = [:]
        var waiting: [Waiting] = []
        var next = 0
        /// Cancelled before they had begun to wait.
        var cancelled: Set<Int> = []

        /// Whose turn it is, as a place among those who wait: of those who have as few, the first.
        var turn: Int? {
            waiting.indices.min { held[waiting[$0].owner, default: 0] < held[waiting[$1].owner, default: 0] }
        }
    }

    private let state: Mutex<State>

    package init(_ count: Int) {
        state = Mutex(State(free: count))
    }

    /// How many wait for a slot.
    var waiting: Int { state.withLock(\.waiting.count) }

    /// Runs `body` in a slot.
    /// - Throws: `CancellationError` where the task is cancelled while it waits; what `body` throws.
    package func withSlot<Value: Sendable>(of owner: Int, _ body: () async throws -> Value) async throws -> Value {
        try await acquire(owner)
        defer { release(owner) }
        return try await body()
    }

    /// Returns when a slot is the caller's, who has to give it back.
    /// - Throws: `CancellationError`; then it has none.
    package func acquire(_ owner: Int) async throws {
        let id = state.withLock { state in
            state.next += 1
            return state.next
        }
        let isGiven = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer: Bool? = state.withLock { state in
                    if state.cancelled.remove(id) != nil { return false }
                    guard state.free > 0 else {
                        state.waiting.append(Waiting(id: id, owner: owner, continuation: continuation))
                        return nil
                    }
                    state.free -= 1
                    state.held[owner, default: 0] += 1
                    return true
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            let waiting = state.withLock { state -> Waiting? in
                guard let place = state.waiting.firstIndex(where: { $0.id == id }) else {
                    state.cancelled.insert(id)
                    return nil
                }
                return state.waiting.remove(at: place)
            }
            waiting?.continuation.resume(returning: false)
        }
        // Of one that was cancelled too late to matter.
        state.withLock { _ = $0.cancelled.remove(id) }
        guard isGiven else { throw CancellationError() }
    }

    package func release(_ owner: Int) {
        let next = state.withLock { state -> Waiting? in
            state.held[owner] = state.held[owner].flatMap { $0 > 1 ? $0 - 1 : nil }
            guard let place = state.turn else {
                state.free += 1
                return nil
            }
            let next = state.waiting.remove(at: place)
            state.held[next.owner, default: 0] += 1
            return next
        }
        next?.continuation.resume(returning: true)
    }
}
