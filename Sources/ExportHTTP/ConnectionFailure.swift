import AsyncHTTPClient
import ExportCore
import NIOCore
import NIOHTTP1
import NIOPosix
import SystemPackage

/// The reason why there was no complete response over a connection. `reason` is text for messages.
package enum ConnectionFailure: Error, Hashable, Sendable {
    case timeout(Duration)
    /// No connection was established.
    case unreachable(reason: String)
    /// The connection ended before the response was complete.
    case interrupted(reason: String)

    /// Describes an error of a connection. The error's own text is at best the name of a case, so common errors have their own messages.
    /// - Parameter proxy: The proxy of the connection.
    package init(_ error: any Error, of request: WebRequest, through proxy: Proxy? = nil) {
        if let proxy, let reason = Self.reason(error, of: proxy) {
            self = .unreachable(reason: reason)
        } else if let error = error as? HTTPClientError, [.deadlineExceeded, .readTimeout, .writeTimeout].contains(error) {
            self = .timeout(request.timeout)
        } else {
            self.init(error, request.peer)
        }
    }

    /// The reason why a proxy could not be used. `nil` if the error has another cause.
    private static func reason(_ error: any Error, of proxy: Proxy) -> String? {
        switch error {
        case let error as HTTPClientError where error == .proxyAuthenticationRequired:
            """
            the proxy \(proxy) requires a user and a password, or refused them: set them in \(proxy.variable), such as \
            http://user:password@host:port
            """
        case let error as HTTPClientError where error == .invalidProxyResponse: "the proxy \(proxy) refused the connection"
        case let error as HTTPClientError
        where [.httpProxyHandshakeTimeout, .socksHandshakeTimeout, .connectTimeout].contains(error):
            "the proxy \(proxy) did not accept the connection in time"
        case let error as NIOConnectionError:
            error.dnsAError != nil || error.dnsAAAAError != nil
                ? "the host name of the proxy \(proxy), set in \(proxy.variable), cannot be resolved"
                : refusal(error, by: "the proxy \(proxy), set in \(proxy.variable)")
        case let error as IOError where unreachable.contains(error.errnoCode):
            "the proxy \(proxy), set in \(proxy.variable), cannot be reached: \(reason(error.errnoCode))"
        default: nil
        }
    }

    private init(_ error: any Error, _ peer: WebRequest.Peer) {
        let place = peer.place.map { "at \($0)" } ?? "there"
        self =
            switch error {
            case let error as HTTPClientError where error == .connectTimeout:
                .unreachable(reason: "the host did not accept it in time")
            case let error as HTTPClientError where error == .remoteConnectionClosed:
                .interrupted(reason: "the \(peer.noun) closed it")
            case is HTTPClientError:
                // Only the name of the case, since its associated value may be the value of a header and thus a secret.
                .interrupted(reason: String("\(error)".prefix { $0 != "(" }))
            case let error as NIOConnectionError:
                .unreachable(
                    reason: error.dnsAError != nil || error.dnsAAAAError != nil
                        ? "the host name \(error.host) cannot be resolved"
                        : Self.refusal(error, by: peer.place ?? "\(error.host):\(error.port)"))
            case let error as IOError where Self.unreachable.contains(error.errnoCode):
                .unreachable(reason: (peer.place.map { "\($0): " } ?? "") + Self.reason(error.errnoCode))
            case let error as IOError:
                .interrupted(reason: Self.reason(error.errnoCode))
            case is HTTPParserError:
                .interrupted(reason: "the response was truncated or is not HTTP")
            default:
                Self.tlsReason("\(error)", place).map { .unreachable(reason: $0) } ?? .interrupted(reason: "\(type(of: error))")
            }
    }

    /// A description of the failed connections to a host's addresses. The host refused the connection only if each of them did.
    private static func refusal(_ error: NIOConnectionError, by place: String) -> String {
        let codes = error.connectionErrors.map { ($0.error as? IOError)?.errnoCode }
        if !codes.isEmpty, codes.allSatisfy({ $0 == Errno.connectionRefused.rawValue }) { return "connection refused by \(place)" }
        let other = codes.lazy.compactMap(\.self).first { $0 != Errno.connectionRefused.rawValue }
        return "cannot reach \(place)" + (other.map { ": \(reason($0))" } ?? "")
    }

    private static let unreachable = [Errno.connectionRefused, .noRouteToHost, .networkUnreachable, .hostIsDown].map(\.rawValue)

    private static func reason(_ code: CInt) -> String {
        Errno(rawValue: code).description.lowercased()
    }

    /// The reason why TLS failed. The library distinguishes its errors only by names in their text.
    private static func tlsReason(_ text: String, _ place: String) -> String? {
        if text.containsExactly("WRONG_VERSION_NUMBER") {
            return "the server \(place) does not use TLS: check the port, and whether the URL should be http"
        }
        if text.containsExactly("CERTIFICATE_VERIFY_FAILED") {
            return "the host's TLS certificate is not trusted by this machine"
        }
        if text.containsExactly("UNSUPPORTED_PROTOCOL") || text.containsExactly("ALERT_PROTOCOL_VERSION") {
            return """
                the server \(place) supports neither TLS 1.2 nor TLS 1.3, and older versions are not accepted: enable TLS 1.2 or \
                1.3 on it
                """
        }
        return nil
    }
}

extension ConnectionFailure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .timeout(let limit): "no complete response within \(limit.components.seconds) s"
        case .unreachable(let reason): "no connection (\(reason))"
        case .interrupted(let reason): "the connection was interrupted (\(reason))"
        }
    }
}
