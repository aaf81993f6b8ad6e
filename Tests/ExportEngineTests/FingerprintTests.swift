import ExportCore
import Testing

@testable import ExportEngine

@Suite struct FingerprintTests {
    private let plan = ExportPlan(
        pipeline: "p",
        source: Source(
            endpoint: "http://a", key: .environment(variable: "K"), stream: .conversations, detail: .full, insecureHosts: []),
        filters: Filters(values: [.device: "mobile"]), windowing: Windowing(every: .day, timezone: "UTC"),
        windows: [],
        fetch: FetchSettings(), destination: .folder("x"),
        outputs: [
            Output(
                table: .conversations, format: .ndjson, compression: .gzip(level: nil), path: "x", columns: nil, dialect: .warehouse
            )
        ])

    @Test(
        "what changes what is written changes the fingerprint",
        arguments: [
            { $0.filters.values[.device] = "tablet" }, { $0.filters.onlyDeleted = true },
            { $0.filters.extra = [.init(name: "a", value: "b")] },
            { $0.filters.metadata = [.init(key: "a", value: "b")] }, { $0.source.detail = .lean }, { $0.windowing.every = .week },
            { $0.windowing.timezone = "Europe/Zagreb" }, { $0.outputs[0].format = .csv },
            { $0.outputs[0].compression = .gzip(level: 9) },
            { $0.outputs[0].path = "y" }, { $0.outputs[0].columns = [.rest] }, { $0.outputs[0].dialect = .spreadsheet },
            { $0.outputs.append($0.outputs[0]) }, { $0.outputs[0].format = .parquet },
            { $0.outputs[0].privacy.exclude = [["a"]] }, { $0.outputs[0].privacy.hash = [["a"]] },
        ] as [@Sendable (inout ExportPlan) -> Void])
    func changes(change: @Sendable (inout ExportPlan) -> Void) throws {
        var changed = plan
        change(&changed)
        #expect(try changed.fingerprint != plan.fingerprint)
    }

    @Test("a plan that hides nothing has the fingerprint of a version that knew no such thing")
    func unchanged() throws {
        #expect(try plan.fingerprint == "sha256:4a3a797b5ed0998fe35fca05983db097ac23ea565ee0a79d7dd9d814605aa2aa")
    }

    @Test("another key of hashes is another fingerprint, and the order of what is hidden is not")
    func privacy() throws {
        var (first, second) = (plan, plan)
        first.outputs[0].privacy = Privacy(exclude: [["a"], ["b"]], hash: [["c"]], key: HashKey(String(repeating: "k", count: 32)))
        second.outputs[0].privacy = Privacy(
            exclude: [["b"], ["a"]], hash: [["c"]], key: HashKey(String(repeating: "k", count: 32)))
        #expect(try first.fingerprint == second.fingerprint)
        second.outputs[0].privacy.key = HashKey(String(repeating: "l", count: 32))
        #expect(try first.fingerprint != second.fingerprint)
    }

    @Test(
        "how it is fetched, from where and over which span does not",
        arguments: [
            { $0.source.endpoint = "http://b" }, { $0.fetch.concurrency = 1 }, { $0.fetch.walk = .pages },
            { $0.windowing.again = .endingAfter(Instant(seconds: 0)) }, { $0.destination = .folder("y") },
            { $0.windows = [Window(key: "all", range: TimeRange(start: nil, end: Instant(seconds: 0)), paths: ["x"])] },
        ] as [@Sendable (inout ExportPlan) -> Void])
    func keeps(change: @Sendable (inout ExportPlan) -> Void) throws {
        var changed = plan
        change(&changed)
        #expect(try changed.fingerprint == plan.fingerprint)
        #expect(try plan.fingerprint.hasPrefix("sha256:"))
    }

    @Test("a change of the outputs leaves the query's part as it is, and one of the query that of the outputs")
    func parts() throws {
        let before = try plan.fingerprints
        var outputs = plan
        outputs.outputs[0].columns = [.rest]
        #expect(try outputs.fingerprints.query == before.query && outputs.fingerprints.outputs != before.outputs)
        var query = plan
        query.filters.values[.device] = "tablet"
        #expect(try query.fingerprints.query != before.query && query.fingerprints.outputs == before.outputs)
    }

    @Test(
        "settings that say the same have the same query part",
        arguments: [
            Synonyms({ $0.filters.values[.environment] = "prod" }, { $0.filters.values[.environment] = "production" }),
            Synonyms({ $0.filters.values[.environment] = "dev" }, { $0.filters.values[.environment] = "development" }),
            Synonyms({ _ in }, { $0.filters.values[.includeDeleted] = "false" }),
            Synonyms(
                { $0.filters.onlyDeleted = true },
                { ($0.filters.onlyDeleted, $0.filters.values[.includeDeleted]) = (true, "true") }),
            Synonyms(
                { $0.filters.metadata = [.init(key: "a", value: "1"), .init(key: "b", value: "2")] },
                { $0.filters.metadata = [.init(key: "b", value: "2"), .init(key: "a", value: "1")] }),
            Synonyms(
                { $0.filters.extra = [.init(name: "a", value: "1"), .init(name: "b", value: "2")] },
                { $0.filters.extra = [.init(name: "b", value: "2"), .init(name: "a", value: "1")] }),
            Synonyms({ _ in }, { $0.windowing.timezone = "Etc/UTC" }),
            Synonyms(
                { ($0.windowing.every, $0.windowing.timezone) = (.all, "Europe/Zagreb") },
                { ($0.windowing.every, $0.windowing.timezone) = (.all, "UTC") }),
        ])
    fileprivate func synonyms(synonyms: Synonyms) throws {
        var (left, right) = (plan, plan)
        synonyms.first(&left)
        synonyms.second(&right)
        #expect(try left.fingerprints.query == right.fingerprints.query)
    }

    @Test("rows that are kept beside the outputs change no fingerprint")
    func keptRows() throws {
        var csv = plan
        csv.outputs[0].format = .csv
        var keeping = csv
        keeping.keepsRows = true
        #expect(keeping.keepingRows.outputs.count == 2)
        #expect(try keeping.keepingRows.fingerprint == csv.fingerprint && keeping.keepingRows.fingerprints == csv.fingerprints)
    }
}

/// Two ways to say the same.
private struct Synonyms: Sendable {
    let first: @Sendable (inout ExportPlan) -> Void
    let second: @Sendable (inout ExportPlan) -> Void

    init(_ first: @escaping @Sendable (inout ExportPlan) -> Void, _ second: @escaping @Sendable (inout ExportPlan) -> Void) {
        (self.first, self.second) = (first, second)
    }
}
