import ExportCore
import TestSupport
import Testing

@Suite struct RequestSchedulerTests {
    // MARK: Every schedule

    /// A run of windows by chance: how many rows each has, and what goes wrong.
    private struct Run {
        let seed: Int
        let concurrency: Int
        let windows: [[Int64]]
        /// Windows of which a request fails.
        let failing: Set<Int>
        var random: SeededRandom

        init(seed: Int) {
            self.seed = seed
            var random = SeededRandom(seed: seed)
            concurrency = 1 + random.below(9)
            windows = (0..<1 + random.below(25)).map { window in
                // A few are large, some are empty.
                let count = random.oneIn(4) ? random.below(400) : random.below(30)
                return (0..<count).map { _ in Int64(window * 86_400_000_000 + random.below(86_400_000_000)) }.sorted()
            }
            failing = random.oneIn(2) ? [] : Set(windows.indices.filter { _ in random.oneIn(5) })
            self.random = random
        }
    }

    @Test(
        "in every schedule no slot is too many or idle, windows come before splits, each range is asked once, and each window ends")
    func everySchedule() {
        var splits = 0
        for seed in 1...120 {
            let run = Run(seed: seed)
            var service = Service(run)
            service.finish()
            splits += service.splits
            for (window, rows) in run.windows.enumerated() where !service.failed.contains(window) {
                #expect(service.kept[window] == Array(rows.indices), "seed \(seed), window \(window)")
            }
            #expect(Set(service.kept.keys).union(service.failed) == Set(run.windows.indices), "seed \(seed): every window ends")
            #expect(service.failed.isSubset(of: run.failing), "seed \(seed)")
            #expect(service.queries.count == Set(service.queries).count, "seed \(seed): each range is asked for once")
        }
        #expect(splits > 0)
    }

    /// Answers the requests of a run in an order by chance, and looks at each decision.
    private struct Service {
        let run: Run
        private var random: SeededRandom
        private var scheduler: RequestScheduler<PieceIDs>
        private var flight: [(window: Int, request: WalkRequest)] = []
        private(set) var queries: [ListQuery] = []
        private(set) var failed: Set<Int> = []
        private(set) var kept: [Int: [Int]] = [:]
        private var begun = 0
        private(set) var splits = 0
        /// Windows that are done, and wait for those before them.
        private var waiting: Set<Int> = []
        private var released = 0

        init(_ run: Run) {
            self.run = run
            random = run.random
            scheduler = RequestScheduler(windows: run.windows.count, concurrency: run.concurrency, pageSize: 10)
        }

        mutating func finish() {
            repeat {
                send()
                #expect(!flight.isEmpty || released == run.windows.count, "seed \(run.seed): something is always under way")
                guard !flight.isEmpty else { return }
                response(flight.remove(at: random.below(flight.count)))
                while waiting.remove(released) != nil {
                    scheduler.release(released)
                    released += 1
                }
            } while true
        }

        private mutating func send() {
            while true {
                // A walk is a value: a copy says what it would send.
                let ready = scheduler.walking.first { walking in
                    var fetch = walking.fetch
                    return fetch.nextRequest() != nil
                }
                let mayBegin = begun < run.windows.count && begun - released < 3 * run.concurrency
                var started: Int?
                guard
                    let (window, request) = scheduler.nextRequest(begin: { window, start in
                        started = window
                        return Self.fetch(window, start)
                    })
                else {
                    #expect(flight.count == run.concurrency || ready == nil && !mayBegin, "seed \(run.seed): no slot is idle")
                    return
                }
                if let ready {
                    #expect(window == ready.window && started == nil, "seed \(run.seed): the earliest window comes first")
                } else if mayBegin {
                    #expect(started == begun, "seed \(run.seed): windows begin in the order of time, before any is split")
                } else {
                    #expect(started == nil, "seed \(run.seed): no more windows are begun than may be")
                    splits += 1
                }
                if started != nil { begun += 1 }
                flight.append((window, request))
                queries.append(request.query)
                #expect(flight.count <= run.concurrency && scheduler.inFlight == flight.count, "seed \(run.seed)")
            }
        }

