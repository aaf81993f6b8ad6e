import ExportCore
import TestSupport
import Testing

@Suite struct PageWalkTests {
    @Test("a set that grows with every page is left unsettled after a few passes, with all that was there")
    func growing() throws {
        var random = SeededRandom(seed: 12)
        let rows = RangeWalkTests.rows(60, random: &random)
        var simulation = WalkSimulation(server: SimulatedServer(rows: rows, random: random), concurrency: 1)
        simulation.mutation = { server, responses in
            server.rows.append(.init(id: Int64(9_000_000 + responses), startedAt: RangeWalkTests.start.advanced(by: .seconds(5))))
        }
        let result = try simulation.run(PageWalk(over: RangeWalkTests.window, filters: Filters(), pageSize: 7))
        #expect(!result.outcome.isProved && result.requests < 400, "\(result.requests)")
        #expect(Set(RangeWalkTests.expected(rows)).subtracting(result.ids).isEmpty)
    }

    @Test("a set that grows by a row with every pass is left unsettled after a few")
    func growingWithEveryPass() throws {
        let rows = (0..<10).map { SimulatedServer.Row(id: Int64($0), startedAt: RangeWalkTests.start.advanced(by: .seconds($0))) }
        var server = SimulatedServer(rows: rows, random: SeededRandom(seed: 1))
        server.largestPage = 1000
        var simulation = WalkSimulation(server: server, concurrency: 1, limit: 500)
        simulation.mutation = { server, responses in
            server.rows.append(.init(id: Int64(100 + responses), startedAt: RangeWalkTests.start.advanced(by: .seconds(60))))
        }
        let result = try simulation.run(
            PageWalk(over: RangeWalkTests.window, filters: Filters(values: [.isMarked: "true"]), pageSize: 1000))
        #expect(!result.outcome.isProved)
        #expect(result.requests < 100)
    }

    @Test("a set that grows with every second pass, in front of what was read, is left unsettled in the end")
    func growingNowAndThen() throws {
        let start = RangeWalkTests.start
        let rows = (0..<250).map { SimulatedServer.Row(id: Int64(1000 + $0), startedAt: start.advanced(by: .seconds(1000 + $0))) }
        let server = SimulatedServer(rows: rows, random: SeededRandom(seed: 1))
        var simulation = WalkSimulation(server: server, concurrency: 1, limit: 500)
        simulation.mutation = { server, responses in
            // Before the second of three pages.
            guard responses % 6 == 1 else { return }
            let number = responses / 6
            server.rows.append(.init(id: Int64(999 - number), startedAt: start.advanced(by: .seconds(999 - number))))
        }
        let result = try simulation.run(
            PageWalk(over: RangeWalkTests.window, filters: Filters(values: [.isMarked: "true"]), pageSize: 100))
        #expect(!result.outcome.isProved && result.requests <= 120, "\(result.requests)")
    }

    @Test(
        "a set that is still is exact in one pass, every page asked for once",
        arguments: [SimulatedServer.Order.asked, .newestFirst, .byID])
    func still(order: SimulatedServer.Order) throws {
        var random = SeededRandom(seed: 1)
        let rows = RangeWalkTests.rows(812, random: &random)
        var simulation = WalkSimulation(server: SimulatedServer(rows: rows, order: order, random: random), concurrency: 16)
        let result = try simulation.run(PageWalk(over: RangeWalkTests.window, filters: Filters(), pageSize: 100))
        #expect(difference(result.ids, RangeWalkTests.expected(rows)) == "")
        #expect(result.outcome.isProved)
        #expect(result.requests == 9)
        #expect(result.largestFlight == 8, "all pages but the first at once")
    }

    @Test("a server whose order is random is united, pass after pass")
    func random() throws {
        var random = SeededRandom(seed: 2)
        let rows = RangeWalkTests.rows(812, random: &random)
        var simulation = WalkSimulation(server: SimulatedServer(rows: rows, order: .random, random: random))
        let result = try simulation.run(PageWalk(over: RangeWalkTests.window, filters: Filters(), pageSize: 100))
        #expect(difference(result.ids, RangeWalkTests.expected(rows)) == "")
        #expect(result.outcome.isProved)
    }

