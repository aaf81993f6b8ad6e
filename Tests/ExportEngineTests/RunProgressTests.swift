import ExportAPI
import ExportCore
import ExportFormats
import ExportStore
import Foundation
import TestSupport
import Testing

@testable import ExportEngine

@Suite struct RunProgressTests {
    private static let windows = (0..<6).map { day in
        Window(
            key: "\(day)", range: TimeRange(start: Instant(seconds: day * 86_400), end: Instant(seconds: (day + 1) * 86_400)),
            paths: ["\(day)"])
    }

    private func progress(
        concurrency: Int, pageSize: Int = 100, isSequential: Bool = false, rowsBefore: Int? = nil,
        walk: FetchSettings.WalkKind = .ranges, windows: Int = 6, rows: Rows? = nil
    ) -> RunProgress {
        var fetch = FetchSettings()
        fetch.concurrency = concurrency
        fetch.pageSize = pageSize
        fetch.walk = walk
        let plan = ExportPlan.sample([.sample(.conversations, columns: nil)], windows: Self.windows, fetch: fetch)
        let columns = ColumnPlan(plan.outputs, detail: plan.source.detail, catalog: ColumnCatalog())
        return RunProgress(
            plan: plan, due: Array(Self.windows.prefix(windows)), rowsBefore: Array(repeating: rowsBefore, count: windows),
            columns: columns, stored: columns.catalog, isSequential: isSequential,
            makeSpool: rows?.makeSpool ?? Self.noSpool)
    }

    private static let noSpool: WindowRows.MakeSpool = { _ in throw CancellationError() }

    private func receiveNothing(_ request: (window: Int, WalkRequest), _ progress: inout RunProgress) {
        let page = FetchedPage(response: ListResponse(count: 0, hasNext: false, rows: []), rows: [], ends: [], keys: [])
        progress.receive(page, requests: 1, for: request.1, of: request.window)
    }

    @Test("no more requests are in flight than may be", arguments: 1...5)
    func concurrency(limit: Int) throws {
        var progress = progress(concurrency: limit)
        var flight: [(window: Int, WalkRequest)] = []
        while let request = progress.nextRequest(resuming: { _ in nil }) { flight.append(request) }
        #expect(flight.count == limit)
        receiveNothing(flight[0], &progress)
        #expect(progress.nextRequest(resuming: { _ in nil }) != nil)
        #expect(progress.nextRequest(resuming: { _ in nil }) == nil)
    }

    @Test("windows are written in the order of time, whatever the order in which they were fetched")
    func order() throws {
        var progress = progress(concurrency: 3)
        var flight: [(window: Int, WalkRequest)] = []
        while let request = progress.nextRequest(resuming: { _ in nil }) { flight.append(request) }
        for request in flight.dropFirst().reversed() {
            receiveNothing(request, &progress)
            #expect(progress.nextToEncode(limit: 2) == nil)
        }
        receiveNothing(flight[0], &progress)
        #expect([progress.nextToEncode(limit: 2)?.window, progress.nextToEncode(limit: 2)?.window] == [0, 1])
        #expect(progress.nextToEncode(limit: 2) == nil, "two are under way")
        progress.encoded(1, WrittenWindow(files: []))
        #expect(progress.nextToCommit() == nil)
        progress.encoded(0, WrittenWindow(files: []))
        #expect(progress.nextToCommit()?.window == 0)
        #expect(progress.nextToCommit() == nil, "one at a time")
    }

    // MARK: Ahead of the proof

    /// Windows of more rows than a page has, one after the other, until only the count of the first is awaited.
    private func awaitingCount(
        isSequential: Bool = false, rowsBefore: Int? = nil
    ) throws -> (RunProgress, count: WalkRequest, Rows) {
        let rows = try Rows()
        var progress = progress(
            concurrency: 1, pageSize: 2, isSequential: isSequential, rowsBefore: rowsBefore, rows: rows)
        while let (window, request) = progress.nextRequest(resuming: { _ in nil }) {
            if request.query.isCount, request.query.ordering == .startedAt { return (progress, request, rows) }
            rows.response(request, of: window, &progress)
        }
        throw RunStuck(window: "0")
    }

