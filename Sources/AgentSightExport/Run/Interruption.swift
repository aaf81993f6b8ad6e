import Synchronization
import UnixSignals

/// Ends work in progress gracefully on SIGINT and SIGTERM.
final class Interruption: Sendable {
    private let signal = Mutex<UnixSignal?>(nil)

    /// The status that the command will end with. `nil` if no signal came.
    var status: ExitStatus? {
        signal.withLock { $0 }.map { $0 == .sigterm ? .terminated : .interrupted }
    }

    private enum Ending<Result: Sendable>: Sendable {
        case done(Result)
        case signal(UnixSignal)
    }

    /// The exit status of a command that a signal has interrupted.
    var failure: CommandFailure {
        CommandFailure("interrupted. No file is half-written. To continue, run the same command again.", status ?? .interrupted)
    }

    /// Runs `body`, and cancels it when a signal comes. It is waited for until it has cleared up.
    /// - Throws: `CommandFailure` with 130 or 143 after a signal; else what `body` throws.
    static func withHandling<Result: Sendable>(_ body: @escaping @Sendable () async throws -> Result) async throws -> Result {
        try await withHandling { interruption in
            let result = try await body()
            if interruption.status != nil { throw interruption.failure }
            return result
        }
    }

    /// Runs a `body` that handles its interruption itself: its result is returned even after a signal.
    static func withHandling<Result: Sendable>(
        _ body: @escaping @Sendable (Interruption) async throws -> Result
    ) async throws -> Result {
        let interruption = Interruption()
        let signals = await UnixSignalsSequence(trapping: [.sigint, .sigterm])
        return try await withThrowingTaskGroup(of: Ending<Result>.self) { group in
            group.addTask { .done(try await body(interruption)) }
            group.addTask {
                for await signal in signals { return .signal(signal) }
                throw CancellationError()
            }
            defer { group.cancelAll() }
            guard let first = try await group.next() else { throw CancellationError() }
            switch first {
            case .done(let result):
                return result
            case .signal(let signal):
                // First the reason, then the cancellation, so that whoever sees the one can ask for the other.
                interruption.signal.withLock { $0 = signal }
                group.cancelAll()
                // Waits until the work has cleared up; what it throws then is the cancellation's.
                while let ending = await group.nextResult() {
                    if case .success(.done(let result)) = ending { return result }
                }
                throw interruption.failure
            }
        }
    }
}
