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
            #expect(difference(result.ids, Self.expected(rows)) == "", "seed \(seed)")
            #expect(result.outcome.isProved, "seed \(seed)")
            #expect(result.outcome.proof.countBefore == result.ids.count, "seed \(seed)")
            #expect(result.outcome.proof.countAfter == result.ids.count, "seed \(seed)")
            #expect(result.outcome.proof.distinctIDs == result.ids.count, "seed \(seed)")
            #expect(result.largestFlight <= 1 + seed)
        }
    }
}

extension RangeWalkTests {
    @Test(
        "an instant with more rows than a page is exact, its ties in stable and in random order",
        arguments: SimulatedServer.Order.allCases, [true, false])
    func instants(order: SimulatedServer.Order, tiesAreRandom: Bool) throws {
        for (seed, tied) in [(1, 100), (2, 101), (3, 550), (4, 5000)] {
            var random = SeededRandom(seed: UInt64(seed))
            var rows = Self.rows(300, random: &random)
            for (offset, instant) in [Self.start, Self.start.advanced(by: .seconds(4000)), Self.window.end].enumerated() {
                for index in 0..<(offset == 1 ? tied : tied / 5) {
                    let id = Int64(2_000_000 + offset * 10_000 + index)
                    rows.append(.init(id: id, startedAt: instant, isDeleted: index % 7 == 0))
                }
            }
            var simulation = WalkSimulation(
                server: SimulatedServer(
                    rows: rows, order: order, tiesAreRandom: tiesAreRandom, boundsAreInclusive: seed % 2 == 0, random: random),
                concurrency: 8)
            let result = try simulation.run(RangeWalk(over: Self.window, filters: Filters(), pageSize: 100))
            #expect(difference(result.ids, Self.expected(rows)) == "", "seed \(seed)")
            #expect(result.outcome.isProved, "seed \(seed)")
            #expect(result.outcome.proof.countAfter == result.ids.count, "seed \(seed)")
        }
    }

    @Test("a server that clamps the page size, or gives tiny pages, loses nothing", arguments: [1, 2, 7, 100])
    func clamped(page: Int) throws {
        var random = SeededRandom(seed: 9)
        let rows = Self.rows(150, random: &random)
        for order in SimulatedServer.Order.allCases {
            var simulation = WalkSimulation(server: SimulatedServer(rows: rows, order: order, largestPage: page, random: random))
            let result = try simulation.run(RangeWalk(over: Self.window, filters: Filters(), pageSize: 100))
            #expect(difference(result.ids, Self.expected(rows)) == "")
            #expect(result.outcome.isProved)
        }
    }

    @Test(
        "rows that come, go and change while the walk runs lose no other row and repeat none",
        arguments: SimulatedServer.Order.allCases)
    func mutation(order: SimulatedServer.Order) throws {
        for seed in 1...40 {
            var random = SeededRandom(seed: UInt64(seed))
            let rows = Self.rows(700, random: &random)
            var touched: Set<Int64> = []
            var simulation = WalkSimulation(
                server: SimulatedServer(rows: rows, order: order, boundsAreInclusive: seed % 2 == 0, random: random),
                concurrency: 1 + seed % 9)
            simulation.mutation = { server, answers in
                // Motion ends, so that a walk that repairs can settle.
                guard answers % 2 == 0, answers < 60, let index = server.rows.indices.randomElement(using: &server.random) else {
                    return
                }
                touched.insert(server.rows[index].id)
                switch answers % 6 {
                case 0:
                    let late = Self.start.advanced(by: .microseconds(.random(in: 0..<86_400_000_000, using: &server.random)))
                    server.rows.append(.init(id: Int64(5_000_000 + answers), startedAt: late))
                    touched.insert(Int64(5_000_000 + answers))
                case 2: server.rows[index].isDeleted.toggle()
                default: server.rows[index].matches.toggle()
                }
            }
            let result = try simulation.run(
                RangeWalk(over: Self.window, filters: Filters(values: [.isMarked: "true"]), pageSize: 50))
            let still = Self.expected(rows).filter { !touched.contains($0) }
            #expect(Set(result.ids).count == result.ids.count, "seed \(seed)")
            #expect(Set(still).subtracting(result.ids).isEmpty, "seed \(seed)")
            #expect(Set(result.ids).subtracting(Self.expected(rows)).isSubset(of: touched), "seed \(seed)")
        }
    }

