import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

/// A place that is told of a run's end.
public struct Webhook: Sendable {
    private let url: String

    /// Where it is, without what may be secret: hooks have their key in the path.
    public let host: String

    /// Nil for what is no URL of https, or of http on the loopback.
    public init?(_ text: String) {
        guard let parts = URLComponents(string: text), let host = parts.host, !host.isEmpty else { return nil }
        let isLoopback = ["localhost", "127.0.0.1", "[::1]", "::1"].contains(host)
        guard parts.scheme == "https" || parts.scheme == "http" && isLoopback else { return nil }
        url = text
        self.host = host
    }

    /// Posts JSON, once.
    /// - Returns: Why it did not arrive; nil where it did.
    public func post(_ body: [UInt8], userAgent: String, timeout: Duration = .seconds(10)) async -> String? {
        let configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        let http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        var reason: String?
        do {
            var request = HTTPClientRequest(url: url)
            request.method = .POST
            request.headers = ["Content-Type": "application/json", "User-Agent": userAgent]
            request.body = .bytes(ByteBuffer(bytes: body))
            let answer = try await http.execute(request, timeout: TimeAmount(timeout))
            if !(200..<300).contains(answer.status.code) { reason = "it answered with status \(answer.status.code)" }
        } catch {
            reason = "\(ServiceError.Failure.from(error, at: nil))"
        }
        try? await http.shutdown()
        return reason
    }
}
