import ExportCore
import ExportHTTP
import Testing

@testable import ExportS3

@Suite struct RequestSignerTests {
    private struct Example {
        let name: String
        var request: RequestSigner.Request
        let signature: String
    }

    private static let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

    /// “Authenticating Requests: Using the Authorization Header”, of the S3 API reference.
    private static let published = [
        Example(
            name: "get an object",
            request: .init(
                method: "GET", path: "/test.txt",
                headers: [("Host", "examplebucket.s3.amazonaws.com"), ("Range", "bytes=0-9")], payloadHash: empty),
            signature: "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"),
        Example(
            name: "put an object",
            request: .init(
                method: "PUT", path: "/" + PercentEncoding.encode(path: "test$file.text"),
                headers: [
                    ("Host", "examplebucket.s3.amazonaws.com"), ("Date", "Fri, 24 May 2013 00:00:00 GMT"),
                    ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
                ], payloadHash: "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"),
            signature: "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"),
        Example(
            name: "get a bucket's lifecycle",
            request: .init(
                method: "GET", path: "/", query: [("lifecycle", "")], headers: [("Host", "examplebucket.s3.amazonaws.com")],
                payloadHash: empty),
            signature: "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"),
        Example(
            name: "list objects",
            request: .init(
                method: "GET", path: "/", query: [("max-keys", "2"), ("prefix", "J")],
                headers: [("Host", "examplebucket.s3.amazonaws.com")], payloadHash: empty),
            signature: "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"),
    ]

    @Test("AWS's published examples come to AWS's signatures")
    func publishedExamples() throws {
        let keys = AWSCredentials(
            accessKeyID: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
        let time = try #require(Instant(iso8601: "2013-05-24T00:00:00Z"))
        for example in Self.published {
            let headers = RequestSigner(credentials: keys, region: "us-east-1").headers(for: example.request, at: time)
            let authorization = headers.first { $0.name == "Authorization" }?.value ?? ""
            #expect(authorization.hasSuffix("Signature=\(example.signature)"), "\(example.name)")
        }
    }

    /// Signatures that botocore 1.44.8 gives at 2026-11-25T22:50:00Z.
    private static let botocore: [(Example, region: String, token: String?)] = [
        (
            Example(
                name: "a bucket before the host",
                request: .init(
                    method: "GET", path: "/", headers: [("Host", "bucket.s3.eu-central-1.amazonaws.com")], payloadHash: empty),
                signature: "f8974679eea5ebd991f69acdab734eeabdc25981a902370c0907749089a56755"), "eu-central-1", nil
        ),
        (
            Example(
                name: "a query with what has to be encoded, and a session",
                request: .init(
                    method: "GET", path: "/bucket/",
                    query: [("list-type", "2"), ("encoding-type", "url"), ("max-keys", "1000"), ("prefix", "a b/é+&=~")],
                    headers: [("Host", "127.0.0.1:9000")], payloadHash: empty),
                signature: "e6b23a23ac455ca9913a6b36d91c5c9a7bfe0abc9f2e8d2cce65b1e12a5aa82a"), "us-east-1", "to/ken+=="
        ),
        (
            Example(
                name: "a path with what has to be encoded, and a condition",
                request: .init(
                    method: "PUT", path: "/bucket/" + PercentEncoding.encode(path: "dt=2026-11-01/a (b)'!*+,;@$.gz"),
                    headers: [
                        ("If-None-Match", "*"), ("Content-Type", "application/json"), ("x-amz-meta-sha256", "ab"),
                        ("Host", "127.0.0.1:9000"),
                    ], payloadHash: "3c48591d8d098a4538f5e013dfcf406e948eac4d3277b10bf614e295d6068179"),
                signature: "0aa217bb1c347dbdd1ff9c87920be0c80e10821cda99f23ba603e7a98b61ab50"), "us-east-1", nil
        ),
        (
            Example(
                name: "a part",
                request: .init(
                    method: "PUT", path: "/b/k", query: [("partNumber", "10"), ("uploadId", "x/y=")],
                    headers: [("Host", "s3.us-east-1.amazonaws.com")],
                    payloadHash: "37a680133bd09342f934afb8dd2c7d9e1b624da5f35e3a38adb103e37c055ed1"),
                signature: "c914d12e94f270f204ef3692113983194644fe77a94fb251c88075d4e6c865cb"), "us-east-1", nil
        ),
    ]

    @Test("other requests come to the signatures of AWS's client for Python")
    func asBotocore() throws {
        let time = try #require(Instant(iso8601: "2026-11-25T22:50:00.25Z"))
        for (example, region, token) in Self.botocore {
            let keys = AWSCredentials(
                accessKeyID: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", sessionToken: token)
            let headers = RequestSigner(credentials: keys, region: region).headers(for: example.request, at: time)
            let authorization = headers.first { $0.name == "Authorization" }?.value ?? ""
            #expect(authorization.hasSuffix("Signature=\(example.signature)"), "\(example.name)")
            #expect(headers.first { $0.name == "x-amz-security-token" }?.value == token)
        }
    }

    @Test("credentials show themselves to nobody, and are taken out of a store's words")
    func silence() {
        let keys = AWSCredentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: "s3cr3t", sessionToken: "t0k3n")
        for text in ["\(keys)", "\(CredentialSource.fixed(keys))", String(reflecting: keys)] {
            #expect(!text.contains("s3cr3t") && !text.contains("t0k3n") && !text.contains("AKID"), "\(text)")
        }
        #expect(Redaction(keys.redacted).redacted("AKIDEXAMPLE is not s3cr3t\u{1B}").hasPrefix("… is not …"))
    }

    @Test("credentials are blanked, too, where a combining mark stands behind them, and a header is folded at each of its spaces")
    func marks() {
        let keys = AWSCredentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: "s3cr3t", sessionToken: "t0k3n")
        let words = keys.redacted(in: "s3cr3t\u{301} t0k3n\u{20DD} AKIDEXAMPLE\u{FE0F}")
        #expect(words == "…\u{301} …\u{20DD} …\u{FE0F}")
        let request = RequestSigner.Request(method: "GET", path: "/", headers: [("Host", "x  \u{301}y")], payloadHash: "")
        #expect(RequestSigner.canonical(request).utf8.elementsEqual("GET\n/\n\nhost:x \u{301}y\n\nhost\n".utf8))
    }
}