    @Test(
        "a walk that is interrupted goes on from its pieces, and loses and repeats nothing, though rows have moved since",
        arguments: SimulatedServer.Order.allCases)
    func interrupted(order: SimulatedServer.Order) throws {
        var takenOver = 0
        for seed in 1...30 {
            var random = SeededRandom(seed: UInt64(seed))
            let rows = Self.rows(900, random: &random)
            var touched: Set<Int64> = []
            var simulation = WalkSimulation(
                server: SimulatedServer(rows: rows, order: order, boundsAreInclusive: seed % 2 == 0, random: random),
                concurrency: 1 + seed % 5)
            simulation.interruption = 2 + seed
            simulation.mutation = { server, answers in
                guard seed % 3 == 0, answers == 2 + seed else { return }
                for index in server.rows.indices where index % 50 == 0 {
                    server.rows[index].matches.toggle()
                    touched.insert(server.rows[index].id)
                }
            }
            let filters = Filters(values: [.isMarked: "true"])
            let result = try simulation.run(
                RangeWalk(over: Self.window, filters: filters, pageSize: 50),
                resuming: { RangeWalk(over: Self.window, filters: filters, pageSize: 50, remains: $0) })
            let still = Self.expected(rows).filter { !touched.contains($0) }
            #expect(Set(result.ids).count == result.ids.count, "seed \(seed)")
            #expect(Set(still).subtracting(result.ids).isEmpty, "seed \(seed)")
            #expect(result.outcome.isProved, "seed \(seed)")
            if touched.isEmpty {
                #expect(result.ids == Self.expected(rows), "seed \(seed)")
                #expect(result.outcome.proof.repaired == 0, "seed \(seed)")
                #expect(result.outcome.proof.countBefore == result.ids.count, "seed \(seed)")
            }
            takenOver += result.takenOver
        }
        #expect(takenOver > 60)
    }

    @Test("a walk whose pieces were all there only counts")
    func nothingLeft() throws {
        var random = SeededRandom(seed: 3)
        let rows = Self.rows(500, random: &random)
        var simulation = WalkSimulation(server: SimulatedServer(rows: rows, random: random), concurrency: 1)
        let piece = WalkPiece(
            id: 4,
            range: TimeRange(
                start: Self.window.start?.advanced(by: .microseconds(-1)), end: Self.window.end.advanced(by: .microseconds(1))),
            seen: simulation.server.answer(
                ListQuery(after: Self.window.start?.advanced(by: .microseconds(-1)), before: Self.window.end, pageSize: 1)
            ).count,
            written: 500, isOnTrust: false)
        let remains = WalkRemains(pieces: [piece], countBefore: piece.seen)
        let result = try simulation.run(RangeWalk(over: Self.window, filters: Filters(), pageSize: 100, remains: remains))
        #expect(result.requests == 1)
        #expect(result.outcome.isProved)
        #expect(result.outcome.pieces == [4])
    }

    @Test("a walk that goes on from an interrupted one is counted, though a single answer fills what was left")
    func singleGap() throws {
        var random = SeededRandom(seed: 3)
        let rows = Self.rows(60, random: &random)
        let middle = rows.map(\.startedAt).sorted()[30]
        let late = rows.filter { $0.startedAt >= middle }.count
        // Nothing lay before the middle when that piece was walked.
        let piece = WalkPiece(
            id: 4, range: TimeRange(start: Self.window.start?.advanced(by: .microseconds(-1)), end: middle), seen: 0, written: 0,
            isOnTrust: false)
        var simulation = WalkSimulation(server: SimulatedServer(rows: rows, boundsAreInclusive: false, random: random))
        let result = try simulation.run(
            RangeWalk(
                over: Self.window, filters: Filters(), pageSize: 100, remains: WalkRemains(pieces: [piece], countBefore: late)))
        #expect(result.outcome.isProved)
        #expect(result.ids == Self.expected(rows))
    }

