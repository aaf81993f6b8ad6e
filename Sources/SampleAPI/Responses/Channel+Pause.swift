import NIOCore

extension Channel {
    /// Waits, but no longer than somebody waits for the answer.
    /// - Throws: where the connection was closed.
    func pause(_ duration: Duration) async throws {
        let timer = eventLoop.scheduleTask(in: TimeAmount(duration)) {}
        closeFuture.whenComplete { _ in timer.cancel() }
        try await timer.futureResult.get()
    }
}
