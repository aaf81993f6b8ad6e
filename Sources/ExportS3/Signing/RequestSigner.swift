import Crypto
import ExportCore
import ExportStore

/// Signs requests with AWS Signature Version 4, in the variant of S3: the path is encoded once, and the body's hash is sent in a header.
///
/// A pure function: the same request, credentials and time give the same signature.
struct RequestSigner {
    let credentials: AWSCredentials
    let region: String
    var service = "s3"

    /// The parts of a request that are signed.
    struct Request {
        var method: String
        /// The percent-encoded path.
        var path: String
        /// The query, not encoded, in any order.
        var query: [(name: String, value: String)] = []
        /// All headers to sign, including `Host`, with names in any case.
        var headers: [(name: String, value: String)]
        /// SHA-256 of the body in hexadecimal digits.
        var payloadHash: String
    }

    static let algorithm = "AWS4-HMAC-SHA256"

    /// The headers to add to a request, including `Authorization`.
    func headers(for request: Request, at now: Instant) -> [(name: String, value: String)] {
        let time = Self.time(now)
        var added = [(name: "x-amz-content-sha256", value: request.payloadHash), (name: "x-amz-date", value: time)]
        if let token = credentials.sessionToken { added.append((name: "x-amz-security-token", value: token)) }
        var signed = request
        signed.headers += added
        let scope = "\(time.prefix(8))/\(region)/\(service)/aws4_request"
        let hash = SHA256.hash(data: Array(Self.canonical(signed).utf8)).hexadecimal
        let signature = sign("\(Self.algorithm)\n\(time)\n\(scope)\n\(hash)", day: String(time.prefix(8)))
        added.append(
            (
                name: "Authorization",
                value: "\(Self.algorithm) Credential=\(credentials.accessKeyID)/\(scope), "
                    + "SignedHeaders=\(Self.names(signed)), Signature=\(signature)"
            ))
        return added
    }

    /// The time in the form `20130524T000000Z`.
    static func time(_ instant: Instant) -> String {
        instant.description.prefix(19).filter { $0 != "-" && $0 != ":" } + "Z"
    }

    private static func sorted(_ request: Request) -> [(name: String, value: String)] {
        request.headers.map { (name: $0.name.lowercased(), value: SignedHeader.folded($0.value)) }.sorted { $0.name < $1.name }
    }

    private static func names(_ request: Request) -> String {
        sorted(request).map(\.name).joined(separator: ";")
    }

    static func canonical(_ request: Request) -> String {
        let query = request.query.map { (PercentEncoding.encode($0.name), PercentEncoding.encode($0.value)) }
            .sorted { $0 < $1 }.map { "\($0)=\($1)" }.joined(separator: "&")
        let headers = sorted(request).map { "\($0.name):\($0.value)\n" }.joined()
        return [request.method, request.path, query, headers, names(request), request.payloadHash].joined(separator: "\n")
    }

    private func sign(_ text: String, day: String) -> String {
        var key = SymmetricKey(data: Array("AWS4\(credentials.secretAccessKey)".utf8))
        for part in [day, region, service, "aws4_request"] {
            key = SymmetricKey(data: HMAC<SHA256>.authenticationCode(for: Array(part.utf8), using: key))
        }
        return HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: key).hexadecimal
    }
}

/// A header's value as it is signed.
package enum SignedHeader {
    /// The value with spaces trimmed at both ends and runs of spaces collapsed.
    package static func folded(_ value: String) -> String {
        value.splitExactly(at: " ").joined(separator: " ")
    }
}
