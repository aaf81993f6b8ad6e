import ExportAPI
import ExportCore
import ExportStore

/// Decides what a failure means for its window, for the run, and for the spooled rows.
struct FailureRules: Sendable {
    enum Meaning: Hashable {
        /// The window fails, and the others continue.
        case windowFails(isRetryable: Bool)
        /// The window fails, and the run ends because too many have.
        case lastWindowFails(isRetryable: Bool)
        /// The run ends with this failure, because it would affect every other window.
        case runEnds
    }

    private var unansweredInARow = 0
    private var givenUp = 0

    /// The number of consecutive windows that cannot be fetched after which the service counts as unavailable.
    private static let mostInARow = 3
    /// The number of inconsistent lists after which no list is expected to be consistent.
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
            // For example a refused key, a pause that is too long, or a filter that is not applied.
            return .runEnds
        }
    }

    /// The meaning of a window that was given up because its list is inconsistent.
    mutating func meaningOfExcess() -> Meaning {
        givenUp += 1
        return givenUp == Self.maximumGivenUp ? .lastWindowFails(isRetryable: false) : .windowFails(isRetryable: false)
    }

    /// Whether a later run may continue from the spooled rows, by the error that ended this one.
    static func mayGoOn(after stop: (any Error)?) -> Bool {
        // Rows that do not match the request are useless.
        switch stop as? ServiceError {
        case .keyRefused, .unusable: true
        case let error?: error.isRetryable
        case nil: stop == nil || stop is StoreError || stop is CancellationError
        }
    }
}
