import ExportCore
import ExportHTTP
import ExportStore
import Foundation
import SampleAPI
import Testing

@testable import ExportS3

@Suite struct TokenExchangeTests {
    private static let token = "eyJhbGciOi+J/IUzI1NiJ9.c2VjcmV0.Pa55w0rd=="

    /// Exchanges the token at a service that gives this answer to everything.
    private func exchange(_ response: CannedResponse) async throws -> AWSCredentials {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("token-\(UUID().uuidString)")
        try Data("\(Self.token)\n".utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        var configuration = SampleService.Configuration()
        configuration.cannedResponse = { _, _ in response }
        return try await withSampleService(configuration) { endpoint, _ in
            try await WebClient.with(NetworkSettings()) { http in
                var exchange = TokenExchange(http: http, endpoint: endpoint, destination: "s3://b", userAgent: "tests")
                exchange.retry.policy = RetryPolicy(limit: 1, base: .milliseconds(1), cap: .milliseconds(1))
                return try await exchange.credentials(for: .init(role: "r", tokenFile: file.path, session: "s"))
            }
        }
    }

    @Test(
        "the token is in no error, whatever the status of the answer that repeats it",
        arguments: [200, 201, 301, 307, 400, 401, 403, 404, 408, 412, 429, 500, 501, 502, 503, 504])
    func silence(status: Int) async throws {
        for word in [Self.token, PercentEncoding.encode(Self.token)] {
            let body = """
                <ErrorResponse><Error><Code>X-\(word)</Code><Message>no \(word).</Message><Region>\(word)</Region></Error></ErrorResponse>
                """
            let headers = ["x-amz-bucket-region": word, "Content-Type": "text/xml"]
            let error = await #expect(throws: StoreError.self) {
                try await exchange(CannedResponse(status: status, headers: headers, body: Array(body.utf8)))
            }
            let words = error.map { "\($0)" } ?? ""
            for part in [Self.token, PercentEncoding.encode(Self.token), "Pa55w0rd"] { #expect(!words.contains(part), "\(words)") }
        }
    }

    @Test("an answer larger than such an answer is, is refused")
    func large() async throws {
        let chunk = [UInt8](repeating: 0x20, count: 1 << 20)
        let error = await #expect(throws: StoreError.self) { try await exchange(CannedResponse(body: chunk, repeats: 1 << 20)) }
        #expect(error == .objectStore(.tooLarge(limit: 64 << 10), path: "s3://b"))
    }

    @Test("a firewall's page in the place of the token service's answer is named, and is no refusal", arguments: [200, 401, 403])
    func page(status: Int) async throws {
        let page = CannedResponse(status: status, headers: ["Content-Type": "text/html"], body: Array("<html>blocked</html>".utf8))
        let error = await #expect(throws: StoreError.self) { try await exchange(page) }
        guard case .objectStore(.unavailable(let last, attempts: 2), _) = error else { Issue.record("\(error as Any)"); return }
        #expect(last.hasPrefix("an HTML page with status \(status)"))
    }

    @Test("credentials are taken of a whole answer, and of no other")
    func credentials() async throws {
        let response = """
            <R><AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>a</AccessKeyId><SecretAccessKey>s</SecretAccessKey>\
            <SessionToken>t</SessionToken></Credentials></AssumeRoleWithWebIdentityResult></R>
            """
        #expect(try await exchange(CannedResponse(body: Array(response.utf8))).accessKeyID == "a")
        for body in ["", "<R></R>", String(response.dropLast(3))] {
            await #expect(throws: StoreError.objectStore(.malformed, path: "s3://b")) {
                try await exchange(CannedResponse(body: Array(body.utf8)))
            }
        }
    }
}