    /// Three rows a window.
    private final class Rows {
        var instants = (0..<3).map { Instant(seconds: 10 + $0) }
        private let spools: FolderDestination
        private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("progress-\(UUID().uuidString)")

        init() throws {
            spools = FolderDestination(path: folder.path)
        }

        var makeSpool: WindowRows.MakeSpool {
            { [spools] in try spools.makeSpool(for: $0, fingerprint: "f") }
        }

        deinit { try? FileManager.default.removeItem(at: folder) }

        func response(_ request: WalkRequest, of window: Int, _ progress: inout RunProgress) {
            let query = request.query
            var found = instants.enumerated().map { RowKey(startedAt: $1, id: Int64($0)) }
                .filter { (query.after ?? $0.startedAt) <= $0.startedAt && $0.startedAt <= query.before }
            if query.ordering == .newestFirst { found.reverse() }
            let first = (query.page - 1) * query.pageSize
            let page = Array(found.dropFirst(first).prefix(query.pageSize))
            progress.receive(
                FetchedPage(
                    response: ListResponse(count: found.count, hasNext: found.count > first + page.count, rows: page),
                    rows: page.flatMap { _ in Array("{}\n".utf8) }, ends: page.indices.map { 3 * ($0 + 1) }, keys: []),
                requests: 1, for: request, of: window)
        }
    }

    private static let files = [
        Manifest.File(
            path: "0", table: "conversations", format: "ndjson", rows: 3, bytes: 9, sha256: "", contentSHA256: "", encoder: "",
            keys: .init(),
            columns: nil, misfits: nil)
    ]

    @Test("a window is written while its count is awaited, and committed once that agrees", arguments: [true, false])
    func ahead(isWrittenFirst: Bool) throws {
        var (progress, count, rows) = try awaitingCount()
        let written = progress.nextToEncode(limit: 2)
        #expect(written?.window == 0)
        #expect(written?.walked.outcome.proof.distinctIDs == 3)
        #expect(progress.nextToEncode(limit: 2) == nil, "once")
        if isWrittenFirst { progress.encoded(0, WrittenWindow(files: Self.files)) }
        #expect(progress.nextToCommit() == nil, "nothing is proved")
        rows.response(count, of: 0, &progress)
        #expect(progress.nextToEncode(limit: 2) == nil, "not again")
        if !isWrittenFirst {
            #expect(progress.nextToCommit() == nil, "nothing is written")
            progress.encoded(0, WrittenWindow(files: Self.files))
        }
        let commit = progress.nextToCommit()
        #expect(commit?.window == 0)
        #expect(commit?.encoded.walked.outcome.isProved == true)
        #expect(commit?.encoded.written.files == Self.files)
    }

    @Test("what was written ahead of a count that disagrees is written anew, and not before the first is done")
    func notAsPresumed() throws {
        var (progress, count, rows) = try awaitingCount()
        #expect(progress.nextToEncode(limit: 2)?.window == 0)
        rows.instants.append(Instant(seconds: 60))
        rows.response(count, of: 0, &progress)
        while let (window, request) = progress.nextRequest(resuming: { _ in nil }), window == 0 {
            rows.response(request, of: 0, &progress)
        }
        #expect(progress.nextToEncode(limit: 2) == nil, "the first is under way")
        progress.encoded(0, WrittenWindow(files: Self.files))
        #expect(progress.nextToCommit() == nil)
        let written = progress.nextToEncode(limit: 2)
        #expect(written?.window == 0)
        #expect(written?.walked.outcome.proof.distinctIDs == 4)
        #expect(written?.isAnew == true)
        progress.encoded(0, WrittenWindow(files: Self.files))
        #expect(progress.nextToCommit()?.encoded.walked.outcome.proof.distinctIDs == 4)
    }

