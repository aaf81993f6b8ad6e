import ExportCore
import NIOHTTP1
import Testing

@testable import ExportAPI

@Suite struct RateLimitHeadersTests {
    private func pause(_ headers: [(String, String)]) -> Duration? { RateLimitHeaders(HTTPHeaders(headers)).exhaustedFor }

    @Test("a limit that is used up is read with seconds left and with a time since 1970", arguments: ["X-RateLimit", "ratelimit"])
    func numbered(prefix: String) {
        func pause(_ left: String, _ reset: String) -> Duration? {
            self.pause([("\(prefix)-Remaining", left), ("\(prefix)-Reset", reset)])
        }
        #expect(pause("0", "5") == .seconds(5))
        #expect(pause("1", "5") == nil)
        #expect(pause("0", "never") == nil)
        #expect(pause("0", "-5") == nil)
        #expect(pause("0", "1000000001") == nil, "a time that is past")
        let now = Instant.now.microseconds / 1_000_000
        let found = pause("0", "\(now + 1000)")
        #expect(found.map { (.seconds(900)...(.seconds(1001))).contains($0) } == true, "\(String(describing: found))")
        #expect(pause("0", "\(now + 7200)") == nil, "longer than an hour is no pause")
    }

    @Test(
        "the IETF's field is read in both forms; of several limits the one counts that is used up for longest",
        arguments: [
            ("limit=100, remaining=0, reset=7", 7), ("limit=100,remaining=3,reset=7", nil), ("\"default\";r=0;t=30", 30),
            ("\"default\";r=12;t=30", nil), ("\"burst\";r=0;t=1, \"minute\";r=0;t=20, \"day\";r=5;t=3000", 20),
            ("\"a;r=0;t=9, b\";r=4;t=30", nil), ("\"default\" ; r = 0 ; t = 2.5", 2.5), ("\"default\";r=0;t=90000", nil),
            ("\"default\";r=0", nil), ("r=0;t", nil), ("\"r=0;t=5", nil), ("nan", nil), ("r=nan;t=nan", nil), ("r=0;t=inf", nil),
            ("", nil), (",;=", nil),
        ] as [(String, Double?)])
    func ietf(field: String, seconds: Double?) {
        #expect(pause([("RateLimit", field)]) == seconds.map { .seconds($0) })
    }

    @Test(
        "a single policy of a minute at most is the limit, before anything was refused",
        arguments: [
            ("100;w=60", .window(requests: 100, seconds: 60)), ("\"default\";q=100;w=60", .window(requests: 100, seconds: 60)),
            ("\"default\";q=40;w=1", .rate(perSecond: 40, burst: 0)), ("\"burst\";q=10;w=1, \"minute\";q=100;w=60", nil),
            ("\"day\";q=10000;w=86400", nil), ("\"default\";q=100", nil), ("\"default\";q=0;w=60", nil),
            ("\"default\";q=1.5;w=60", nil), ("\"default\";q=1e300;w=60", nil), ("\"default\";q=9;w=nan", nil), ("", nil),
        ] as [(String, KnownLimit?)])
    func policy(field: String, limit: KnownLimit?) {
        #expect(RateLimitHeaders(["RateLimit-Policy": field]).policy == limit)
    }
}