        static func fetch(_ window: Int, _ start: WalkStart) -> WindowFetch<PieceIDs> {
            let range = TimeRange(
                start: Instant(seconds: Int64(window) * 86_400), end: Instant(seconds: Int64(window + 1) * 86_400))
            return WindowFetch(
                RangeWalk(over: range, filters: Filters(), pageSize: start.pageSize, ordering: start.ordering), keeping: PieceIDs())
        }

        private mutating func response(_ asked: (window: Int, request: WalkRequest)) {
            let (window, request) = asked
            if run.failing.contains(window), random.oneIn(3) {
                scheduler.requestFailed()
                if scheduler.withdraw(window) != nil {
                    failed.insert(window)
                    waiting.insert(window)
                }
                return
            }
            let rows = run.windows[window].enumerated().map { RowKey(startedAt: Instant(microseconds: $1), id: Int64($0)) }
            guard
                let fetch = scheduler.receive(ListResponse(of: rows, to: request.query), for: request, of: window)
            else { return }
            #expect(fetch.walk.outcome?.isProved == true, "seed \(run.seed), window \(window)")
            #expect(kept[window] == nil && !failed.contains(window), "seed \(run.seed): a window ends once")
            kept[window] = fetch.walk.outcome.map { fetch.rows.ids(of: $0.pieces) }
            waiting.insert(window)
        }
    }
}

// MARK: Single decisions

extension RequestSchedulerTests {
    private func scheduler(windows: Int, concurrency: Int) -> RequestScheduler<PieceIDs> {
        RequestScheduler(windows: windows, concurrency: concurrency, pageSize: 10)
    }

    /// The windows of the requests that can be sent now.
    private func send(_ scheduler: inout RequestScheduler<PieceIDs>) -> [(window: Int, request: WalkRequest)] {
        var sent: [(window: Int, request: WalkRequest)] = []
        while let (window, request) = scheduler.nextRequest(begin: Service.fetch) { sent.append((window, request)) }
        return sent
    }

    private func rows(_ count: Int, of window: Int) -> [RowKey] {
        let start = Int64(window) * 86_400
        return (0..<Int64(count)).map { RowKey(startedAt: Instant(seconds: start + 60 * ($0 + 1)), id: $0) }
    }

    private func response(
        _ asked: (window: Int, request: WalkRequest), _ count: Int, _ scheduler: inout RequestScheduler<PieceIDs>
    ) -> WindowFetch<PieceIDs>? {
        scheduler.receive(
            ListResponse(of: rows(count, of: asked.window), to: asked.request.query), for: asked.request, of: asked.window)
    }

    @Test("as many windows begin side by side as there are slots, and none is split while another may begin")
    func windowsFirst() {
        var scheduler = scheduler(windows: 10, concurrency: 4)
        let first = send(&scheduler)
        #expect(first.map(\.window) == [0, 1, 2, 3])
        // Window 0 has many rows left. The page that follows comes first; a slot that is free begins a window all the same.
        for asked in first.prefix(2) {
            #expect(response(asked, asked.window == 0 ? 500 : 5, &scheduler) == nil || asked.window == 1)
        }
        #expect(send(&scheduler).map(\.window) == [0, 0])
        #expect(response(first[2], 5, &scheduler) != nil)
        #expect(send(&scheduler).map(\.window) == [4])
    }

