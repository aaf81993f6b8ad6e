import ExportCore
import TestSupport
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
            // What there is to ask for is asked for side by side, in as many requests as are allowed.
            if count >= 812 { #expect(result.largestFlight == 1 + seed, "seed \(seed)") }
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
            simulation.mutation = { server, responses in
                // Motion ends, so that a walk that repairs can settle.
                guard responses % 2 == 0, responses < 60, let index = server.rows.indices.randomElement(using: &server.random)
                else {
                    return
                }
                touched.insert(server.rows[index].id)
                switch responses % 6 {
                case 0:
                    let late = Self.start.advanced(by: .microseconds(.random(in: 0..<86_400_000_000, using: &server.random)))
                    server.rows.append(.init(id: Int64(5_000_000 + responses), startedAt: late))
                    touched.insert(Int64(5_000_000 + responses))
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
            simulation.mutation = { server, responses in
                guard seed % 3 == 0, responses == 2 + seed else { return }
                for index in server.rows.indices where index % 50 == 0 {
                    server.rows[index].matches.toggle()
                    touched.insert(server.rows[index].id)
                }
            }
            let filters = Filters(values: [.isMarked: "true"])
            let result = try simulation.run(
                RangeWalk(over: Self.window, filters: filters, pageSize: 50),
                resuming: { RangeWalk(over: Self.window, filters: filters, pageSize: 50, checkpoint: $0) })
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
            seen: simulation.server.response(
                ListQuery(after: Self.window.start?.advanced(by: .microseconds(-1)), before: Self.window.end, pageSize: 1)
            ).count,
            written: 500, isOnTrust: false)
        let checkpoint = WalkCheckpoint(pieces: [piece], countBefore: piece.seen)
        let result = try simulation.run(RangeWalk(over: Self.window, filters: Filters(), pageSize: 100, checkpoint: checkpoint))
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
                over: Self.window, filters: Filters(), pageSize: 100, checkpoint: WalkCheckpoint(pieces: [piece], countBefore: late)
            ))
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
            simulation.mutation = { server, responses in
                guard responses % 21 == 0 else { return }
                server.rows.append(SimulatedServer.Row(id: Int64(3_000_000 + responses), startedAt: instant))
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
        simulation.mutation = { server, responses in server.countIsOff = responses == 0 ? -1 : 0 }
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
                _ = walk.receive(server.response(request.query), for: request)
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

// MARK: Lists that do not add up

extension RangeWalkTests {
    /// Answers to requests one after the other until the walk ends, or is given up.
    private static func requests(
        of walk: inout some WindowWalk, largestAnswer: Int = .max, _ response: (ListQuery, _ number: Int) -> ListResponse
    ) -> (requests: Int, rows: Int) {
        var (requests, rows) = (0, 0)
        while let request = walk.nextRequest(), requests < 200_000 {
            let response = response(request.query, requests)
            requests += 1
            for step in walk.receive(response, for: request) {
                switch step {
                case .keep(let kept, _), .add(let kept, _): rows += kept.count
                case .drop: break
                }
            }
        }
        return (requests, rows)
    }

    /// A full page of rows that no other answer has, whatever is asked for, and as many times more to follow.
    private static func endless(_ query: ListQuery, _ number: Int, times: Int, inOrder: Bool) -> ListResponse {
        let start = query.after ?? Self.start
        let instants = (1...Int64(query.pageSize)).map { start.later(by: $0) }.filter { $0 < query.before }
        let rows = instants.enumerated().map { RowKey(startedAt: $1, id: Int64(number * 1000 + $0)) }
        return ListResponse(
            count: rows.count * times, hasNext: true, rows: query.ordering == .newestFirst || !inOrder ? rows.reversed() : rows)
    }

    @Test("a list without end is given up, after requests and rows that its count bounds", arguments: [1, 3, 20], [true, false])
    func endless(times: Int, inOrder: Bool) {
        for (pageSize, walk) in [
            (10, RangeWalk(over: Self.window, filters: Filters(), pageSize: 10) as any WindowWalk),
            (1, RangeWalk(over: Self.window, filters: Filters(), pageSize: 1)),
            (10, PageWalk(over: Self.window, filters: Filters(), pageSize: 10)),
        ] {
            var walk = walk
            let (requests, rows) = Self.requests(of: &walk) { Self.endless($0, $1, times: times, inOrder: inOrder) }
            #expect(rows <= pageSize * (8 * times + 201))
            #expect(requests <= 1001 + 17 * (8 * pageSize * times + 2001))
            let (excess, isProved, presumes) = (walk.excess, walk.outcome?.isProved, walk.presumedOutcome != nil)
            #expect(excess != nil || isProved == false, "neither given up nor at its end")
            #expect(excess.map { $0.requests == requests } ?? true)
            #expect(!presumes)
            let more = walk.nextRequest()
            #expect(more == nil)
        }
    }

    @Test("a list without end that gives a row at a time is given up by its answers, of which each brings something")
    func endlessRows() {
        var walk = RangeWalk(over: Self.window, filters: Filters(), pageSize: 100)
        let (requests, rows) = Self.requests(of: &walk) { query, number in
            let response = Self.endless(query, number, times: 3, inOrder: false)
            return number == 0 ? response : ListResponse(count: 100, hasNext: true, rows: Array(response.rows.suffix(1)))
        }
        let excess = walk.excess
        #expect(excess != nil)
        #expect(rows > 4000 && rows < 5000)
        #expect(requests < 5000)
    }

    @Test("a count of hundreds of millions that no row follows is not walked page by page")
    func hugeCount() throws {
        var walk = PageWalk(over: Self.window, filters: Filters(), pageSize: 10)
        let (requests, _) = Self.requests(of: &walk) { query, _ in
            let rows = (0..<10).map { RowKey(startedAt: Self.start.later(by: $0), id: $0) }
            return query.page == 1
                ? ListResponse(count: 900_000_000, hasNext: true, rows: rows) : ListResponse(count: 0, hasNext: false, rows: [])
        }
        #expect(requests < 1100)
        let (excess, isAtItsEnd) = (walk.excess, walk.outcome != nil)
        #expect(excess == WalkBudgetExceeded(requests: requests, rows: 10, count: 900_000_000))
        #expect(!isAtItsEnd)
    }

    @Test("a count of none beside a row, and a page that follows on none, prove no empty window", arguments: [true, false])
    func emptyAndNot(hasRow: Bool) {
        let whole = WalkPiece(
            id: 1, range: TimeRange(start: Self.start.earlier(by: 1), end: Self.window.end.later(by: 1)), seen: 0, written: 0,
            isOnTrust: false)
        var walk = RangeWalk(
            over: Self.window, filters: Filters(), pageSize: 100, checkpoint: WalkCheckpoint(pieces: [whole], countBefore: 0))
        let row = RowKey(startedAt: Self.start.later(by: 7), id: 7)
        let (requests, _) = Self.requests(of: &walk) { _, _ in
            ListResponse(count: 0, hasNext: !hasRow, rows: hasRow ? [row] : [])
        }
        let outcome = walk.outcome
        #expect(outcome?.proof.countAfter == 0)
        #expect(outcome?.isProved == false)
        #expect(requests == 9, "asked again, and not for ever")
    }

    @Test("a window that many rows are imported into while it is walked is not given up")
    func imported() throws {
        var random = SeededRandom(seed: 7)
        let rows = Self.rows(136, random: &random)
        for order in SimulatedServer.Order.allCases {
            var simulation = WalkSimulation(server: SimulatedServer(rows: rows, order: order, random: random))
            simulation.mutation = { server, responses in
                guard responses == 1 else { return }
                server.rows += (0..<15_000).map {
                    .init(id: Int64(4_000_000 + $0), startedAt: Self.start.later(by: Int64($0) * 5_000_000))
                }
            }
            let result = try simulation.run(RangeWalk(over: Self.window, filters: Filters(), pageSize: 100))
            #expect(Set(Self.expected(rows)).isSubset(of: result.ids))
            #expect(result.outcome.proof.countAfter > 15_000)
        }
    }

    @Test("an instant with far more deleted rows than the server counts is walked to its end")
    func manyDeleted() throws {
        let rows = (0..<30_000).map {
            SimulatedServer.Row(id: Int64($0), startedAt: Self.start.later(by: 1_000_000), isDeleted: $0 % 100 > 0)
        }
        var simulation = WalkSimulation(server: SimulatedServer(rows: rows, random: SeededRandom(seed: 1)), concurrency: 8)
        let result = try simulation.run(RangeWalk(over: Self.window, filters: Filters(), pageSize: 100))
        #expect(result.outcome.isProved)
        #expect(result.ids == (0..<300).map { Int64($0) * 100 })
    }

    @Test("an id that the server lists at two times counts twice, as the server counts it, and is written by both walks alike")
    func twoTimes() throws {
        var random = SeededRandom(seed: 2)
        let rows = Self.rows(250, random: &random)
        let first = try #require(rows.first { $0.id == 121 })
        let second = SimulatedServer.Row(id: 121, startedAt: first.startedAt.later(by: 2_000_000_000))
        for order in SimulatedServer.Order.allCases {
            var outcomes: [[Int64]] = []
            for walk in [
                RangeWalk(over: Self.window, filters: Filters(), pageSize: 20) as any WindowWalk,
                RangeWalk(over: Self.window, filters: Filters(), pageSize: 1000),
                PageWalk(over: Self.window, filters: Filters(), pageSize: 20),
            ] {
                var simulation = WalkSimulation(
                    server: SimulatedServer(rows: rows + [second], order: order, largestPage: 1000, random: random))
                let result = try simulation.run(walk)
                #expect(result.outcome.proof.countAfter == result.ids.count)
                outcomes.append(result.ids)
            }
            let expected = Self.expected(rows + [second])
            #expect(outcomes == [expected, expected, expected])
        }
    }
}
