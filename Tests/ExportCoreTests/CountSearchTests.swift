import ExportCore
import TestSupport
import Testing

/// The search for windows whose counts differ from their sums.
@Suite struct CountSearchTests {
    /// Windows of so many rows, and what a service counts of them.
    private struct Service {
        var sums: [RowSums]
        /// How many rows more the service counts, by window and measure.
        var differences: [Int: [CountMeasure: Int]] = [:]
        /// Measures that the service reads in another way: it counts all rows by them.
        var misread: Set<CountMeasure> = []
        /// Predicates that the service does not apply, and shows it.
        var refused: Set<CountMeasure> = []
        /// Called before each round of questions, by its number.
        var change: (inout Service, Int) -> Void = { _, _ in }

        static let measures: [CountMeasure] = [.rows] + CountPredicate.allCases.filter { $0 != .isNotDeleted }.map { .matching($0) }

        init(windows: Int, rows: Int, matching: Int? = nil) {
            sums = (0..<windows).map { _ in
                var sums = RowSums()
                sums.rows = rows
                for predicate in CountPredicate.allCases { sums[predicate] = matching ?? rows / 4 }
                return sums
            }
        }

        func count(_ question: CountSearch.Question) -> Int? {
            if refused.contains(question.measure) { return nil }
            return question.windows.reduce(0) { sum, window in
                let measure = misread.contains(question.measure) ? .rows : question.measure
                return sum + (sums[window][measure] ?? 0) + (differences[window]?[measure] ?? 0)
            }
        }

        /// Asks until the search is done.
        mutating func search(agreed: Set<CountMeasure> = [], leanRequests: Int? = nil) -> CountSearch {
            let lean = sums.map { leanRequests ?? ($0.rows <= 100 ? 1 : $0.rows / 99 + 2) }
            var search = CountSearch(sums, leanRequests: lean, measures: Self.measures, agreed: agreed)
            var round = 0
            while true {
                let questions = search.questions()
                if questions.isEmpty { return search }
                change(&self, round)
                search.receive(questions.map(count))
                round += 1
            }
        }
    }

    private let all = Set(Service.measures)

    @Test("a predicate that had agreed, and that the service does not apply any more, agrees no longer")
    func refusedAfterAgreeing() {
        var service = Service(windows: 40, rows: 50)
        service.refused = [.matching(.hasFeedback)]
        let search = service.search(agreed: all)
        #expect(search.refused == service.refused && search.agreed == all.subtracting(service.refused))
        #expect(search.differing.isEmpty && search.isDone)
    }

    @Test("windows of which nothing changed take a request for each measure, however many rows they have", arguments: [50, 5_000])
    func nothing(rows: Int) {
        var service = Service(windows: 400, rows: rows)
        let search = service.search()
        #expect(search.requests == 8 && search.differing.isEmpty && search.lean.isEmpty && search.undecided.isEmpty)
        #expect(search.agreed == all)
    }

    @Test(
        "each window that differs takes at most as many requests as halvings lead to it, and two more, for each predicate that differs",
        arguments: [1, 2, 5, 12], [50, 5_000])
    func differing(windows: Int, rows: Int) {
        var random = SeededRandom(seed: UInt64(windows))
        var service = Service(windows: 400, rows: rows)
        for window in Array(0..<400).shuffled(using: &random).prefix(windows) {
            service.differences[window] = [.matching(.hasFeedback): 1, .matching(.isNegative): 1]
        }
        let search = service.search()
        // 2 ^ 9 is more than 400.
        #expect(search.requests + search.lean.count + search.full.count - 8 <= windows * 2 * (9 + 2), "\(search.requests)")
        #expect(search.undecided.isEmpty)
        guard rows > 100 else {
            // A lean look at three windows costs less than two requests for each of two predicates.
            return #expect(
                Set(service.differences.keys).isSubset(
                    of: search.full.union(search.differing.filter { $1[.matching(.isNegative)] != nil }.keys)))
        }
        #expect(search.differing == service.differences && search.lean.isEmpty && search.full.isEmpty)
        if windows == 1 { #expect(search.requests - 8 == 2 * (9 + 1)) }
    }

    @Test("a search costs no more than a look at the rows that are left, whatever differs", arguments: [1, 3, 8], 1...4)
    func price(measures: Int, seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var service = Service(windows: 400, rows: 50)
        for window in 0..<400 where seed == 1 || Int.random(in: 0..<Int(seed), using: &random) == 0 {
            for measure in Service.measures.prefix(measures) { service.differences[window, default: [:]][measure] = 1 }
        }
        let search = service.search(agreed: all)
        // Each window takes one request of a lean look.
        let rows = search.lean.count + search.full.count
        // What a lean look does not see is searched apart.
        #expect(search.requests + rows <= 8 + 400 + 400 / 2 * (measures > 4 ? 2 : 1), "\(search.requests) + \(rows)")
        for (window, differences) in service.differences {
            let isSeen = differences.keys.allSatisfy(\.isInLeanRows) && search.lean.contains(window)
            #expect(search.differing[window] != nil || isSeen || search.full.contains(window), "window \(window)")
        }
    }