    @Test("a window that fails while it is written ahead is told of once, and holds nothing up", arguments: [1, 2])
    func failsAhead(limit: Int) throws {
        var (progress, count, rows) = try awaitingCount()
        #expect(progress.nextToEncode(limit: limit)?.window == 0)
        progress.requestFailed(count, of: 0, ServiceError.tooLarge(limit: 1))
        #expect((progress.nextToEncode(limit: limit)?.window, progress.nextToCommit()?.window) == (nil, nil))
        while let (window, request) = progress.nextRequest(resuming: { _ in nil }), window == 1 {
            rows.response(request, of: 1, &progress)
        }
        if limit == 1 {
            #expect(progress.nextToEncode(limit: limit) == nil, "one is still under way")
            progress.encoded(0, WrittenWindow(files: Self.files))
        }
        #expect(progress.nextToEncode(limit: limit)?.window == 1)
        progress.encoded(1, WrittenWindow(files: Self.files))
        #expect(progress.nextToCommit()?.window == 1)
        #expect(progress.summary.failed == 1)
        #expect(progress.failures.map(\.window) == ["0"])
    }

    @Test("a window whose answers cannot be used fails for good, and and where three do so in a row, the run ends")
    func unusable() throws {
        var progress = progress(concurrency: 3)
        let error = ServiceError.unusable(reason: "a list without a count", attempts: 7)
        for failed in 1...3 {
            #expect(progress.stop == nil)
            let next = progress.nextRequest(resuming: { _ in nil })
            let (window, request) = try #require(next)
            progress.requestFailed(request, of: window, error)
            #expect(progress.summary.failed == failed)
        }
        #expect(progress.failures.allSatisfy { !$0.isRetryable })
        #expect(progress.stop as? ServiceError == error)
    }

    @Test("files that cannot be written end the run, though their window has failed already")
    func diskFull() throws {
        var (progress, count, _) = try awaitingCount()
        #expect(progress.nextToEncode(limit: 1)?.window == 0)
        progress.requestFailed(count, of: 0, ServiceError.tooLarge(limit: 1))
        #expect((progress.nextToEncode(limit: 1)?.window, progress.nextToCommit()?.window) == (nil, nil))
        progress.encodingFailed(0, StoreError.notAFolder(path: "x"))
        #expect(progress.stop is StoreError)
        #expect(progress.summary.failed == 1)
        // The same before anybody has passed over the failed window.
        var (sooner, last, _) = try awaitingCount()
        #expect(sooner.nextToEncode(limit: 1)?.window == 0)
        sooner.requestFailed(last, of: 0, ServiceError.tooLarge(limit: 1))
        sooner.encodingFailed(0, StoreError.notAFolder(path: "x"))
        #expect(sooner.stop is StoreError)
        #expect(sooner.summary.failed == 1)
    }

    @Test("a row that cannot be written fails its window alone, whose rows are fetched anew by the next run")
    func oddRow() throws {
        let rows = try Rows()
        var progress = progress(concurrency: 1, windows: 2, rows: rows)
        while let (window, request) = progress.nextRequest(resuming: { _ in nil }) {
            rows.response(request, of: window, &progress)
        }
        #expect(progress.nextToEncode(limit: 1)?.window == 0)
        progress.encodingFailed(0, RowError.noList(field: "action_logs"))
        #expect(progress.failures.map(\.window) == ["0"] && progress.failures.map(\.isRetryable) == [false])
        #expect(progress.stop == nil)
        #expect(progress.unfinished.filter(\.keepsRows).isEmpty)
        #expect(progress.nextToEncode(limit: 1)?.window == 1)
        progress.encoded(1, WrittenWindow(files: Self.files))
        #expect(progress.nextToCommit()?.window == 1)
    }