    @Test("a row that leaves and another that enters between two pages leave the count right, and lose none all the same")
    func coincidence() throws {
        let rows = (0...100).map {
            SimulatedServer.Row(id: Int64($0), startedAt: RangeWalkTests.start.advanced(by: .seconds($0)), matches: $0 < 100)
        }
        let server = SimulatedServer(rows: rows, random: SeededRandom(seed: 1))
        var simulation = WalkSimulation(server: server, concurrency: 1)
        simulation.mutation = { server, responses in
            guard responses == 1 else { return }
            server.rows[10].matches = false
            server.rows[100].matches = true
        }
        let result = try simulation.run(
            PageWalk(over: RangeWalkTests.window, filters: Filters(values: [.isMarked: "true"]), pageSize: 50))
        #expect(difference(result.ids, (0...100).filter { $0 != 10 }.map(Int64.init)) == "")
        #expect(result.outcome.isProved)
    }

    /// A still set of rows a second apart, read one page after the other.
    private func simulation(of rows: Int) -> WalkSimulation {
        let rows = (0..<rows).map { SimulatedServer.Row(id: Int64($0), startedAt: RangeWalkTests.start.advanced(by: .seconds($0))) }
        return WalkSimulation(server: SimulatedServer(rows: rows, random: SeededRandom(seed: 1)), concurrency: 1)
    }

    @Test("a row that is removed for good while another comes changes the counts between two pages, and loses none all the same")
    func removed() throws {
        var simulation = simulation(of: 150)
        simulation.mutation = { server, responses in
            switch responses {
            case 1: server.rows.removeAll { $0.id == 10 }
            case 2: server.rows.append(.init(id: 150, startedAt: RangeWalkTests.start.advanced(by: .seconds(5))))
            default: break
            }
        }
        let result = try simulation.run(PageWalk(over: RangeWalkTests.window, filters: Filters(), pageSize: 50))
        #expect(Set(result.ids) == Set((0...150).filter { $0 != 10 }))
        #expect(result.outcome.isProved)
    }

    @Test("a row that is deleted while another comes moves no other row, since deleted rows are asked for too")
    func deletedWhileAnotherComes() throws {
        var simulation = simulation(of: 100)
        simulation.mutation = { server, responses in
            guard responses == 1 else { return }
            server.rows[10].isDeleted = true
            server.rows.append(.init(id: 100, startedAt: RangeWalkTests.start.advanced(by: .seconds(5))))
        }
        let result = try simulation.run(PageWalk(over: RangeWalkTests.window, filters: Filters(), pageSize: 50))
        #expect(Set((0...100).filter { $0 != 10 }).isSubset(of: result.ids))
        #expect(result.outcome.isProved)
    }

    @Test("a row that is deleted between two passes is still one row, and stands in for no other")
    func deletedBetweenPasses() throws {
        for seed in 1...60 {
            let random = SeededRandom(seed: UInt64(seed))
            let rows = (0..<60).map {
                SimulatedServer.Row(id: Int64($0), startedAt: RangeWalkTests.start.advanced(by: .seconds($0)))
            }
            var simulation = WalkSimulation(server: SimulatedServer(rows: rows, order: .random, random: random), concurrency: 1)
            simulation.mutation = { server, responses in
                if responses % 3 == 0, responses < 60 { server.rows[responses].isDeleted = true }
            }
            let result = try simulation.run(PageWalk(over: RangeWalkTests.window, filters: Filters(), pageSize: 20))
            let still = (0..<60).filter { $0 % 3 != 0 }.map(Int64.init)
            #expect(result.outcome.isProved, "seed \(seed)")
            #expect(Set(still).isSubset(of: result.ids), "seed \(seed)")
        }
    }

    @Test("a set in motion is exact or unsettled, never silently wrong", arguments: SimulatedServer.Order.allCases, [0, 650])
    func motion(order: SimulatedServer.Order, fewer: Int) throws {
        for seed in 1...60 {
            var random = SeededRandom(seed: UInt64(seed))
            let rows = RangeWalkTests.rows(700 - fewer, random: &random)
            var touched: Set<Int64> = []
            var simulation = WalkSimulation(
                server: SimulatedServer(rows: rows, order: order, random: random), concurrency: 1 + seed % 7)
            simulation.mutation = { server, responses in
                guard responses % 3 == 1, responses < 40, let index = server.rows.indices.randomElement(using: &server.random)
                else {
                    return
                }
                touched.insert(server.rows[index].id)
                if responses % 2 == 0 { server.rows[index].isDeleted.toggle() } else { server.rows[index].matches.toggle() }
            }
            let result = try simulation.run(
                PageWalk(
                    over: RangeWalkTests.window, filters: Filters(values: [.isMarked: "true"]), pageSize: fewer > 0 ? 10 : 50))
            let still = RangeWalkTests.expected(rows).filter { !touched.contains($0) }
            #expect(Set(result.ids).count == result.ids.count, "seed \(seed)")
            #expect(!result.outcome.isProved || Set(still).isSubset(of: result.ids), "seed \(seed)")
        }
    }
}
