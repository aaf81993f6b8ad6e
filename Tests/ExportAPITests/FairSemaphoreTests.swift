import Synchronization
import Testing

@testable import ExportAPI

@Suite struct FairSemaphoreTests {
    @Test("there are never more at work than slots, and all come to their turn")
    func bounded() async throws {
        let slots = FairSemaphore(3)
        let counts = Watched((atWork: 0, most: 0, done: 0))
        await withTaskGroup(of: Void.self) { group in
            for owner in 0..<50 {
                group.addTask {
                    for _ in 0..<20 {
                        try? await slots.withPermit(of: owner % 7) {
                            counts.change {
                                $0.atWork += 1
                                $0.most = max($0.most, $0.atWork)
                            }
                            await Task.yield()
                            counts.change { ($0.atWork, $0.done) = ($0.atWork - 1, $0.done + 1) }
                        }
                    }
                }
            }
        }
        #expect(counts.value.done == 1000 && counts.value.most == 3)
    }

    @Test("who has the fewest at work comes first, and of those who waits longest")
    func fair() async throws {
        let slots = FairSemaphore(2)
        try await slots.acquire(1)
        try await slots.acquire(1)
        let order = Watched<[String]>([])
        try await withThrowingTaskGroup(of: Void.self) { group in
            // Each begins to wait before the next one does.
            for (name, owner) in [("a1", 1), ("a2", 1), ("b1", 2), ("c1", 3)] {
                let waiting = slots.waiting
                group.addTask {
                    try await slots.acquire(owner)
                    order.change { $0.append(name) }
                }
                while slots.waiting == waiting { await Task.yield() }
            }
            for given in 1...4 {
                // A slot of 1 comes free, then those of whoever was given one.
                slots.release(given <= 2 ? 1 : given == 3 ? 2 : 3)
                while order.value.count < given { await Task.yield() }
            }
            try await group.waitForAll()
        }
        #expect(order.value == ["b1", "a1", "c1", "a2"])
    }

    @Test("who is cancelled while it waits has no slot, and takes none from the others")
    func cancelled() async throws {
        let slots = FairSemaphore(1)
        try await slots.acquire(1)
        let waiting = Task { try await slots.acquire(2) }
        while slots.waiting == 0 { await Task.yield() }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
        #expect(slots.waiting == 0)
        slots.release(1)
        try await slots.acquire(3)
        let early = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            try await slots.acquire(4)
        }
        await #expect(throws: CancellationError.self) { try await early.value }
        slots.release(3)
        try await slots.acquire(5)
    }
}

private final class Watched<Value: Sendable>: Sendable {
    private let state: Mutex<Value>

    init(_ value: Value) { state = Mutex(value) }
    var value: Value { state.withLock(\.self) }
    func change(_ body: (inout Value) -> Void) {
        state.withLock { value in
            var next = value
            body(&next)
            value = next
        }
    }
}