    @Test("nothing goes into a stream before it is proved")
    func stream() throws {
        var (progress, count, rows) = try awaitingCount(isSequential: true)
        #expect(progress.nextToEncode(limit: 1) == nil)
        rows.response(count, of: 0, &progress)
        #expect(progress.nextToEncode(limit: 1)?.window == 0)
    }

    // MARK: Fewer rows than stand

    private func answerAll(_ window: Int, _ rows: Rows, _ progress: inout RunProgress) {
        while let (place, request) = progress.nextRequest(resuming: { _ in nil }), place == window {
            rows.response(request, of: window, &progress)
        }
    }

    private func fewerRows(_ events: [RunEvent]) -> [FewerRows] {
        events.compactMap { if case .fewerRows(let fewer) = $0 { fewer } else { nil } }
    }

    @Test("a window that had rows and comes back with none is asked for once more, and believed where that brings none either")
    func noneAgain() throws {
        var progress = progress(concurrency: 1, rowsBefore: 10)
        for _ in 0..<2 {
            #expect(progress.nextToEncode(limit: 2) == nil)
            #expect(fewerRows(progress.takeEvents()).isEmpty)
            let next = progress.nextRequest(resuming: { _ in nil })
            let request = try #require(next)
            #expect(request.window == 0)
            receiveNothing(request, &progress)
        }
        let told = fewerRows(progress.takeEvents())
        #expect(told.map(\.verdict) == [.accepted])
        #expect(told.first?.before == 10 && told.first?.first == 0 && told.first?.second == 0)
        let written = progress.nextToEncode(limit: 2)
        #expect(written?.window == 0)
        #expect(written?.walked.outcome.isProved == true)
        #expect(written?.walked.requests == 2, "both walks count")
        #expect(progress.summary.fewerRows == 1)
        #expect(progress.nextRequest(resuming: { _ in nil })?.window == 1, "once more, and not for ever")
    }

