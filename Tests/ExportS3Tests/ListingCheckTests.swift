import ExportStore
import Testing

@testable import ExportS3

@Suite struct ListingCheckTests {
    private func page(_ keys: [String], _ end: String = "<IsTruncated>false</IsTruncated>") throws -> KeyPage {
        let contents = keys.map { "<Contents><Key>\($0)</Key></Contents>" }.joined()
        return try KeyPage(Array("<ListBucketResult>\(contents)\(end)</ListBucketResult>".utf8))
    }

    private func more(_ token: String) -> String {
        "<IsTruncated>true</IsTruncated><NextContinuationToken>\(token)</NextContinuationToken>"
    }

    /// Reads pages until one says that it is the last.
    /// - Returns: What the list is refused for.
    private func flaw(_ pages: [KeyPage]) -> ListingError? {
        var reading = ListingCheck(prefix: "p/")
        var token: String?
        do {
            for page in pages {
                token = try reading.take(page, after: token)
                if token == nil { return nil }
            }
        } catch { return error }
        Issue.record("the list goes on")
        return nil
    }

    @Test("pages whose keys ascend by their bytes are a list, and an empty page among them is none the less one")
    func lists() throws {
        #expect(try flaw([page([])]) == nil)
        // By UTF-16 the last two would stand the other way, and as characters `e` with an accent would be one of its own.
        #expect(
            try flaw([
                page(["p/a", "p/a/b", "p/ab"], more("1")), page([], more("2")),
                page(["p/e\u{301}", "p/f", "p/\u{E9}", "p/\u{FFFD}", "p/\u{1F600}"]),
            ]) == nil)
    }

    @Test("a page that contradicts itself is refused")
    func pages() throws {
        #expect(try flaw([page(["p/a"], "")]) == .openEnd)
        #expect(try flaw([page(["p/a"], "<IsTruncated>perhaps</IsTruncated>")]) == .openEnd)
        #expect(try flaw([page(["p/a"], "<IsTruncated>true</IsTruncated>")]) == .noToken)
        #expect(try flaw([page(["p/a"], "<NextContinuationToken>1</NextContinuationToken>")]) == .openEnd)
        #expect(
            try flaw([page(["p/a"], "<IsTruncated>false</IsTruncated><NextContinuationToken>1</NextContinuationToken>")])
                == .tokenAtTheEnd)
        for count in ["2", "-1", "99999999999999999999", "x"] {
            #expect(
                try flaw([page(["p/a"], "<KeyCount>\(count)</KeyCount><IsTruncated>false</IsTruncated>")])
                    == .miscounted(said: count, given: 1))
        }
        #expect(try flaw([page(["p/a"], "<KeyCount>1</KeyCount><IsTruncated>false</IsTruncated>")]) == nil)
    }

    @Test("a list that goes in a circle, gives a key twice, or a page after one that follows it, is refused")
    func order() throws {
        let (one, two) = try (page(["p/a"], more("1")), page(["p/b"], more("2")))
        #expect(flaw([one, one]) == .unordered(key: "p/a", after: "p/a"))
        #expect(flaw([one, two, one]) == .unordered(key: "p/a", after: "p/b"))
        #expect(try flaw([page(["p/b", "p/a"])]) == .unordered(key: "p/a", after: "p/b"))
        #expect(try flaw([one, page([], more("1"))]) == .sameToken)
    }

    @Test(
        "a key that does not begin with what was asked for, by bytes, is refused",
        arguments: ["q/a", "p", "p/\u{301}a", "P/a", "ap/a", ""])
    func prefix(key: String) throws {
        // An accent on the slash makes another character of it, and the same bytes before.
        let flaw = try flaw([page(["p/\u{301}", key].filter { !$0.isEmpty }.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })])
        if key.utf8.starts(with: "p/".utf8) || key.isEmpty {
            #expect(flaw == nil)
        } else {
            #expect(flaw == .outside(key: key))
        }
    }

    @Test("a list without end ends, and one of many pages that are full does not")
    func endless() throws {
        var reading = ListingCheck(prefix: "p/")
        var (pages, token): (Int, String?) = (0, nil)
        let flaw = #expect(throws: ListingError.self) {
            while true {
                token = try reading.take(page(["p/\(1_000_000 + pages)"], more("\(pages)")), after: token)
                pages += 1
            }
        }
        #expect(flaw == .endless(pages: pages + 1, keys: pages + 1) && pages < 600)

        reading = ListingCheck(prefix: "p/")
        (pages, token) = (0, nil)
        while pages < 3000 {
            let keys = (0..<20).map { "p/\(1_000_000 + pages * 20 + $0)" }
            token = try reading.take(page(keys, more("\(pages)")), after: token)
            pages += 1
        }

        reading = ListingCheck(prefix: "p/")
        (pages, token) = (0, nil)
        let empty = #expect(throws: ListingError.self) {
            while true {
                token = try reading.take(page([], more("\(pages)")), after: token)
                pages += 1
            }
        }
        #expect(empty == .endless(pages: 51, keys: 0))
    }

    @Test("a page of uploads is read, with where the next begins")
    func uploads() throws {
        let page = try UploadPage(
            Array(
                """
                <ListMultipartUploadsResult><EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>
                <NextKeyMarker>a%2Bb</NextKeyMarker><NextUploadIdMarker>2</NextUploadIdMarker>
                <Upload><Key>a%2Bb</Key><UploadId>1</UploadId></Upload><Upload><Key>c</Key></Upload></ListMultipartUploadsResult>
                """.utf8))
        #expect(page.uploads == [MultipartUpload(key: "a+b", id: "1")])
        #expect(page.isTruncated && page.next == MultipartUpload(key: "a+b", id: "2"))
        #expect(throws: XMLElement.Unreadable.self) { try UploadPage(Array("<ListBucketResult/>".utf8)) }
    }
}
