import ExportAPI
import ExportCore
import ExportStore

/// Decides what a failure means for its window, for the run, and for the rows that are spooled.
struct FailureRules: Sendable {
    enum Meaning: Hashable {
        /// The window fails, and the others go on.
        case windowFails(isRetryable: Bool)
        /// The window fails, and so many have that the run ends.
        case lastWindowFails(isRetryable: Bool)
        /// No other window would fare better: the run ends, and tells the failure as its end.
        case runEnds
    }

    private var unansweredInARow = 0
    private var givenUp = 0

    /// So many windows in a row that could not be fetched mean that the service is down.
    private static let mostInARow = 3
    /// So many lists that do not add up mean that none will.
    private static let maximumGivenUp = 3

    mutating func answered() { unansweredInARow = 0 }

    /// The meaning of a request's final failure for its window and the run.
    mutating func meaning(of error: any Error) -> Meaning {
        switch error {
        case ServiceError.tooLarge:
            return .windowFails(isRetryable: false)
        case ServiceError.unavailable, ServiceError.unusable:
            unansweredInARow += 1
            let isTransient = (error as? ServiceError)?.isRetryable ?? false
            return unansweredInARow == Self.mostInARow
                ? .lastWindowFails(isRetryable: isTransient) : .windowFails(isRetryable: isTransient)
        default:
            // A key that is refused, or has to wait for longer than is worth it, a filter that is not honoured.
            return .runEnds
        }
    }

    /// The meaning of a window that was given up because its list does not add up.
    mutating func meaningOfExcess() -> Meaning {
        givenUp += 1
        return givenUp == Self.maximumGivenUp ? .lastWindowFails(isRetryable: false) : .windowFails(isRetryable: false)
    }

    /// Whether a later run may go on from the rows that are spooled, by what ended this one.
    static func mayGoOn(after stop: (any Error)?) -> Bool {
        // Rows that break what was asked for are no good to anybody.
        switch stop as? ServiceError {
        case .keyRefused, .unusable: true
        case let error?: error.isRetryable
        case nil: stop == nil || stop is StoreError || stop is CancellationError
        }
    }
}