    @Test("where the second walk brings the rows, they are taken")
    func recovered() throws {
        let rows = try Rows()
        var progress = progress(concurrency: 1, pageSize: 2, rowsBefore: 4, rows: rows)
        let first = progress.nextRequest(resuming: { _ in nil })
        receiveNothing(try #require(first), &progress)
        answerAll(0, rows, &progress)
        #expect(fewerRows(progress.takeEvents()).map(\.verdict) == [.recovered])
        let written = progress.nextToEncode(limit: 2)
        #expect(written?.walked.outcome.proof.distinctIDs == 3)
        #expect(written?.walked.outcome.isProved == true)
        #expect(progress.summary.fewerRows == nil)
    }

    @Test("where two walks bring different rows, and few, nothing is committed, and what stands stays")
    func doubted() throws {
        let rows = try Rows()
        var progress = progress(concurrency: 1, pageSize: 2, rowsBefore: 10, rows: rows)
        let first = progress.nextRequest(resuming: { _ in nil })
        receiveNothing(try #require(first), &progress)
        answerAll(0, rows, &progress)
        #expect(progress.nextToEncode(limit: 2) == nil)
        #expect(progress.failures.map(\.window) == ["0"])
        #expect(progress.failures.first?.isRetryable == true)
        #expect(progress.unfinished.map(\.keepsRows) == [false, false])
    }

    @Test("no window is written ahead that has too few rows to be believed")
    func fewNotAhead() throws {
        var (progress, count, rows) = try awaitingCount(rowsBefore: 100)
        #expect(progress.nextToEncode(limit: 2) == nil)
        rows.response(count, of: 0, &progress)
        answerAll(0, rows, &progress)
        #expect(fewerRows(progress.takeEvents()).map(\.verdict) == [.accepted])
        #expect(progress.nextToEncode(limit: 2)?.isAnew == false)
    }

    @Test("what was written ahead of a first walk is not taken for what the second brings, though both come to the same")
    func aheadOfFirstWalk() throws {
        var (progress, count, rows) = try awaitingCount(rowsBefore: 4)
        #expect(progress.nextToEncode(limit: 2)?.window == 0)
        progress.encoded(0, WrittenWindow(files: Self.files))
        let instants = rows.instants
        rows.instants = []
        rows.response(count, of: 0, &progress)
        for _ in 0..<2 {
            let next = progress.nextRequest(resuming: { _ in nil })
            let (window, request) = try #require(next)
            rows.response(request, of: window, &progress)
        }
        rows.instants = instants
        answerAll(0, rows, &progress)
        #expect(fewerRows(progress.takeEvents()).map(\.verdict) == [.recovered])
        #expect(progress.nextToEncode(limit: 2)?.isAnew == true)
    }

    // MARK: Lists that contradict themselves

    @Test("a window whose list does not add up is given up, and after three of them the run")
    func givenUp() throws {
        var progress = progress(concurrency: 1)
        var windows: [Int] = []
        while progress.stop == nil, let (window, request) = progress.nextRequest(resuming: { _ in nil }) {
            if windows.last != window { windows.append(window) }
            let page = FetchedPage(response: ListResponse(count: 5, hasNext: true, rows: []), rows: [], ends: [], keys: [])
            progress.receive(page, requests: 1, for: request, of: window)
            let isWritten = progress.nextToEncode(limit: 2) != nil || progress.nextToCommit() != nil
            #expect(!isWritten)
        }
        #expect(windows == [0, 1, 2])
        #expect(progress.failures.map(\.window) == ["0", "1", "2"])
        #expect(
            progress.failures.allSatisfy { !$0.isRetryable && $0.reason.hasPrefix("the service's list does not add up: 1") })
        #expect(progress.stop is WalkBudgetExceeded)
        #expect(progress.unfinished.map(\.keepsRows) == [false, false, false])
    }

    @Test("a window with an id at two times is committed as unsettled, with the rows that are written, and told")
    func repeatedID() throws {
        var (progress, count, rows) = try awaitingCount()
        #expect(progress.nextToEncode(limit: 2)?.window == 0)
        var repeated = RepeatedIDs()
        repeated.add(repeatedIn: [1, 1, 2])
        progress.encoded(0, WrittenWindow(files: Self.files, repeated: repeated))
        rows.response(count, of: 0, &progress)
        #expect(progress.nextToEncode(limit: 2) == nil)
        let commit = progress.nextToCommit()
        #expect(commit?.encoded.walked.outcome.isProved == false)
        #expect(commit?.encoded.walked.outcome.proof.distinctIDs == 2)
        #expect(commit?.encoded.walked.outcome.proof.countAfter == 3)
        let told = progress.takeEvents().compactMap { if case .repeatedIDs(_, let repeated) = $0 { repeated } else { nil } }
        #expect(told == [repeated])
    }

    @Test("a walk that ends with a late page that is too large is written")
    func lateFailure() throws {
        let rows = try Rows()
        var progress = progress(concurrency: 3, pageSize: 2, walk: .pages, windows: 1, rows: rows)
        rows.instants = (0..<5).map { Instant(seconds: 10 + $0) }
        var (second, held): (WalkRequest?, WalkRequest?) = (nil, nil)
        var isHeld = false
        while true {
            if let (_, request) = progress.nextRequest(resuming: { _ in nil }) {
                switch (request.query.pageSize, request.query.page) {
                case (2, 2): second = request
                case (2, 3):
                    (held, isHeld) = (request, true)
                    progress.requestFailed(try #require(second), of: 0, ServiceError.tooLarge(limit: 1))
                default: rows.response(request, of: 0, &progress)
                }
            } else if let request = held {
                #expect(progress.nextToEncode(limit: 2) == nil, "one is still out")
                progress.requestFailed(request, of: 0, ServiceError.tooLarge(limit: 1))
                held = nil
            } else {
                break
            }
        }
        #expect(isHeld)
        #expect(progress.nextToEncode(limit: 2)?.walked.outcome.proof.distinctIDs == 5)
    }
}
