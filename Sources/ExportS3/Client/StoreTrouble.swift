import AsyncHTTPClient
import ExportCore
import NIOCore
import NIOPosix
import SystemPackage

/// What ended a try and may pass.
struct StoreTrouble: Equatable, Sendable, CustomStringConvertible {
    let description: String
    /// How long the store asks to wait.
    var pause: Duration?

    init(_ description: String, pause: Duration? = nil) {
        self.description = description
        self.pause = pause
    }

    /// What an error of the connection means; its own text is a case's name at best.
    init(_ error: any Error, timeout: Duration) {
        description =
            switch error {
            case let error as HTTPClientError where error == .deadlineExceeded || error == .readTimeout || error == .writeTimeout:
                "no whole answer within \(timeout.components.seconds) s"
            case let error as HTTPClientError where error == .connectTimeout: "no connection (the host did not take it in time)"
            case let error as HTTPClientError where error == .remoteConnectionClosed:
                "the connection was cut (the store closed it)"
            case is HTTPClientError: "the connection was cut (\(error))"
            case let error as NIOConnectionError where error.dnsAError != nil || error.dnsAAAAError != nil:
                "no connection (no address is known for \(error.host))"
            case let error as NIOConnectionError: "no connection (nothing takes it at \(error.host):\(error.port))"
            case let error as IOError:
                "the connection was cut (\(Errno(rawValue: error.errnoCode).description.lowercased()))"
            case _ where "\(error)".contains("CERTIFICATE_VERIFY_FAILED"):
                // The type is of a library that is not ours to import.
                "no connection (the host's certificate is vouched for by nobody whom this machine trusts)"
            default: "the connection was cut (\(type(of: error)))"
            }
    }
}

/// Whether and when a request to a store that failed in passing is sent again.
struct StoreRetry: Sendable {
    var policy = RetryPolicy(limit: 8, base: .milliseconds(500), cap: .seconds(20))
    /// Until a store has answered, a wrong endpoint is likelier than a passing fault; and one that was given up is not waited for again.
    var limitWithoutAnswer = 2
    /// A run that is being ended does not wait for long.
    var limitAtEnd = 2
    /// What a store asks for is heeded up to this.
    var longestPause = Duration.seconds(60)

    /// The wait before the next try. Nil: give up.
    /// - Parameters:
    ///   - failures: How often the request has failed, from 1.
    ///   - jitter: From 0 to 1, drawn by chance.
    func pause(
        after trouble: StoreTrouble, failures: Int, isAnswering: Bool, isEnding: Bool, jitter: Double
    ) -> Duration? {
        var policy = policy
        if !isAnswering { policy.limit = min(policy.limit, limitWithoutAnswer) }
        if isEnding { policy.limit = min(policy.limit, limitAtEnd) }
        guard let own = policy.pause(afterFailures: failures, jitter: jitter) else { return nil }
        return max(own, min(trouble.pause ?? .zero, longestPause))
    }
}