    @Test("a slot for which no window is left splits a range of the earliest window that has one")
    func splits() {
        var scheduler = scheduler(windows: 2, concurrency: 6)
        var flight = send(&scheduler)
        #expect(flight.map(\.window) == [0, 1])
        for asked in flight { #expect(response(asked, 500, &scheduler) == nil) }
        flight = send(&scheduler)
        #expect(flight.count == 6)
        #expect(flight.filter { $0.window == 0 }.count > flight.filter { $0.window == 1 }.count)
        #expect(Set(flight.map(\.request.query)).count == 6)
    }

    @Test("no more than three times as many windows as slots are begun and not released")
    func begunWindows() {
        var scheduler = scheduler(windows: 100, concurrency: 3)
        var began = 0
        while case let sent = send(&scheduler), !sent.isEmpty {
            for asked in sent {
                began += 1
                #expect(response(asked, 5, &scheduler) != nil)
            }
        }
        #expect(began == 9)
        scheduler.release(0)
        #expect(send(&scheduler).map(\.window) == [9])
    }

    @Test("what is in flight for a window that was given up is passed over, and takes its slot until it comes")
    func withdrawn() {
        var scheduler = scheduler(windows: 1, concurrency: 3)
        let first = send(&scheduler)
        #expect(response(first[0], 500, &scheduler) == nil)
        let flight = send(&scheduler)
        #expect(flight.count == 3)
        scheduler.requestFailed()
        #expect(scheduler.withdraw(0) != nil && scheduler.withdraw(0) == nil)
        #expect(scheduler.inFlight == 2)
        #expect(response(flight[1], 500, &scheduler) == nil)
        let shrunk = scheduler.shrinkPages(after: flight[2].request, of: 0)
        #expect(shrunk.isSmaller && shrunk.ended == nil && scheduler.start.pageSize == 10)
        #expect(scheduler.inFlight == 0 && !scheduler.isFetched(0))
        #expect(send(&scheduler).isEmpty)
    }

    @Test("what a window finds out holds for those that begin after it")
    func start() {
        var scheduler = scheduler(windows: 3, concurrency: 1)
        let first = send(&scheduler)[0]
        #expect(scheduler.shrinkPages(after: first.request, of: 0).isSmaller)
        #expect(scheduler.start.pageSize == 5)
        // Descending: the server ignores the order that was asked for.
        let again = send(&scheduler)[0]
        let rows = ListResponse(count: 20, hasNext: true, rows: Array(rows(5, of: 0).reversed()))
        #expect(scheduler.receive(rows, for: again.request, of: 0) == nil)
        #expect(scheduler.start.ordering == .ignored)
    }

    @Test("a window that is fetched once more comes before those behind it")
    func again() {
        var scheduler = scheduler(windows: 4, concurrency: 2)
        let flight = send(&scheduler)
        #expect(response(flight[0], 5, &scheduler) != nil)
        scheduler.fetchAgain(0, Service.fetch(0, scheduler.start))
        #expect(scheduler.walking.map(\.window) == [0, 1])
        #expect(send(&scheduler).map(\.window) == [0])
    }
}

/// The ids of rows, by the pieces of a walk.
private struct PieceIDs: KeptRows {
    typealias Failure = Never
    private var pieces: [Int: [Int64]] = [:]

    func ids(of pieces: [Int]) -> [Int] { pieces.flatMap { (self.pieces[$0] ?? []).map(Int.init) } }

    mutating func take(_ page: ListResponse) {}
    mutating func keep(_ rows: [Int], of page: ListResponse, as piece: WalkPiece, countBefore: Int?) {
        pieces[piece.id] = rows.map { page.rows[$0].id }
    }
    mutating func add(_ rows: [Int], of page: ListResponse, to piece: Int) {
        pieces[piece, default: []] += rows.map { page.rows[$0].id }
    }
    mutating func drop(_ piece: Int) { pieces[piece] = nil }
}

extension ListResponse {
    /// What a service that honours the order answers; bounds count in.
    fileprivate init(of rows: [RowKey], to query: ListQuery) {
        var rows = rows.filter { (query.after ?? $0.startedAt) <= $0.startedAt && $0.startedAt <= query.before }
        if query.ordering == .newestFirst { rows.reverse() }
        let page = rows.dropFirst((query.page - 1) * query.pageSize).prefix(query.pageSize)
        self.init(count: rows.count, hasNext: query.page * query.pageSize < rows.count, rows: Array(page))
    }
}
