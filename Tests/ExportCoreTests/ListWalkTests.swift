import ExportCore
import TestSupport
import Testing

/// Windows whose rows come as lists without pages.
@Suite struct ListWalkTests {
    private static let window = RangeWalkTests.window

    private func walk(limit: Int = 5000, lists: ListSupport = .unknown) -> ListWalk {
        ListWalk(over: Self.window, filters: Filters(), pageSize: 100, limit: limit, lists: lists)
    }

    private func simulation(_ count: Int, _ seed: UInt64 = 1, _ change: (inout SimulatedServer) -> Void = { _ in })
        -> WalkSimulation
    {
        var random = SeededRandom(seed: seed)
        let rows = RangeWalkTests.rows(count, random: &random)
        var server = SimulatedServer(rows: rows, random: random)
        server.lists = .given()
        change(&server)
        return WalkSimulation(server: server)
    }

    private func check(_ simulation: WalkSimulation, _ result: WalkSimulation.Result, _ note: String = "") {
        #expect(difference(result.ids, RangeWalkTests.expected(simulation.server.rows)) == "", "\(note)")
        #expect(result.outcome.isProved && result.outcome.proof.distinctIDs == result.ids.count, "\(note)")
        #expect(result.outcome.proof.countAfter == result.ids.count, "\(note)")
    }

    @Test(
        "every kind of server gives the same rows, in one page, one list or several of them",
        arguments: SimulatedServer.Order.allCases, [true, false])
    func variants(order: SimulatedServer.Order, inclusive: Bool) throws {
        for (count, limit, most) in [(0, 5000, 1), (60, 5000, 1), (900, 5000, 2), (4000, 5000, 2), (4000, 1000, 16)] {
            var simulation = simulation(count, UInt64(count) + 1) { ($0.order, $0.boundsAreInclusive) = (order, inclusive) }
            let result = try simulation.run(walk(limit: limit))
            check(simulation, result, "\(count) rows")
            #expect(result.requests <= most, "\(count) rows, \(limit) of a list: \(result.requests)")
        }
    }

    @Test("no list is asked for that has more rows than are allowed, by what was counted", arguments: [400, 1000, 5000])
    func bounded(limit: Int) throws {
        var server = simulation(4000).server
        var walk = walk(limit: limit)
        var largest = 0
        while let request = walk.nextRequest() {
            let response = server.response(request.query)
            if response.isList { largest = max(largest, response.rows.count) }
            _ = walk.receive(response, for: request)
        }
        #expect(largest > limit / 4 && largest <= limit && walk.outcome?.isProved == true, "\(largest)")
    }

    @Test("rows that lie in a heap are counted more closely, so that no list has many more of them than are allowed")
    func heap() throws {
        var simulation = simulation(400) { server in
            let start = (Self.window.start ?? Self.window.end).later(by: 20_000_000_123)
            for number in 0..<3600 {
                server.rows.append(.init(id: Int64(10_000 + number), startedAt: start.later(by: Int64(number) * 1_000_000)))
            }
        }
        var walk = walk(limit: 1000)
        var (largest, lists, requests) = (0, 0, 0)
        var server = simulation.server
        while let request = walk.nextRequest() {
            let response = server.response(request.query)
            requests += 1
            if response.isList { (largest, lists) = (max(largest, response.rows.count), lists + 1) }
            _ = walk.receive(response, for: request)
        }
        #expect(largest <= 2000 && lists > 3 && requests <= 40, "\(largest) rows, \(lists) lists, \(requests) requests")
        check(simulation, try simulation.run(self.walk(limit: 1000)))
    }

    @Test("a row is not lost because another one came to the half that was counted before it")
    func rest() throws {
        let start = Self.window.start ?? Self.window.end
        // All but one of the rows are in the first half.
        let rows = (0..<1200).map { SimulatedServer.Row(id: Int64($0), startedAt: start.later(by: Int64($0) * 10_000_000 + 1)) }
        let last = SimulatedServer.Row(id: 5000, startedAt: start.later(by: 80_000_000_000))
        var server = SimulatedServer(rows: rows + [last], random: SeededRandom(seed: 1))
        server.lists = .given()
        var simulation = WalkSimulation(server: server)
        simulation.mutation = { server, responses in
            switch responses {
            case 1: server.rows.append(.init(id: 6000, startedAt: start.later(by: 5)))
            case 8: server.rows.removeAll { $0.id == 6000 }
            default: break
            }
        }
        let result = try simulation.run(walk(limit: 1000))
        #expect(result.ids.contains(5000) && result.outcome.isProved)
    }

    @Test("a service that answers with a page is walked by pages, and not asked again", arguments: [900, 4000])
    func ignored(count: Int) throws {
        var simulation = simulation(count) { $0.lists = .ignored }
        let result = try simulation.run(walk())
        check(simulation, result)
        var walk = walk()
        while walk.lists == .unknown, let request = walk.nextRequest() {
            _ = walk.receive(simulation.server.response(request.query), for: request)
        }
        #expect(walk.lists == .ignored)
        var known = self.walk(lists: .ignored)
        while let request = known.nextRequest() {
            #expect(!request.query.isUnpaginated)
            _ = known.receive(simulation.server.response(request.query), for: request)
        }
        #expect(known.outcome?.isProved == true)
    }

    @Test("lists that are cut short, or longer than what was counted, are replaced by pages", arguments: [1000, 5000])
    func wrong(limit: Int) throws {
        for lists in [SimulatedServer.Lists.given(atMost: 300), .tooLong, .repeating] {
            var simulation = simulation(4000) { $0.lists = lists }
            check(simulation, try simulation.run(walk(limit: limit)), "\(lists)")
        }
    }

    @Test("lists that fail are asked for in halves, and in the end by pages", arguments: [2500, 700, 150])
    func halves(largest: Int) throws {
        var simulation = simulation(4000)
        simulation.largestAnswer = largest
        let result = try simulation.run(walk())
        check(simulation, result)
        #expect(result.requests <= (largest > 200 ? 45 : 70), "\(result.requests)")
    }

    @Test("rows that come and go while lists are read leave the window proved, with all that was there for good", arguments: 1...30)
    func motion(seed: UInt64) throws {
        var simulation = simulation(3000, seed) { $0.boundsAreInclusive = seed % 2 == 0 }
        var touched: Set<Int64> = []
        simulation.mutation = { server, responses in
            guard responses < 12, responses % 2 == 1 else { return }
            for index in server.rows.indices where (index + responses) % 400 == 0 {
                server.rows[index].isDeleted.toggle()
                touched.insert(server.rows[index].id)
            }
        }
        let result = try simulation.run(walk(limit: seed % 3 == 0 ? 5000 : 800))
        let still = RangeWalkTests.expected(simulation.server.rows).filter { !touched.contains($0) }
        #expect(Set(still).isSubset(of: result.ids) && Set(result.ids).count == result.ids.count)
        #expect(result.outcome.isProved)
    }

    @Test("a list of rows in a window without a beginning is cut like any other")
    func noStart() throws {
        var simulation = simulation(3000)
        let window = TimeRange(start: nil, end: Self.window.end)
        let result = try simulation.run(ListWalk(over: window, filters: Filters(), pageSize: 100, limit: 1000))
        let expected = simulation.server.rows.filter { $0.startedAt < window.end }.map(\.id)
        #expect(Set(result.ids) == Set(expected) && result.ids.count == expected.count && result.outcome.isProved)
    }
}
