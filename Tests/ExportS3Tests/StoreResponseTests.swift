import ExportCore
import ExportHTTP
import ExportStore
import NIOCore
import NIOHTTP1
import Testing

@testable import ExportS3

@Suite struct StoreResponseTests {
    private static let noSecrets = Redaction { $0 }

    private func kind(
        _ status: Int, _ code: String? = nil, region: String? = nil, to method: HTTPMethod = .PUT, body: String? = nil,
        type: String = "application/xml", requestID: String? = nil, _ redaction: Redaction = noSecrets
    ) -> ResponseKind {
        let words = code.map { "<?xml version=\"1.0\"?>\n<Error><Code>\($0)</Code><Message>m</Message></Error>" }
        var headers: HTTPHeaders = ["Content-Type": type]
        if let requestID { headers.add(name: requestID, value: "7F3A") }
        if let region { headers.add(name: "x-amz-bucket-region", value: region) }
        return ResponseKind(
            WebResponse(head: .init(status: status, headers: headers), body: ByteBuffer(string: body ?? words ?? "")), to: method,
            redaction)
    }

    @Test("what passes is tried again, and nothing else is")
    func passing() {
        for (status, code) in [
            (500, nil), (500, "InternalError"), (502, nil), (503, "SlowDown"), (503, nil), (504, nil), (429, nil), (408, nil),
            (400, "RequestTimeout"), (400, "BadDigest"), (400, "XAmzContentSHA256Mismatch"), (409, "ConditionalRequestConflict"),
            // An error after a status that was sent before it was known.
            (200, "InternalError"), (200, "SlowDown"),
        ] as [(Int, String?)] {
            guard case .transient = kind(status, code) else {
                Issue.record("\(status) \(code ?? "")")
                continue
            }
        }
        #expect(kind(200) == .done)
        #expect(kind(206) == .done)
        #expect(kind(201) == .final(.unexpected(status: 201, words: nil)))
        #expect(kind(404, "NoSuchKey") == .notFound)
        #expect(kind(404, "NoSuchUpload") == .noUpload)
        #expect(kind(404, "NoSuchBucket") == .final(.noBucket))
        #expect(kind(412, "PreconditionFailed") == .conditionFailed)
        #expect(kind(501, "NotImplemented") == .notImplemented)
        #expect(kind(403, "SignatureDoesNotMatch") == .final(.refused(words: "SignatureDoesNotMatch: m")))
        #expect(kind(403, "RequestTimeTooSkewed") == .final(.clock))
        #expect(kind(400, "ExpiredToken") == .final(.refused(words: "ExpiredToken: m")))
        #expect(kind(301, "PermanentRedirect", region: "eu-west-1") == .final(.otherRegion("eu-west-1")))
        #expect(kind(400, region: "eu-west-1") == .final(.otherRegion("eu-west-1")))
        #expect(kind(200, "EntityTooSmall") == .final(.unexpected(status: 200, words: "EntityTooSmall: m")))
        #expect(kind(400, "InvalidPart") == .final(.unexpected(status: 400, words: "InvalidPart: m")))
    }

    @Test("an object is absent where the store says so in its own words, or where it cannot have any; no other answer makes it so")
    func absence() {
        #expect(kind(404, "NoSuchKey", to: .GET) == .notFound)
        #expect(kind(404, "NoSuchKey", to: .DELETE) == .notFound)
        #expect(kind(404, to: .HEAD, body: "") == .notFound)
        #expect(kind(404, to: .HEAD, body: "", type: "text/html; charset=utf-8") == .final(.notAnObjectStore(status: 404)))
        for name in ["x-amz-request-id", "x-amzn-requestid"] {
            #expect(kind(404, to: .HEAD, body: "", type: "text/html; charset=utf-8", requestID: name) == .notFound)
            #expect(kind(404, to: .GET, body: "", type: "text/html", requestID: name) == .final(.notAnObjectStore(status: 404)))
        }
        for body in ["", "<html><body>not found</body></html>", "default backend - 404", "<Error></Error>", "<Error><Code>NoSuchK"]
        {
            #expect(kind(404, to: .GET, body: body) == .final(.notAnObjectStore(status: 404)), "\(body)")
            #expect(kind(404, to: .DELETE, body: body) == .final(.notAnObjectStore(status: 404)), "\(body)")
        }
        #expect(kind(404, "NoSuchThing", to: .GET) == .final(.unexpected(status: 404, words: "NoSuchThing: m")))
    }

