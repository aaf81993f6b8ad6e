import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOPosix
import SystemPackage

/// Why no whole answer came over a connection. `reason` is for people.
package enum ConnectionFailure: Error, Hashable, Sendable {
    case timeout(Duration)
    /// No connection was made.
    case unreachable(reason: String)
    /// The connection ended in the middle.
    case cut(reason: String)

    /// What an error of the connection means. Its own text is a case's name at best, so the common ones are said in words.
    package init(_ error: any Error, of request: WebRequest) {
        if let error = error as? HTTPClientError, [.deadlineExceeded, .readTimeout, .writeTimeout].contains(error) {
            self = .timeout(request.timeout)
        } else {
            self.init(error, request.peer)
        }
    }

    private init(_ error: any Error, _ peer: WebRequest.Peer) {
        let place = peer.place.map { "at \($0)" } ?? "there"
        self =
            switch error {
            case let error as HTTPClientError where error == .connectTimeout:
                .unreachable(reason: "the host did not take it in time")
            case let error as HTTPClientError where error == .remoteConnectionClosed:
                .cut(reason: "the \(peer.noun) closed it")
            case is HTTPClientError:
                .cut(reason: "\(error)")
            case let error as NIOConnectionError:
                .unreachable(
                    reason: error.dnsAError != nil || error.dnsAAAAError != nil
                        ? "no address is known for \(error.host)"
                        : "nothing takes it at \(peer.place ?? "\(error.host):\(error.port)")")
            case let error as IOError where Self.unreachable.contains(error.errnoCode):
                .unreachable(reason: "nothing takes it \(place): \(Self.reason(error.errnoCode))")
            case let error as IOError:
                .cut(reason: Self.reason(error.errnoCode))
            case is HTTPParserError:
                .cut(reason: "the answer ended in the middle, or is no HTTP")
            default:
                Self.tlsReason("\(error)", place).map { .unreachable(reason: $0) } ?? .cut(reason: "\(type(of: error))")
            }
    }

    private static let unreachable = [Errno.connectionRefused, .noRouteToHost, .networkUnreachable, .hostIsDown].map(\.rawValue)

    private static func reason(_ code: CInt) -> String {
        Errno(rawValue: code).description.lowercased()
    }

    /// What went wrong with TLS: the library tells its faults apart by names in their text alone.
    private static func tlsReason(_ text: String, _ place: String) -> String? {
        if text.contains("WRONG_VERSION_NUMBER") {
            return "what answers \(place) speaks no TLS: check its port, and whether it is http"
        }
        if text.contains("CERTIFICATE_VERIFY_FAILED") {
            return "the host's certificate is vouched for by nobody whom this machine trusts"
        }
        if text.contains("UNSUPPORTED_PROTOCOL") || text.contains("ALERT_PROTOCOL_VERSION") {
            return """
                what answers \(place) speaks neither TLS 1.2 nor TLS 1.3, and older versions are not accepted: \
                enable TLS 1.2 or 1.3 there
                """
        }
        return nil
    }
}

extension ConnectionFailure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .timeout(let limit): "no whole answer within \(limit.components.seconds) s"
        case .unreachable(let reason): "no connection (\(reason))"
        case .cut(let reason): "the connection was cut (\(reason))"
        }
    }
}
