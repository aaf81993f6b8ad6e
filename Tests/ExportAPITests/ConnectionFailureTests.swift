import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import SystemPackage
import Testing

@testable import ExportAPI

@Suite struct ConnectionFailureTests {
    private static let endpoint = "https://api.example"

    private static let words: [(any Error & Sendable, String)] = [
        (HTTPClientError.connectTimeout, "no connection (the host did not take it in time)"),
        (HTTPClientError.remoteConnectionClosed, "the connection was cut (the service closed it)"),
        (HTTPClientError.readTimeout, "the connection was cut (HTTPClientError.readTimeout)"),
        (
            IOError(errnoCode: Errno.connectionRefused.rawValue, reason: "connect"),
            "no connection (nothing takes it at https://api.example: connection refused)"
        ),
        (
            IOError(errnoCode: Errno.noRouteToHost.rawValue, reason: "connect"),
            "no connection (nothing takes it at https://api.example: no route to host)"
        ),
        (
            IOError(errnoCode: Errno.networkUnreachable.rawValue, reason: "connect"),
            "no connection (nothing takes it at https://api.example: network is unreachable)"
        ),
        (
            IOError(errnoCode: Errno.connectionReset.rawValue, reason: "read"),
            "the connection was cut (connection reset by peer)"
        ),
        (HTTPParserError.invalidEOFState, "the connection was cut (the answer ended in the middle, or is no HTTP)"),
        (CancellationError(), "the connection was cut (CancellationError)"),
    ]

    @Test("what went wrong with a connection is said in words", arguments: words.indices)
    func said(index: Int) {
        let (error, words) = Self.words[index]
        #expect("\(ServiceError.Failure.from(error, at: Self.endpoint))" == words)
    }

    @Test("an endpoint that is not to be shown is not shown")
    func discreet() {
        let error = IOError(errnoCode: Errno.connectionRefused.rawValue, reason: "connect")
        #expect("\(ServiceError.Failure.from(error, at: nil))" == "no connection (nothing takes it there: connection refused)")
    }
}
