import ExportCore
import Synchronization

/// A semaphore that tasks acquire in the order of a `FairQueue`.
package final class FairSemaphore: Sendable {
    private struct Waiter {
        let id: Int
        let continuation: CheckedContinuation<Bool, Never>
    }

    private struct State {
        var queue: FairQueue<Waiter>
        var lastID = 0
        /// Waiters that were cancelled before they began to wait.
        var cancelled: Set<Int> = []
    }

    private let state: Mutex<State>

    /// Creates a semaphore with a number of permits.
    package init(_ count: Int) {
        state = Mutex(State(queue: FairQueue(count)))
    }

    /// The number of tasks that wait for a permit.
    var waiting: Int { state.withLock(\.queue.count) }

    /// Runs `body` with a permit.
    /// - Throws: `CancellationError` if the task is cancelled while it waits; what `body` throws.
    package func withPermit<Value: Sendable>(of owner: Int, _ body: () async throws -> Value) async throws -> Value {
        try await acquire(owner)
        defer { release(owner) }
        return try await body()
    }

    /// Waits for a permit, which the caller has to release.
    /// - Throws: `CancellationError`. The caller then has no permit.
    package func acquire(_ owner: Int) async throws {
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        let isGiven = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let response: Bool? = state.withLock { state in
                    if state.cancelled.remove(id) != nil { return false }
                    return state.queue.acquire(owner, for: Waiter(id: id, continuation: continuation)) ? true : nil
                }
                if let response { continuation.resume(returning: response) }
            }
        } onCancel: {
            let waiter = state.withLock { state -> Waiter? in
                let waiter = state.queue.remove(owner) { $0.id == id }
                if waiter == nil { state.cancelled.insert(id) }
                return waiter
            }
            waiter?.continuation.resume(returning: false)
        }
        // The waiter was cancelled too late to have an effect.
        state.withLock { _ = $0.cancelled.remove(id) }
        guard isGiven else { throw CancellationError() }
    }

    /// Gives a permit back, and resumes the waiter whose turn it is.
    package func release(_ owner: Int) {
        state.withLock { $0.queue.release(owner) }?.continuation.resume(returning: true)
    }
}
