import ExportAPI
import ExportCore
import ExportFormats
import ExportStore
import Foundation
import Testing

@testable import ExportEngine

@Suite struct RunProgressTests {
    private static let windows = (0..<6).map { day in
        Window(
            key: "\(day)", range: TimeRange(start: Instant(seconds: day * 86_400), end: Instant(seconds: (day + 1) * 86_400)),
            paths: ["\(day)"])
    }

    private func progress(concurrency: Int, pageSize: Int = 100, isSequential: Bool = false) -> RunProgress {
        var fetch = FetchSettings()
        fetch.concurrency = concurrency
        fetch.pageSize = pageSize
        let plan = ExportPlan(
            pipeline: "p",
            source: Source(
                endpoint: "http://a", key: .environment(variable: "K"), stream: .conversations, detail: .full, insecureHosts: []),
            filters: Filters(), windowing: Windowing(every: .day, timezone: "UTC", againAfter: nil), windows: Self.windows,
            fetch: fetch, destination: .folder("x"),
            outputs: [
                Output(
                    table: .conversations, format: .ndjson, compression: .none, path: "x", columns: nil, dialect: .warehouse)
            ])
        let columns = ColumnPlan(plan.outputs, detail: plan.source.detail, catalog: ColumnCatalog())
        return RunProgress(plan: plan, due: Self.windows, columns: columns, stored: columns.catalog, isSequential: isSequential)
    }

    private func receiveNothing(_ request: (window: Int, WalkRequest), _ progress: inout RunProgress) {
        let page = FetchedPage(answer: ListAnswer(count: 0, hasNext: false, rows: []), rows: [], ends: [], keys: [])
        progress.receive(page, requests: 1, for: request.1, of: request.window) { _ in throw CancellationError() }
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
        progress.encoded(1, [])
        #expect(progress.nextToCommit() == nil)
        progress.encoded(0, [])
        #expect(progress.nextToCommit()?.window == 0)
        #expect(progress.nextToCommit() == nil, "one at a time")
    }

    // MARK: Ahead of the proof

    /// Windows of more rows than a page has, one after the other, until only the count of the first is awaited.
    private func awaitingCount(isSequential: Bool = false) throws -> (RunProgress, count: WalkRequest, Rows) {
        var progress = progress(concurrency: 1, pageSize: 2, isSequential: isSequential)
        let rows = try Rows()
        while let (window, request) = progress.nextRequest(resuming: { _ in nil }) {
            if request.query.isCount, request.query.ordering == .startedAt { return (progress, request, rows) }
            rows.answer(request, of: window, &progress)
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

        deinit { try? FileManager.default.removeItem(at: folder) }

        func answer(_ request: WalkRequest, of window: Int, _ progress: inout RunProgress) {
            let query = request.query
            var found = instants.enumerated().map { RowKey(startedAt: $1, id: Int64($0)) }
                .filter { (query.after ?? $0.startedAt) <= $0.startedAt && $0.startedAt <= query.before }
            if query.ordering == .newestFirst { found.reverse() }
            let page = query.isCount && query.ordering == .startedAt ? [] : Array(found.prefix(query.pageSize))
            progress.receive(
                FetchedPage(
                    answer: ListAnswer(count: found.count, hasNext: found.count > page.count, rows: page),
                    rows: page.flatMap { _ in Array("{}\n".utf8) }, ends: page.indices.map { 3 * ($0 + 1) }, keys: []),
                requests: 1, for: request, of: window
            ) { try spools.makeSpool(for: $0, fingerprint: "f") }
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
        #expect(written?.1.outcome.proof.distinctIDs == 3)
        #expect(progress.nextToEncode(limit: 2) == nil, "once")
        if isWrittenFirst { progress.encoded(0, Self.files) }
        #expect(progress.nextToCommit() == nil, "nothing is proved")
        rows.answer(count, of: 0, &progress)
        #expect(progress.nextToEncode(limit: 2) == nil, "not again")
        if !isWrittenFirst {
            #expect(progress.nextToCommit() == nil, "nothing is written")
            progress.encoded(0, Self.files)
        }
        let commit = progress.nextToCommit()
        #expect(commit?.window == 0)
        #expect(commit?.1.outcome.isProved == true)
        #expect(commit?.2 == Self.files)
    }

    @Test("what was written ahead of a count that disagrees is written anew, and not before the first is done")
    func notAsPresumed() throws {
        var (progress, count, rows) = try awaitingCount()
        #expect(progress.nextToEncode(limit: 2)?.window == 0)
        rows.instants.append(Instant(seconds: 60))
        rows.answer(count, of: 0, &progress)
        while let (window, request) = progress.nextRequest(resuming: { _ in nil }), window == 0 {
            rows.answer(request, of: 0, &progress)
        }
        #expect(progress.nextToEncode(limit: 2) == nil, "the first is under way")
        progress.encoded(0, Self.files)
        #expect(progress.nextToCommit() == nil)
        let written = progress.nextToEncode(limit: 2)
        #expect(written?.window == 0)
        #expect(written?.1.outcome.proof.distinctIDs == 4)
        #expect(written?.isAnew == true)
        progress.encoded(0, Self.files)
        #expect(progress.nextToCommit()?.1.outcome.proof.distinctIDs == 4)
    }

    @Test("a window that fails while it is written ahead is told of once, and holds nothing up", arguments: [1, 2])
    func failsAhead(limit: Int) throws {
        var (progress, count, rows) = try awaitingCount()
        #expect(progress.nextToEncode(limit: limit)?.window == 0)
        progress.requestFailed(count, of: 0, ServiceError.tooLarge(limit: 1))
        #expect((progress.nextToEncode(limit: limit)?.window, progress.nextToCommit()?.window) == (nil, nil))
        while let (window, request) = progress.nextRequest(resuming: { _ in nil }), window == 1 {
            rows.answer(request, of: 1, &progress)
        }
        if limit == 1 {
            #expect(progress.nextToEncode(limit: limit) == nil, "one is still under way")
            progress.encoded(0, Self.files)
        }
        #expect(progress.nextToEncode(limit: limit)?.window == 1)
        progress.encoded(1, Self.files)
        #expect(progress.nextToCommit()?.window == 1)
        #expect(progress.summary.failed == 1)
        #expect(progress.failures.map(\.window) == ["0"])
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
    }

    @Test("nothing goes into a stream before it is proved")
    func stream() throws {
        var (progress, count, rows) = try awaitingCount(isSequential: true)
        #expect(progress.nextToEncode(limit: 1) == nil)
        rows.answer(count, of: 0, &progress)
        #expect(progress.nextToEncode(limit: 1)?.window == 0)
    }
}
