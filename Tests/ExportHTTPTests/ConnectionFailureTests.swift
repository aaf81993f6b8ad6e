import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import SystemPackage
import Testing

@testable import ExportHTTP

@Suite struct ConnectionFailureTests {
    private static func request(at place: String?) -> WebRequest {
        WebRequest(
            url: "https://api.example/x", reading: .beginning(limit: 0), timeout: .seconds(9), peer: .init("service", at: place))
    }

    /// As the library of TLS describes itself.
    private struct TLSFault: Error, CustomStringConvertible {
        let description: String
    }

    private static let words: [(any Error & Sendable, String)] = [
        (HTTPClientError.connectTimeout, "no connection (the host did not accept it in time)"),
        (HTTPClientError.remoteConnectionClosed, "the connection was interrupted (the service closed it)"),
        (HTTPClientError.writeTimeout, "no complete response within 9 s"),
        (HTTPClientError.deadlineExceeded, "no complete response within 9 s"),
        (HTTPClientError.invalidURL, "the connection was interrupted (HTTPClientError.invalidURL)"),
        (
            HTTPClientError.invalidHeaderFieldValues(["Api-Key secret\n"]),
            "the connection was interrupted (HTTPClientError.invalidHeaderFieldValues)"
        ),
        (
            IOError(errnoCode: Errno.connectionRefused.rawValue, reason: "connect"),
            "no connection (https://api.example: connection refused)"
        ),
        (
            IOError(errnoCode: Errno.noRouteToHost.rawValue, reason: "connect"),
            "no connection (https://api.example: no route to host)"
        ),
        (
            IOError(errnoCode: Errno.networkUnreachable.rawValue, reason: "connect"),
            "no connection (https://api.example: network is unreachable)"
        ),
        (
            IOError(errnoCode: Errno.connectionReset.rawValue, reason: "read"),
            "the connection was interrupted (connection reset by peer)"
        ),
        (HTTPParserError.invalidEOFState, "the connection was interrupted (the response was truncated or is not HTTP)"),
        (CancellationError(), "the connection was interrupted (CancellationError)"),
        (
            TLSFault(description: "SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED"),
            "no connection (the host's TLS certificate is not trusted by this machine)"
        ),
        (
            TLSFault(description: "SSL routines:OPENSSL_internal:WRONG_VERSION_NUMBER"),
            "no connection (the server at https://api.example does not use TLS: check the port, and whether the URL should be http)"
        ),
        (
            TLSFault(description: "SSL routines:OPENSSL_internal:TLSV1_ALERT_PROTOCOL_VERSION"),
            """
            no connection (the server at https://api.example supports neither TLS 1.2 nor TLS 1.3, and older versions are not \
            accepted: enable TLS 1.2 or 1.3 on it)
            """
        ),
    ]

    @Test("what went wrong with a connection is said in words", arguments: words.indices)
    func said(index: Int) {
        let (error, words) = Self.words[index]
        #expect("\(ConnectionFailure(error, of: Self.request(at: "https://api.example")))" == words)
    }

    @Test("an endpoint that is not to be shown is not shown")
    func discreet() {
        let error = IOError(errnoCode: Errno.connectionRefused.rawValue, reason: "connect")
        #expect(
            "\(ConnectionFailure(error, of: Self.request(at: nil)))" == "no connection (connection refused)"
        )
    }
}
