import ExportCore
import ExportStore
import Testing

@testable import ExportS3

@Suite struct StoreAnswerTests {
    private func kind(_ status: Int, _ code: String? = nil, region: String? = nil) -> AnswerKind {
        let body = code.map { "<?xml version=\"1.0\"?>\n<Error><Code>\($0)</Code><Message>m</Message></Error>" } ?? ""
        return AnswerKind(status: status, region: region, words: AnswerKind.Words(Array(body.utf8)))
    }

    @Test("what passes is tried again, and nothing else is")
    func passing() {
        for (status, code) in [
            (500, nil), (500, "InternalError"), (502, nil), (503, "SlowDown"), (503, nil), (504, nil), (429, nil), (408, nil),
            (400, "RequestTimeout"), (400, "BadDigest"), (400, "XAmzContentSHA256Mismatch"), (409, "ConditionalRequestConflict"),
            // An error after a status that was sent before it was known.
            (200, "InternalError"), (200, "SlowDown"),
        ] as [(Int, String?)] {
            guard case .passing = kind(status, code) else {
                Issue.record("\(status) \(code ?? "")")
                continue
            }
        }
        #expect(kind(200) == .done)
        #expect(kind(206) == .done)
        #expect(kind(404) == .notFound)
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

    @Test("tries are bounded, heed what the store asks for, and are fewer where a store does not answer or the run ends")
    func retry() {
        let (retry, trouble) = (StoreRetry(), StoreTrouble("status 500"))
        func pause(_ trouble: StoreTrouble, _ failures: Int, isAnswering: Bool = true, isEnding: Bool = false) -> Duration? {
            retry.pause(after: trouble, failures: failures, isAnswering: isAnswering, isEnding: isEnding, jitter: 0.5)
        }
        #expect(pause(trouble, 1) == .milliseconds(250))
        #expect(pause(trouble, 8) == .seconds(10))
        #expect(pause(trouble, 9) == nil)
        #expect(pause(trouble, 3, isAnswering: false) == nil)
        #expect(pause(trouble, 3, isEnding: true) == nil)
        #expect(pause(StoreTrouble("SlowDown", pause: .seconds(7)), 1) == .seconds(7))
        #expect(pause(StoreTrouble("SlowDown", pause: .seconds(86_400)), 1) == .seconds(60))
    }

    @Test("a page of a list is read, with keys that are encoded, and says what follows")
    func list() throws {
        let page = """
            <?xml version="1.0" encoding="UTF-8"?>
            <ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name><Prefix/><IsTruncated>true</IsTruncated>
              <Contents><Key>a%2Fb+c%2B%C3%A9</Key><Size>1</Size></Contents><Contents><Key>x&amp;y</Key></Contents>
              <NextContinuationToken>1/&lt;=</NextContinuationToken></ListBucketResult>
            """
        let read = try StoreClient.KeyPage(Array(page.utf8))
        #expect(read.keys == ["a/b c+é", "x&y"])
        #expect(read.next == "1/<=")
        #expect(throws: XMLElement.Unreadable.self) { try StoreClient.KeyPage(Array("<html></html>".utf8)) }
        #expect(throws: XMLElement.Unreadable.self) {
            try StoreClient.KeyPage(Array("<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>".utf8))
        }
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