    @Test("of few rows in few windows a lean look is taken at once; what it does not see is counted")
    func cheaper() {
        var service = Service(windows: 8, rows: 50)
        let search = service.search()
        #expect(
            search.requests == 4 && search.lean == Set(0..<8) && search.agreed == all.filter { $0 == .rows || !$0.isInLeanRows })
        service.differences = [2: [.matching(.isMarked): 1], 5: [.matching(.isNegative): 1]]
        let other = service.search()
        #expect(other.differing == [5: [.matching(.isNegative): 1]] && other.lean == Set(0..<8).subtracting([5]))
        var more = Service(windows: 9, rows: 50)
        #expect(more.search().requests == 8)
    }

    @Test("changes that cancel each other out within the span are not seen, and others beside them are")
    func cancelling() {
        var service = Service(windows: 400, rows: 50)
        service.differences = [7: [.rows: 1], 200: [.rows: -1]]
        #expect(service.search().differing.isEmpty)
        service.differences[9] = [.matching(.isMarked): 1]
        #expect(Array(service.search().differing.keys) == [9])
    }

    @Test("a predicate that has never agreed is followed to one window, and nothing is claimed of the others")
    func misread() {
        var service = Service(windows: 400, rows: 50)
        service.misread = [.matching(.hasAction)]
        let search = service.search()
        #expect(search.trials == [.matching(.hasAction): 0] && Array(search.differing.keys) == [0])
        #expect(search.undecided == Set(1..<400) && !search.agreed.contains(.matching(.hasAction)))
        #expect(search.requests == 8 + 9)
    }

    @Test("a predicate that agrees in one half has shown what it is worth, so that all windows that differ in it are found")
    func learnt() {
        var service = Service(windows: 64, rows: 50)
        for window in [3, 40, 41, 63] { service.differences[window] = [.matching(.isMarked): -2] }
        let search = service.search()
        #expect(search.differing == service.differences && search.trials.isEmpty && search.undecided.isEmpty)
        #expect(search.agreed.contains(.matching(.isMarked)))
    }

    @Test("that all or none of the rows match shows nothing of a predicate")
    func trivial() {
        var none = Service(windows: 20, rows: 50, matching: 0)
        #expect(none.search().agreed == [.rows])
        var every = Service(windows: 20, rows: 50, matching: 50)
        #expect(every.search().agreed == [.rows])
    }

    @Test("a predicate that the service does not apply is left out, and the others find what differs")
    func refused() {
        var service = Service(windows: 64, rows: 50)
        service.refused = [.matching(.hasAction)]
        service.differences[5] = [.rows: 1]
        let search = service.search()
        #expect(search.refused == [.matching(.hasAction)] && search.differing == service.differences)
    }

    @Test("what changes while it is searched is found by another round; what changes all the time leaves the windows undecided")
    func motion() {
        var service = Service(windows: 64, rows: 50)
        service.differences[40] = [.rows: 1]
        // Another row comes in the other half, after the whole was counted: the difference of the second half is hidden by it.
        service.change = { service, round in if round == 1 { service.differences[3] = [.rows: 1] } }
        let search = service.search(agreed: all)
        #expect(Set(search.differing.keys) == [3, 40] && search.undecided.isEmpty)
        service.change = { service, round in service.differences[5, default: [:]][.rows] = round + 1 }
        let restless = service.search(agreed: all)
        #expect(restless.undecided.union(restless.differing.keys) == Set(0..<64))
        #expect(restless.requests < 80)
    }
}

/// What the bounds of a service's time ranges mean.
@Suite struct CountBoundsTests {
    private let instant = Instant(seconds: 1000)

    private func learn(_ rows: [Int64], includesAfter: Bool, includesBefore: Bool, goneAfter: Int = 9) -> CountBounds? {
        let probe = BoundsProbe(at: instant)
        let answers = probe.queries.enumerated().map { number, query in
            let keys = rows.map { RowKey(startedAt: instant.later(by: $0), id: $0) }.filter { key in
                let isBehind = query.after.map { includesAfter ? key.startedAt >= $0 : key.startedAt > $0 } ?? true
                return isBehind && (includesBefore ? key.startedAt <= query.before : key.startedAt < query.before)
                    && (number < goneAfter || key.startedAt != instant)
            }
            return ListResponse(count: keys.count, hasNext: nil, rows: keys)
        }
        return probe.bounds(answers)
    }

    @Test("bounds are learnt on a row, whatever stands beside it", arguments: [[0], [-1, 0, 1], [0, 0, 1]])
    func learnt(rows: [Int64]) {
        for (after, before) in [(true, true), (true, false), (false, true), (false, false)] {
            let expected = CountBounds(includesAfter: after, includesBefore: before)
            let learnt = learn(rows, includesAfter: after, includesBefore: before)
            // A neighbour alone in an answer settles nothing, and is not taken for the row.
            #expect(learnt == expected || (learnt == nil && rows.count > 1 && after != before), "\(rows) \(expected)")
        }
    }

    @Test("a row that went meanwhile is not taken for an exclusive bound", arguments: 0...2)
    func gone(after: Int) {
        #expect(learn([0], includesAfter: true, includesBefore: true, goneAfter: after) == nil)
    }

    @Test("a count asks for exactly the half-open range, on each kind of service")
    func exact() {
        let range = TimeRange(start: Instant(seconds: 10), end: Instant(seconds: 20))
        let inclusive = CountBounds(includesAfter: true, includesBefore: true).count(of: range)
        #expect(inclusive.after == range.start && inclusive.before == range.end.earlier(by: 1) && inclusive.isCount)
        let exclusive = CountBounds(includesAfter: false, includesBefore: false).count(of: range)
        #expect(exclusive.after == range.start?.earlier(by: 1) && exclusive.before == range.end && exclusive.pageSize == 1)
        #expect(
            CountBounds(includesAfter: true, includesBefore: true).count(of: TimeRange(start: nil, end: range.end)).after == nil)
    }
}