    @Test("a page of HTML is no answer of a store, and passes; a part of an object may begin as it likes")
    func pages() {
        let page = "<html><body>blocked</body></html>"
        for method in [HTTPMethod.GET, .PUT, .POST, .DELETE] {
            for status in [200, 204, 400, 401, 403, 405] {
                // What is said to be written is looked at.
                let isLookedAt = [.PUT, .POST].contains(method) && status < 300
                #expect(kind(status, to: method, body: page) == (isLookedAt ? .done : .page(status: status)), "\(method) \(status)")
            }
        }
        #expect(kind(200, to: .HEAD, body: "", type: "text/html") == .page(status: 200))
        #expect(kind(200, to: .DELETE, body: "", type: "text/html") == .page(status: 200))
        #expect(kind(204, to: .DELETE, body: "", type: "text/html") == .done, "as moto confirms a removal")
        for method in [HTTPMethod.GET, .HEAD] {
            #expect(kind(204, to: method, body: "", type: "text/html") == .page(status: 204), "\(method)")
        }
        #expect(kind(206, to: .GET, body: page, type: "application/octet-stream") == .done)
        #expect(kind(200, to: .GET, body: "<ListBucketResult/>") == .done)
    }

    @Test("an error of a store behind a byte order mark is read")
    func mark() {
        #expect(
            kind(403, to: .GET, body: "\u{FEFF}<Error><Code>AccessDenied</Code></Error>") == .final(.refused(words: "AccessDenied"))
        )
    }

    @Test("credentials that a store repeats are in nothing that is shown of its answer, whatever its status")
    func silence() {
        let keys = AWSCredentials(accessKeyID: "AKIDTEST", secretAccessKey: "s3cr3t", sessionToken: "t0k3n")
        let secrets = "AKIDTEST s3cr3t t0k3n\u{1B}\n"
        let body = "<Error><Code>\(secrets)</Code><Message>\(secrets)</Message><Region>\(secrets)</Region></Error>"
        let statuses = [
            200, 201, 204, 206, 301, 307, 400, 401, 403, 404, 408, 409, 412, 416, 418, 429, 500, 501, 502, 503, 504, 599,
        ]
        for status in statuses {
            for code in [nil, "AuthorizationHeaderMalformed", "SlowDown", "ExpiredToken"] {
                for method in [HTTPMethod.PUT, .GET, .HEAD] {
                    let body = code.map { body.replacing("<Code>\(secrets)", with: "<Code>\($0)") } ?? body
                    let found = kind(status, region: "AKIDTEST s3cr3t t0k3n", to: method, body: body, Redaction(keys.redacted))
                    var shown = "\(found)"
                    if case .final(let fault) = found { shown += "\(fault)" }
                    for secret in ["AKID", "s3cr3t", "t0k3n", "\u{1B}", "\n"] {
                        #expect(!shown.contains(secret), "\(status) \(method): \(shown)")
                    }
                }
            }
        }
    }

    @Test("tries are bounded, heed what the store asks for, and are fewer where a store does not answer or the run ends")
    func retry() {
        let (retry, trouble) = (StoreRetry(), TransientFailure("status 500"))
        func pause(_ trouble: TransientFailure, _ failures: Int, isAnswering: Bool = true, isEnding: Bool = false) -> Duration? {
            retry.pause(after: trouble, failures: failures, isAnswering: isAnswering, isEnding: isEnding, jitter: 0.5)
        }
        #expect(pause(trouble, 1) == .milliseconds(250))
        #expect(pause(trouble, 8) == .seconds(10))
        #expect(pause(trouble, 9) == nil)
        #expect(pause(trouble, 3, isAnswering: false) == nil)
        #expect(pause(TransientFailure(page: 403), 2) == .milliseconds(500) && pause(TransientFailure(page: 403), 3) == nil)
        #expect(pause(trouble, 3, isEnding: true) == nil)
        #expect(pause(TransientFailure("SlowDown", pause: .seconds(7)), 1) == .seconds(7))
        #expect(pause(TransientFailure("SlowDown", pause: .seconds(86_400)), 1) == .seconds(60))
    }

    @Test("a page of a list is read, with keys that are encoded, and says what follows")
    func list() throws {
        let page = """
            <?xml version="1.0" encoding="UTF-8"?>
            <ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name><Prefix/><IsTruncated>true</IsTruncated>
              <Contents><Key>a%2Fb+c%2B%C3%A9</Key><Size>1</Size></Contents><Contents><Key>x&amp;y</Key></Contents>
              <NextContinuationToken>1/&lt;=</NextContinuationToken></ListBucketResult>
            """
        let read = try KeyPage(Array(page.utf8))
        #expect(read.keys == ["a/b c+é", "x&y"])
        #expect(read.isTruncated == true && read.token == "1/<=")
        #expect(throws: XMLElement.Unreadable.self) { try KeyPage(Array("<html></html>".utf8)) }
    }

    @Test("parts are named in their order, whatever the order of their answers")
    func completion() {
        let parts = [2, 1].map { UploadedPart(number: $0, etag: "\"e\($0)\"", sha256: "00ff") }
        #expect(
            StoreClient.completion(parts)
                == """
                <CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">\
                <Part><PartNumber>1</PartNumber><ETag>&quot;e1&quot;</ETag><ChecksumSHA256>AP8=</ChecksumSHA256></Part>\
                <Part><PartNumber>2</PartNumber><ETag>&quot;e2&quot;</ETag><ChecksumSHA256>AP8=</ChecksumSHA256></Part>\
                </CompleteMultipartUpload>
                """)
    }

    @Test("parts are of 8 MiB, and grow where there would be more than 10,000")
    func parts() {
        let mebibyte = 1 << 20
        #expect(FileUpload.partSize(of: 1) == 8 * mebibyte)
        #expect(FileUpload.partSize(of: 80_000 * mebibyte) == 8 * mebibyte)
        #expect(FileUpload.partSize(of: 80_000 * mebibyte + 1) == 9 * mebibyte)
        for bytes in [1, 12_345_678_901, 5 << 40] {
            #expect((bytes + FileUpload.partSize(of: bytes) - 1) / FileUpload.partSize(of: bytes) <= 10_000)
        }
    }

    @Test("a bucket stands in the path with an endpoint, and before the host with AWS, unless it is told otherwise")
    func addresses() {
        func root(_ bucket: String, _ endpoint: String? = nil, pathStyle: Bool? = nil, region: String = "eu-west-1") -> String {
            let location = ObjectLocation(bucket: bucket, prefix: "", endpoint: endpoint, usesPathStyle: pathStyle)
            let address = StoreAddress(location, region: region)
            return "\(address.root)\(address.path("a b"))"
        }
        #expect(root("b") == "https://b.s3.eu-west-1.amazonaws.com/a%20b")
        #expect(root("b", region: "cn-north-1") == "https://b.s3.cn-north-1.amazonaws.com.cn/a%20b")
        #expect(root("b.c") == "https://s3.eu-west-1.amazonaws.com/b.c/a%20b")
        #expect(root("b", pathStyle: true) == "https://s3.eu-west-1.amazonaws.com/b/a%20b")
        #expect(root("b", "http://127.0.0.1:9000") == "http://127.0.0.1:9000/b/a%20b")
        #expect(root("b", "https://x.y:443", pathStyle: false) == "https://b.x.y/a%20b")
    }
}