    @Test("an instant that grows while it is walked in random order loses no row, and ends", arguments: [7, 15])
    func growingInstant(pageSize: Int) throws {
        for seed in 1...3 {
            var random = SeededRandom(seed: UInt64(seed))
            let instant = Self.start.advanced(by: .seconds(4000))
            var rows = Self.rows(150, random: &random)
            for id in 0..<120 { rows.append(SimulatedServer.Row(id: Int64(2_000_000 + id), startedAt: instant)) }
            var simulation = WalkSimulation(
                server: SimulatedServer(rows: rows, order: .random, tiesAreRandom: true, random: random), concurrency: 3)
            simulation.limit = 4000
            simulation.mutation = { server, answers in
                guard answers % 21 == 0 else { return }
                server.rows.append(SimulatedServer.Row(id: Int64(3_000_000 + answers), startedAt: instant))
            }
            let result = try simulation.run(RangeWalk(over: Self.window, filters: Filters(), pageSize: pageSize))
            #expect(Set(Self.expected(rows)).isSubset(of: result.ids), "seed \(seed)")
            #expect(Set(result.ids).count == result.ids.count, "seed \(seed)")
        }
    }

    @Test("a count that is always wrong is never proved", arguments: [-1, 1])
    func wrongCount(off: Int) throws {
        var random = SeededRandom(seed: 2)
        let server = SimulatedServer(rows: Self.rows(250, random: &random), countIsOff: off, random: random)
        var simulation = WalkSimulation(server: server)
        let result = try simulation.run(RangeWalk(over: Self.window, filters: Filters(), pageSize: 100))
        #expect(!result.outcome.isProved)
        #expect(Set(Self.expected(server.rows)).isSubset(of: result.ids) || off < 0)
    }

    @Test("a server whose counts contradict its rows again and again proves nothing, though the last count agrees")
    func contradictory() throws {
        var random = SeededRandom(seed: 2)
        var server = SimulatedServer(rows: Self.rows(250, random: &random), countIsOff: -1, random: random)
        server.countIsOffOnPagesOnly = true
        var simulation = WalkSimulation(server: server)
        let result = try simulation.run(RangeWalk(over: Self.window, filters: Filters(), pageSize: 100))
        #expect(difference(result.ids, Self.expected(server.rows)) == "")
        #expect(result.outcome.proof.countAfter == result.ids.count)
        #expect(!result.outcome.isProved)
    }

    @Test("an instant whose pages never end is not proved, though the last count agrees")
    func endlessInstant() throws {
        var random = SeededRandom(seed: 3)
        var rows = Self.rows(50, random: &random)
        rows += (0..<250).map { .init(id: Int64(3_000_000 + $0), startedAt: Self.start.advanced(by: .seconds(4000))) }
        var server = SimulatedServer(rows: rows, random: random)
        server.alwaysNamesNext = true
        var simulation = WalkSimulation(server: server)
        let result = try simulation.run(RangeWalk(over: Self.window, filters: Filters(), pageSize: 100))
        #expect(result.outcome.proof.countAfter == result.outcome.proof.distinctIDs)
        #expect(!result.outcome.isProved)
    }

    @Test("an answer that counts fewer rows than it has is asked for again")
    func miscounted() throws {
        var random = SeededRandom(seed: 2)
        let server = SimulatedServer(rows: Self.rows(50, random: &random), random: random)
        var simulation = WalkSimulation(server: server)
        simulation.mutation = { server, answers in server.countIsOff = answers == 0 ? -1 : 0 }
        let result = try simulation.run(RangeWalk(over: Self.window, filters: Filters(), pageSize: 100))
        #expect(difference(result.ids, Self.expected(server.rows)) == "")
        #expect(result.outcome.isProved)
    }

    @Test("a row that the server gives and counts twice is written once, and nothing is proved")
    func repeated() throws {
        var random = SeededRandom(seed: 2)
        let rows = Self.rows(250, random: &random)
        let middle = try #require(rows.first { $0.id == 121 })
        var simulation = WalkSimulation(server: SimulatedServer(rows: rows + [middle], random: random))
        let result = try simulation.run(RangeWalk(over: Self.window, filters: Filters(), pageSize: 100))
        #expect(difference(result.ids, Self.expected(rows)) == "")
        #expect(!result.outcome.isProved)
    }

