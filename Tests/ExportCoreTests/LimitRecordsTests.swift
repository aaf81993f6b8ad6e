import ExportCore
import Testing

@Suite struct LimitRecordsTests {
    private let now = Instant(seconds: 1_774_000_000)
    private func found(_ limit: KnownLimit, in records: inout LimitRecords, after seconds: Int = 0) -> Bool {
        records.found(limit, of: "a", shards: 1, at: now.advanced(by: .seconds(seconds)))
    }

    private let rate = KnownLimit.rate(perSecond: 40, burst: 10)

    @Test("a limit that was found is known to the next run with the same key and endpoint, and to no other")
    func known() {
        let account = LimitRecords.account(ofKey: "ags_1", at: "https://a.example")
        var records = LimitRecords()
        records.found(rate, of: account, shards: 1, at: now)
        #expect(records.limit(of: account, shards: 1, now: now) == rate)
        for (key, endpoint) in [("ags_2", "https://a.example"), ("ags_1", "https://b.example")] {
            let other = LimitRecords.account(ofKey: key, at: endpoint)
            #expect(other != account)
            #expect(records.limit(of: other, shards: 1, now: now) == nil)
        }
    }

    @Test("what stands for a key is 32 bits of a hash: too few to find the key by, or to confirm a guess")
    func account() {
        let account = LimitRecords.account(ofKey: "ags_0123456789abcdef0123456789abcdef_012345", at: "https://a.example")
        #expect(account.utf8.count == 8 && account.allSatisfy(\.isHexDigit))
    }

    @Test("a shard begins with its part of what a run of its own found, and the other way round")
    func shards() {
        var records = LimitRecords()
        records.found(rate, of: "a", shards: 1, at: now)
        #expect(records.limit(of: "a", shards: 4, now: now) == .rate(perSecond: 10, burst: 2.5))
        records.found(.rate(perSecond: 9, burst: 0), of: "a", shards: 4, at: now)
        #expect(records.limit(of: "a", shards: 4, now: now) == .rate(perSecond: 9, burst: 0))
        #expect(records.limit(of: "a", shards: 1, now: now) == rate)
        records = LimitRecords()
        records.found(.inFlight(2), of: "a", shards: 4, at: now)
        #expect(records.limit(of: "a", shards: 1, now: now) == .inFlight(8))
        #expect(records.limit(of: "a", shards: 16, now: now) == .inFlight(1))
    }

    @Test("a limit that is three months old is found again")
    func old() {
        var records = LimitRecords()
        records.found(rate, of: "a", shards: 1, at: now)
        #expect(records.limit(of: "a", shards: 1, now: now.advanced(by: .seconds(89 * 86_400))) != nil)
        #expect(records.limit(of: "a", shards: 1, now: now.advanced(by: .seconds(91 * 86_400))) == nil)
    }

    @Test("the same limit is written down again after a day at the earliest, another one at once")
    func news() {
        var records = LimitRecords()
        #expect(found(rate, in: &records))
        #expect(!found(.rate(perSecond: 40.3, burst: 9), in: &records, after: 3600))
        #expect(found(.rate(perSecond: 20, burst: 9), in: &records, after: 3600))
        #expect(found(.rate(perSecond: 20, burst: 9), in: &records, after: 2 * 86_400))
        #expect(records.limits.count == 1)
    }

    @Test(
        "limits that there cannot be are neither kept nor used",
        arguments: [
            .inFlight(0), .rate(perSecond: 0, burst: 0), .rate(perSecond: .infinity, burst: 0), .window(requests: 5, seconds: -1),
        ]
            as [KnownLimit])
    func senseless(limit: KnownLimit) {
        var records = LimitRecords()
        #expect(!found(limit, in: &records))
        #expect(records.limits.isEmpty)
    }

    @Test(
        "a limit is said in a few words",
        arguments: [
            (.rate(perSecond: 39.6, burst: 9.7), "about 40 requests a second, 10 at once"),
            (.rate(perSecond: 4.93, burst: 0), "about 4.9 requests a second"),
            (.rate(perSecond: 0.5, burst: 1), "about 30 requests a minute"),
            (.window(requests: 1000, seconds: 60.2), "about 1000 requests in 60 s"),
            (.inFlight(4), "4 requests at once"), (.inFlight(1), "1 request at once"),
        ] as [(KnownLimit, String)])
    func words(limit: KnownLimit, words: String) {
        #expect("\(limit)" == words)
    }

    @Test("the time that requests take at a limit")
    func seconds() {
        #expect(KnownLimit.rate(perSecond: 40, burst: 10).seconds(forRequests: 50) == 1)
        #expect(KnownLimit.window(requests: 100, seconds: 60).seconds(forRequests: 100) == 0)
        #expect(KnownLimit.window(requests: 100, seconds: 60).seconds(forRequests: 201) == 120)
        #expect(KnownLimit.inFlight(4).seconds(forRequests: 50) == nil)
    }
}
