/// Processes inputs concurrently, and delivers the results in the order of the inputs.
///
/// At most `width` are in progress, and at most twice as many wait for a slow one.
/// - Throws: What `work` and `deliver` throw. All other work is then cancelled.
package func forEachInOrder<Input: Sendable, Output: Sendable>(
    _ inputs: some Sequence<Input>, width: Int, _ work: @escaping @Sendable (Input) async throws -> Output,
    deliver: (Output) async throws -> Void
) async throws {
    try await withThrowingTaskGroup(of: (Int, Output).self) { group in
        var inputs = inputs.makeIterator()
        var (started, delivered, running) = (0, 0, 0)
        var waiting: [Int: Output] = [:]
        while true {
            while running < width, started - delivered < 2 * width, let input = inputs.next() {
                let number = started
                group.addTask { (number, try await work(input)) }
                (started, running) = (started + 1, running + 1)
            }
            guard let (number, output) = try await group.next() else { return }
            running -= 1
            waiting[number] = output
            while let output = waiting.removeValue(forKey: delivered) {
                try await deliver(output)
                delivered += 1
            }
        }
    }
}
