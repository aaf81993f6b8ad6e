import ExportCore
import ExportHTTP
import ExportStore
import Foundation
import Logging
import NIOCore
import NIOHTTP1

/// The exchange of a web identity's token for credentials: AssumeRoleWithWebIdentity of AWS's security token service.
struct TokenExchange: Sendable {
    let http: WebClient
    /// Scheme, host and port. `nil` if there is no endpoint to which a token may be sent.
    let endpoint: String?
    /// The name of the destination in errors.
    let destination: String
    let userAgent: String
    var logger: Logger?
    var retry = StoreRetry()

    private static let timeout = Duration.seconds(30)

    /// The endpoint of `AWS_ENDPOINT_URL_STS`, or that of a region. `nil` if the token would be sent over a network unencrypted.
    static func endpoint(environment: [String: String], region: String) -> String? {
        if let endpoint = environment["AWS_ENDPOINT_URL_STS"], !endpoint.isEmpty {
            return isPrivate(endpoint) ? endpoint : nil
        }
        return "https://sts.\(region).amazonaws.com\(region.startsExactly(with: "cn-") ? ".cn" : "")"
    }

    private static func isPrivate(_ endpoint: String) -> Bool {
        guard !endpoint.lowercased().startsExactly(with: "https://") else { return true }
        return Loopback.contains(host: URLComponents(string: endpoint)?.host ?? "")
    }

    /// Exchanges the token of an identity.
    /// - Throws: `StoreError.objectStore`, `CancellationError`.
    func credentials(for identity: CredentialSource.WebIdentity) async throws -> AWSCredentials {
        guard let endpoint else {
            throw fault(.noCredentials(because: "AWS_ENDPOINT_URL_STS is plain http, which would send the token in the clear"))
        }
        // Read anew each time, because the file is replaced before the token expires.
        guard let content = FileManager.default.contents(atPath: identity.tokenFile) else {
            throw fault(.noCredentials(because: "the token file \(identity.tokenFile) cannot be read"))
        }
        let token = String(decoding: content, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        // Both the token and its encoded form are redacted.
        let redaction = Redaction { [token, encoded = PercentEncoding.encode(token)] text in
            [token, encoded].filter { !$0.isEmpty }.reduce(text) { $0.replacingExactly($1, with: "…") }
        }
        let form = [
            ("Action", "AssumeRoleWithWebIdentity"), ("Version", "2011-06-15"), ("RoleArn", identity.role),
            ("RoleSessionName", identity.session), ("WebIdentityToken", token),
        ].map { "\($0)=\(PercentEncoding.encode($1))" }.joined(separator: "&")
        var failures = 0
        while true {
            let trouble: TransientFailure
            do {
                let response = try await send(form, to: endpoint)
                switch ResponseKind(response, to: .POST, redaction) {
                case .done where response.isPage: trouble = TransientFailure(page: response.head.status)
                case .page(let status): trouble = TransientFailure(page: status)
                case .done:
                    guard let credentials = Self.credentials(from: Array(response.body.readableBytesView)) else {
                        throw fault(.malformed)
                    }
                    return credentials
                case .transient(let words): trouble = TransientFailure(words)
                default: throw fault(.refused(words: ResponseKind.ErrorBody(response.body.readableBytesView, redaction)?.text))
                }
            } catch let failure as ConnectionFailure {
                trouble = TransientFailure("\(failure)")
            } catch let error as ResponseTooLarge {
                throw fault(.tooLarge(limit: error.limit))
            }
            failures += 1
            let pause = retry.pause(
                after: trouble, failures: failures, isAnswering: true, isEnding: Task.isCancelled, jitter: .random(in: 0...1))
            guard let pause else { throw fault(.unavailable(last: trouble.description, attempts: failures)) }
            logger?.info(
                "retrying the request for credentials",
                metadata: ["failure": "\(trouble)", "in": "\(pause)", "try": "\(failures + 1)"])
            try await Task.sleep(for: pause)
        }
    }

    private func send(_ form: String, to endpoint: String) async throws -> WebResponse {
        var request = WebRequest(
            url: endpoint.endsExactly(with: "/") ? endpoint : endpoint + "/", reading: .whole(limit: StoreRequest.wordsLimit),
            timeout: Self.timeout, peer: .init("token service", at: nil))
        request.method = .POST
        request.headers = ["Content-Type": "application/x-www-form-urlencoded", "User-Agent": userAgent]
        request.body = ByteBuffer(string: form)
        return try await http.send(request)
    }

    /// Parses the response. `nil` if it is not one.
    static func credentials(from body: [UInt8]) -> AWSCredentials? {
        let root = try? XMLElement(parsing: body)
        guard let found = root?["AssumeRoleWithWebIdentityResult"]?["Credentials"], let id = found["AccessKeyId"]?.text,
            let secret = found["SecretAccessKey"]?.text, let token = found["SessionToken"]?.text
        else { return nil }
        let keys = AWSCredentials(
            accessKeyID: id, secretAccessKey: secret, sessionToken: token,
            expiresAt: found["Expiration"].flatMap { Instant(iso8601: $0.text) })
        return keys.canBeSent ? keys : nil
    }

    private func fault(_ fault: ObjectStoreFault) -> StoreError { .objectStore(fault, path: destination) }
}
