import ExportCore
import ExportFormats
import ExportStore
import Testing

@testable import ExportEngine

@Suite struct RunProgressTests {
    private static let windows = (0..<6).map { day in
        Window(
            key: "\(day)", range: TimeRange(start: Instant(seconds: day * 86_400), end: Instant(seconds: (day + 1) * 86_400)),
            paths: ["\(day)"])
    }

    private func progress(concurrency: Int) -> RunProgress {
        var fetch = FetchSettings()
        fetch.concurrency = concurrency
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
        return RunProgress(plan: plan, due: Self.windows, columns: columns, stored: columns.catalog, isSequential: false)
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
}