    @Test("only deleted rows are written where only they are wanted, and the proof counts those")
    func onlyDeleted() throws {
        var random = SeededRandom(seed: 4)
        var rows = Self.rows(400, random: &random)
        for index in rows.indices where index % 9 == 0 { rows[index].isDeleted = true }
        var simulation = WalkSimulation(server: SimulatedServer(rows: rows, isDeletedIncluded: true, random: random))
        let result = try simulation.run(RangeWalk(over: Self.window, filters: Filters(onlyDeleted: true), pageSize: 100))
        let expected = rows.filter { $0.isDeleted && Self.window.contains($0.startedAt) }
        #expect(Set(result.ids) == Set(expected.map(\.id)))
        #expect(result.outcome.proof.countAfter == expected.count)
        #expect(result.outcome.isProved)
    }

    @Test("a window without a start is walked from the first row on", arguments: SimulatedServer.Order.allCases)
    func withoutStart(order: SimulatedServer.Order) throws {
        var random = SeededRandom(seed: 5)
        let rows = Self.rows(1200, random: &random)
        var simulation = WalkSimulation(server: SimulatedServer(rows: rows, order: order, random: random))
        let result = try simulation.run(
            RangeWalk(over: TimeRange(start: nil, end: Self.window.end), filters: Filters(), pageSize: 100))
        #expect(Set(result.ids) == Set(rows.filter { $0.startedAt < Self.window.end }.map(\.id)))
        #expect(result.outcome.isProved)
    }

    @Test("a walk ends though a large page of a union that is done fails late")
    func lateFailure() throws {
        var random = SeededRandom(seed: 1)
        let rows = (0..<250).map { SimulatedServer.Row(id: Int64($0), startedAt: Self.start.advanced(by: .seconds(10))) }
        var server = SimulatedServer(rows: rows, random: random)
        _ = random.next()
        var walk = RangeWalk(over: Self.window, filters: Filters(), pageSize: 100)
        var held: WalkRequest?
        while walk.outcome == nil {
            guard let request = walk.nextRequest() else {
                // Nothing else is out: the held page fails now.
                _ = walk.shrinkPages(after: try #require(held))
                held = nil
                continue
            }
            if request.query.ordering == .id, request.query.pageSize == 100, request.query.page == 3 {
                held = request
            } else if request.query.ordering == .id, request.query.pageSize == 100, request.query.page == 2 {
                _ = walk.shrinkPages(after: request)
            } else {
                _ = walk.receive(server.answer(request.query), for: request)
            }
        }
        #expect(walk.outcome?.isProved == true)
    }

    @Test("one after the other, a walk takes hardly more requests than there are pages")
    func frugal() throws {
        var random = SeededRandom(seed: 8)
        let rows = Self.rows(5000, random: &random)
        var simulation = WalkSimulation(server: SimulatedServer(rows: rows, random: random), concurrency: 1)
        let result = try simulation.run(RangeWalk(over: Self.window, filters: Filters(), pageSize: 100))
        #expect(result.requests <= 55)
    }

    @Test("pages that are too large are asked for smaller, and nothing is lost")
    func shrinks() throws {
        var random = SeededRandom(seed: 6)
        var rows = Self.rows(300, random: &random)
        rows += (0..<200).map { .init(id: Int64(3_000_000 + $0), startedAt: Self.start.advanced(by: .seconds(4000))) }
        for walk in [
            RangeWalk(over: Self.window, filters: Filters(), pageSize: 100) as any WindowWalk,
            PageWalk(over: Self.window, filters: Filters(), pageSize: 100),
        ] {
            var simulation = WalkSimulation(server: SimulatedServer(rows: rows, random: random), largestAnswer: 30)
            let result = try simulation.run(walk)
            #expect(difference(result.ids, Self.expected(rows)) == "")
            #expect(result.outcome.isProved)
        }
    }
}
