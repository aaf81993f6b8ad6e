import ExportCore
import TestSupport
import Testing

/// How many requests a walk takes, and how long it waits for a service whose answers all take the same time.
@Suite struct WaitingTests {
    static let days = 34
    static let window = TimeRange(
        start: RangeWalkTests.start, end: RangeWalkTests.start.advanced(by: .seconds(Int64(days) * 86_400)))

    /// Five weeks of evenings that are busier than mornings, of quiet nights and weekends; many rows at one instant.
    static func rows(_ count: Int, tied: Int, random: inout SeededRandom) -> [SimulatedServer.Row] {
        let weights: [Int64] = [2, 1, 1, 1, 1, 2, 4, 7, 9, 10, 10, 9, 8, 8, 9, 9, 9, 10, 12, 14, 14, 11, 8, 4]
        var rows: [SimulatedServer.Row] = []
        let instant = RangeWalkTests.start.advanced(by: .seconds(3 * 86_400 + 9 * 3600))
        while rows.count < count {
            let day = Int64.random(in: 0..<Int64(days), using: &random)
            let hour = Int64.random(in: 0..<24, using: &random)
            let isKept = Int64.random(in: 0..<14, using: &random) < weights[Int(hour)]
            guard isKept, day % 7 < 5 || Int.random(in: 0..<10, using: &random) < 6 else { continue }
            let within = Int64.random(in: 0..<3_600_000_000, using: &random)
            let offset = (day * 24 + hour) * 3_600_000_000 + within
            let startedAt = rows.count < tied ? instant : RangeWalkTests.start.advanced(by: .microseconds(offset))
            rows.append(.init(id: Int64(rows.count), startedAt: startedAt))
        }
        return rows.sorted { $0.startedAt < $1.startedAt }
    }

    @Test(
        "a walk asks for hardly more than the pages there are, its proof and what idle slots split, and no slot waits long",
        arguments: [1, 8, 32], [0, 400])
    func waiting(concurrency: Int, tied: Int) {
        for seed in 1...2 as ClosedRange<UInt64> {
            var random = SeededRandom(seed: seed)
            let rows = Self.rows(18_325, tied: tied, random: &random)
            var server = SimulatedServer(rows: rows, random: random)
            var walk = RangeWalk(over: Self.window, filters: Filters(), pageSize: 100)
            var (requests, splits, rounds) = (0, 0, 0)
            while walk.outcome == nil {
                var flight: [WalkRequest] = []
                while flight.count < concurrency {
                    if let request = walk.nextRequest() {
                        flight.append(request)
                    } else if walk.split() {
                        splits += 1
                    } else {
                        break
                    }
                }
                requests += flight.count
                rounds += 1
                for request in flight { _ = walk.receive(server.response(request.query), for: request) }
            }
            #expect(walk.outcome?.isProved == true)
            #expect(Double(requests - splits - 1) <= 1.05 * (Double(rows.count) / 100).rounded(.up))
            #expect(Double(rounds) <= 1.15 * Double(requests) / Double(concurrency) + 3)
        }
    }

    @Test("of a range that was cut short while it was asked for, its own rows are reckoned with, and the larger one is split next")
    func cutShort() throws {
        let start = RangeWalkTests.start
        let rows = (0..<1000).map { SimulatedServer.Row(id: $0, startedAt: start.advanced(by: .seconds($0))) }
        var server = SimulatedServer(rows: rows, random: SeededRandom(seed: 1))
        let window = TimeRange(start: start, end: start.advanced(by: .seconds(1000)))
        var walk = RangeWalk(over: window, filters: Filters(), pageSize: 100, ordering: .honoured)
        func next() throws -> WalkRequest {
            let request = walk.nextRequest()
            return try #require(request)
        }
        let first = try next()
        _ = walk.receive(server.response(first.query), for: first)
        let whole = try next()
        var isSplit = walk.split()
        #expect(isSplit)
        let secondHalf = try next()
        // Of the 900 rows that are counted, 450 are behind the cut: 350 are left, and the second half is the larger range.
        _ = walk.receive(server.response(whole.query), for: whole)
        _ = try next()
        isSplit = walk.split()
        #expect(isSplit)
        let (last, half) = (try next().query.after, secondHalf.query.after)
        #expect(try #require(last) > #require(half))
    }
}
