import ExportCore
package import ExportHTTP
import Foundation
import NIOCore
import NIOHTTP1

/// A webhook that is notified when a run ends.
public struct Webhook: Sendable {
    private let url: String

    /// The host, without the path, which may contain a secret.
    public let host: String

    /// Creates a webhook. `nil` unless the text is an https URL, or an http URL of the loopback.
    public init?(_ text: String) {
        guard let parts = URLComponents(string: text), let host = parts.host, !host.isEmpty else { return nil }
        guard parts.scheme == "https" || parts.scheme == "http" && Loopback.contains(host: host) else { return nil }
        url = text
        self.host = host
    }

    /// Posts JSON, without repeats.
    /// - Returns: Why the request failed. `nil` if it succeeded.
    package func post(
        _ body: [UInt8], over network: NetworkSettings, userAgent: String, timeout: Duration = .seconds(10)
    ) async -> String? {
        var request = WebRequest(url: url, reading: .beginning(limit: 1024), timeout: timeout, peer: .init("hook", at: nil))
        request.method = .POST
        request.headers = ["Content-Type": "application/json", "User-Agent": userAgent]
        request.body = ByteBuffer(bytes: body)
        do {
            let response = try await WebClient.with(network) { [request] http in try await http.send(request) }
            // Only the first bytes are checked, because some hooks return “ok” with the content type of HTML.
            if HTMLPage.begins(response.body.readableBytesView) {
                return
                    "it answered with an HTML page and status \(response.head.status), which may come from a firewall, a proxy or a sign-in page"
            }
            return (200..<300).contains(response.head.status) ? nil : "it answered with status \(response.head.status)"
        } catch let failure as ConnectionFailure {
            return "\(failure)"
        } catch {
            return "the run was interrupted"
        }
    }
}
