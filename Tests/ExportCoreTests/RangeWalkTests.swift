import ExportCore
import Testing

@Suite struct RangeWalkTests {
    static let start = Instant(seconds: 1_790_000_000)
    static let window = TimeRange(start: start, end: start.advanced(by: .seconds(86_400)))

    /// A day with a rhythm, rows on both edges and beyond them, some ties, late ids.
    static func rows(_ count: Int, random: inout SeededRandom, grain: Int64 = 1) -> [SimulatedServer.Row] {
        var rows = (0..<count).map { index in
            let crowd = Int64.random(in: 0..<86_400_000_000, using: &random)
            let quiet = Int64.random(in: 30_000_000_000..<40_000_000_000, using: &random)
            let offset = (index % 3 == 0 ? crowd : quiet) / grain * grain
            return SimulatedServer.Row(id: Int64(index), startedAt: start.advanced(by: .microseconds(offset)))
        }
        for (offset, instant) in [window.start!, window.end].enumerated() {
            for delta in -2...2 as ClosedRange<Int64> {
                let id = Int64(count + offset * 10) + delta + 2
                rows.append(.init(id: id, startedAt: instant.advanced(by: .microseconds(delta))))
            }
        }
        let ids = rows.map(\.id).shuffled(using: &random)
        return zip(rows.sorted { $0.startedAt < $1.startedAt }, ids).enumerated().map { index, pair in
            // Most ids follow time, as a database gives them; every tenth row came late.
            .init(id: index % 10 == 0 ? 1_000_000 + pair.1 : Int64(index), startedAt: pair.0.startedAt)
        }
    }

    static func expected(_ rows: [SimulatedServer.Row]) -> [Int64] {
        rows.filter { window.contains($0.startedAt) && !$0.isDeleted && $0.matches }
            .sorted { ($0.startedAt, $0.id) < ($1.startedAt, $1.id) }.map(\.id)
    }

    @Test(
        "every kind of server gives the same rows, and the proof adds up",
        arguments: SimulatedServer.Order.allCases, [true, false])
    func variants(order: SimulatedServer.Order, inclusive: Bool) throws {
        for (seed, count, grain) in [(1, 0, 1), (2, 1, 1), (3, 99, 1), (4, 100, 1000), (5, 812, 1_000_000), (6, 5000, 1)] {
            var random = SeededRandom(seed: UInt64(seed))
            let rows = Self.rows(count, random: &random, grain: Int64(grain))
            var simulation = WalkSimulation(
                server: SimulatedServer(rows: rows, order: order, boundsAreInclusive: inclusive, random: random),
                concurrency: 1 + seed)
            let result = try simulation.run(RangeWalk(over: Self.window, filters: Filters(), pageSize: 100))
            #expect(result.ids == Self.expected(rows), "seed \(seed)")
            #expect(result.outcome.isProved, "seed \(seed)")
            #expect(result.outcome.proof.countBefore == result.ids.count, "seed \(seed)")
            #expect(result.outcome.proof.countAfter == result.ids.count, "seed \(seed)")
            #expect(result.outcome.proof.distinctIDs == result.ids.count, "seed \(seed)")
            #expect(result.largestFlight <= 1 + seed)
            print(order, inclusive, count, result.requests, result.outcome.proof.repaired)
        }
    }
}
