import ExportCore
import ExportHTTP
import NIOCore
import NIOHTTP1
import Testing

@testable import ExportAPI

@Suite struct ResponseKindTests {
    private func kind(
        _ status: Int, _ headers: [(String, String)] = [], _ body: String = "", page: Int? = 1, without key: APIKey? = nil
    ) -> ResponseKind {
        ResponseKind(
            WebResponse(head: ResponseHead(status: status, headers: HTTPHeaders(headers)), body: ByteBuffer(string: body)),
            page: page, now: Instant(seconds: 1_790_000_000), Redaction { key?.redacted(in: $0) ?? $0 })
    }

    private func error(_ kind: ResponseKind) -> ServiceError? {
        if case .final(let error) = kind { error } else { nil }
    }

    @Test("what is final says so in the service's words")
    func final() {
        #expect(
            error(kind(400, [], #"{"environment": ["Not a valid choice."]}"#))
                == .requestRefused(words: "environment: Not a valid choice."))
        #expect(error(kind(400, [], #"{"detail": "Bad.\nVery bad."}"#)) == .requestRefused(words: "Bad. Very bad."))
        #expect(error(kind(400, [], #"{"b": "two", "a": ["one", "more"]}"#)) == .requestRefused(words: "a: one more; b: two"))
        #expect(error(kind(400, [], "{}")) == .requestRefused(words: nil))
        #expect(error(kind(401, [], #"{"detail": "No."}"#)) == .keyRefused(status: 401, words: "No."))
        #expect(error(kind(403)) == .keyRefused(status: 403, words: nil))
        #expect(error(kind(404, [("Content-Type", "text/html; charset=utf-8")])) == .wrongEndpoint(status: 404, isHTML: true))
        #expect(error(kind(302)) == .redirected(status: 302))
        #expect(error(kind(418)) == .unexpected(status: 418, words: nil))
    }

    @Test(
        "a page is out of range behind the first alone, and where the service itself says so, in any language",
        arguments: [
            (2, "application/json", #"{"detail": "Invalid page."}"#, ServiceError.pageOutOfRange),
            (7, "application/json", #"{"detail": "Ungültige Seite."}"#, .pageOutOfRange),
            (1, "application/json", #"{"detail": "Invalid page."}"#, .pageRefused(words: "Invalid page.")),
            (1, "application/json", #"{"detail": "Invalid page size."}"#, .pageRefused(words: "Invalid page size.")),
            (2, "application/json", #"{"detail": "Invalid page.", "code": 7}"#, .wrongEndpoint(status: 404, isHTML: false)),
            (
                2, "application/json", #"{"detail": "Invalid page.", "plan": "too small"}"#,
                .pageRefused(words: "Invalid page.; plan: too small")
            ),
            (2, "application/json", #"{"error": "Invalid page."}"#, .pageRefused(words: "error: Invalid page.")),
            (2, "application/json", #"{"detail": ["Invalid page."]}"#, .pageRefused(words: "Invalid page.")),
            (2, "application/json", #""Invalid page.""#, .wrongEndpoint(status: 404, isHTML: false)),
            (2, "application/json", "", .wrongEndpoint(status: 404, isHTML: false)),
            (2, "text/html", #"{"detail": "Invalid page."}"#, .wrongEndpoint(status: 404, isHTML: true)),
            (2, "text/html", "<h1>Invalid page.</h1>", .wrongEndpoint(status: 404, isHTML: true)),
            (nil, "application/json", #"{"detail": "Not found."}"#, .wrongEndpoint(status: 404, isHTML: false)),
        ] as [(Int?, String, String, ServiceError)])
    func pageOutOfRange(page: Int?, type: String, body: String, expected: ServiceError) {
        #expect(error(kind(404, [("Content-Type", type)], body, page: page)) == expected)
    }

    @Test(
        "an answer that is not a plain 200 is not a list, whatever it holds", arguments: [201, 202, 203, 204, 205, 206, 207, 226])
    func notPlain(status: Int) {
        let list = #"{"count": 0, "next": null, "previous": null, "results": []}"#
        #expect(error(kind(status, [], list)) == .unexpected(status: status, words: nil))
    }

    @Test(
        "a page of HTML is not the service's refusal, whether its type says so or its first bytes",
        arguments: [400, 401, 403, 405, 418, 451],
        [
            ("text/html; charset=utf-8", "Access denied"), ("application/xhtml+xml", "<?xml version=\"1.0\"?>"),
            ("", "<!DOCTYPE HTML><p>"),
            ("application/json", "\u{FEFF} \n<html lang=en>"), ("text/plain", "<!-- blocked -->"),
        ])
    func page(status: Int, page: (type: String, body: String)) {
        let headers = page.type.isEmpty ? [] : [("Content-Type", page.type)]
        guard case .transient(.page(status)) = kind(status, headers, page.body) else { Issue.record("not a page"); return }
    }

    @Test("an error behind a byte order mark is read as one without it")
    func mark() {
        #expect(error(kind(401, [], "\u{FEFF}{\"detail\": \"No.\"}")) == .keyRefused(status: 401, words: "No."))
        #expect(error(kind(404, [], "\u{FEFF}{\"detail\": \"Invalid page.\"}", page: 2)) == .pageOutOfRange)
    }

    @Test("server errors pass", arguments: [408, 500, 502, 503, 504])
    func passing(status: Int) {
        guard case .transient = kind(status, [], "<html>") else { Issue.record("not passing"); return }
    }

    @Test(
        "a throttled answer's pause is read in both forms, and nothing is made of what cannot be read",
        arguments: [
            ("3", Duration.seconds(3)), (" 12 ", .seconds(12)), ("0", nil), ("-1", nil), ("soon", nil), ("", nil),
            ("Mon, 21 Sep 2026 14:13:30 GMT", .seconds(10)), ("Mon, 21 Sep 2026 14:13:10 GMT", nil),
            ("Mon, 31 Feb 2026 14:13:30 GMT", nil),
        ] as [(String, Duration?)])
    func throttled(header: String, pause: Duration?) {
        guard case .throttled(let found) = kind(429, [("Retry-After", header)]) else { Issue.record("not throttled"); return }
        #expect(found == pause)
    }

    @Test("the service's words rule no terminal, and do not repeat the key")
    func words() throws {
        let key = try #require(APIKey("ags_secret"))
        let body = #"{"detail": "No \u001b[31magent for ags_secret\u0007."}"#
        let words = "No  [31magent for (key) ."
        #expect(error(kind(400, [], body, without: key)) == .requestRefused(words: words))
        #expect(error(kind(401, [], body, without: key)) == .keyRefused(status: 401, words: words))
        #expect(error(kind(403, [], body, without: key)) == .keyRefused(status: 403, words: words))
        #expect(error(kind(418, [], body, without: key)) == .unexpected(status: 418, words: words))
    }

    @Test("a key shows in no description of it")
    func key() throws {
        let key = try #require(APIKey(" ags_secret\n"))
        #expect("\(key) \(String(reflecting: key)) \(Mirror(reflecting: key).children.map { "\($0)" })" == "(key) (key) []")
        var dumped = ""
        dump(key, to: &dumped)
        #expect(!dumped.contains("secret"))
        #expect(APIKey("") == nil)
        #expect(APIKey("two words") == nil)
    }

    @Test(
        "a key is blanked, too, where a combining mark stands behind it or before it",
        arguments: ["\u{301}", "\u{20DD}", "\u{200D}"])
    func marks(mark: String) throws {
        let key = try #require(APIKey("ags_0123456789abcdef0123456789abcdef_0a1b2c"))
        #expect(
            key.redacted(in: "no ags_0123456789abcdef0123456789abcdef_0a1b2c\(mark)!").unicodeScalars.elementsEqual(
                "no (key)\(mark)!".unicodeScalars))
    }

    @Test("an error says what happened and what to do next", arguments: texts)
    func description(error: ServiceError, text: String) {
        #expect(error.description == text)
    }

    /// Beside those that a run against the imitation shows.
    private static let texts: [(ServiceError, String)] = [
        (
            .requestRefused(words: "device: no"),
            "the service refused the request (400, “device: no”). Correct the filter that it names."
        ),
        (
            .wrongEndpoint(status: 404, isHTML: false),
            """
            the endpoint has no list of conversations (404). Check the endpoint: scheme, host and port, and a path \
            only if a proxy adds one.
            """
        ),
        (
            .pageRefused(words: "Invalid page size."),
            """
            the service answered 404 to a page of the list (“Invalid page size.”). Even an empty list has a first page, so this \
            does not mean that there are no rows. Check what the response says, and check the endpoint: another server may answer \
            there.
            """
        ),
        (.pageOutOfRange, "the service has no page with that number: the list ends before it."),
        (
            .unavailable(last: .timeout(.seconds(60)), attempts: 1),
            """
            the service gave no usable response in 1 try: no complete response within 60 s. Try again later; committed windows \
            stay, and only the others are fetched.
            """
        ),
        (
            .unavailable(last: .connection(reason: "x"), attempts: 3),
            """
            the service gave no usable response in 3 tries: no connection (x). Try again later; committed windows stay, and only \
            the others are fetched.
            """
        ),
        (
            .unavailable(last: .page(status: 403), attempts: 2),
            """
            the service gave no usable response in 2 tries: an HTML page with status 403, which the service does not send: it may \
            come from a firewall, a proxy or a sign-in page; if this continues, check the endpoint, and ask your network \
            administrator. Try again later; committed windows stay, and only the others are fetched.
            """
        ),
        (
            .unusable(reason: "a list without a count", attempts: 7),
            """
            the service gave the same unusable response in all 7 tries: a list without a count. Trying again will not help. Check \
            the endpoint with `probe`; if the service itself sends this response, report it to its operator. Committed windows \
            stay.
            """
        ),
        (
            .throttled(pause: .seconds(3600), attempts: 1),
            """
            the service throttles the key (429, 1 time, and asks for a pause of 3600 s). Try again later, or lower fetch.rate; \
            committed windows stay.
            """
        ),
        (
            .throttled(pause: nil, attempts: 7),
            "the service throttles the key (429, 7 times). Try again later, or lower fetch.rate; committed windows stay."
        ),
        (
            .tooLarge(limit: 64 << 20),
            "a single page is larger than 64 MiB. Lower fetch.page_size, raise fetch.page_limit_mib, or use source.detail: lean."
        ),
        (
            .tooLarge(limit: 32 << 20, isSingleRow: true),
            """
            a single page is larger than 32 MiB, although it has only one conversation. Raise fetch.page_limit_mib, or use \
            source.detail: lean.
            """
        ),
        (
            .documentTooLarge(path: "/api/me/", limit: 1 << 20),
            "the response to /api/me/ is larger than 1 MiB and was not read. Check the endpoint: another server may answer there."
        ),
    ]
}
