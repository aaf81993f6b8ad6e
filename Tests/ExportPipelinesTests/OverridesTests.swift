import ExportCore
import ExportPipelines
import Testing

@Suite struct OverridesTests {
    private let file = """
        version: 1
        destination: out
        filters:
          metadata: { analysis.sentiment: negative, tier: gold }
        window:
          from: 2026-10-01
          to: 2026-11-01
          lookback: 3d
        outputs:
          - format: ndjson

        """

    private func set(_ settings: String...) throws -> ExportPlan {
        try plan(file, .init(settings: settings))
    }

    @Test("--set replaces what is there and creates what is not")
    func set() throws {
        #expect(try set("fetch.concurrency=4").fetch.concurrency == 4)
        #expect(try set("outputs.0.format=csv").outputs.map(\.format) == [.csv])
        #expect(try set("outputs.1.format=csv").outputs.map(\.format) == [.ndjson, .csv])
        #expect(try set("outputs.0.columns=[id, name]").outputs.first?.columns?.count == 2)
        #expect(try set("filters.device=mobile").filters.values == [.device: "mobile"])
        #expect(try set("filters.customer_id=a=b").filters.values == [.customerID: "a=b"])
        #expect(try set("window={ from: 2026-10-31, to: today }").windows.count == 3)
        #expect(try set("name=a", "name=b").pipeline == "b")
        #expect(try set("source.detail=lean").source.detail == .lean)
    }

    @Test("--set reaches a key that has dots of its own")
    func dottedKey() throws {
        #expect(try set("filters.metadata.analysis.sentiment=positive").filters.metadata.map(\.value) == ["positive", "gold"])
        #expect(
            try set("filters.metadata.analysis.score=1").filters.metadata.map(\.key) == [
                "analysis.sentiment", "tier", "analysis.score",
            ])
    }

    @Test("--set to nothing takes the setting away", arguments: ["window.lookback=", "window.lookback=null", "window.lookback=~"])
    func unset(_ setting: String) throws {
        #expect(try plan(file).windowing.again != .never)
        #expect(try set(setting).windowing.again == .never)
    }

    @Test(
        "a mistake after --set is shown there, at its column",
        arguments: [
            (
                "fetch.concurency=4",
                "error: --set fetch.concurency=4: unknown key \"concurency\" in fetch; did you mean \"concurrency\"?"
            ),
            (
                "fetch.rate=fast",
                "error: --set fetch.rate=fast: fetch.rate must be a rate such as 15/s, 900/min or 50000/h, but is \"fast\""
            ),
            (
                "fetch={ walk: ranges, retries: x }",
                "error: --set fetch={ walk: ranges, retries: x }: fetch.retries must be a whole number from 0 to 50, but is \"x\""
            ),
            ("fetch.rate", "error: --set fetch.rate: --set takes a name and a value; write --set fetch.concurrency=4"),
            ("=4", "error: --set =4: --set takes a name and a value; write --set fetch.concurrency=4"),
            (
                "fetch..rate=1/s",
                "error: --set fetch..rate=1/s: --set takes a name and a value; write --set fetch.concurrency=4"
            ),
            (
                "destination.folder=x",
                "error: --set destination.folder=x: \"folder\" cannot be set, because its parent is text; name the setting itself"
            ),
            (
                "outputs.2.format=csv",
                "error: --set outputs.2.format=csv: \"2\" is not an index of a list of 1; 0 is the first; 1 appends one"
            ),
            (
                "outputs.format=csv",
                "error: --set outputs.format=csv: \"format\" is not an index of a list of 1; 0 is the first; 1 appends one"
            ),
        ])
    func mistakes(_ setting: String, _ line: String) throws {
        #expect(try complaints(file, .init(settings: [setting])) == [line])
    }

    @Test("a --set that is no YAML is shown there too")
    func notYAML() throws {
        let lines = try complaints(file, .init(settings: ["outputs.0.columns=[id"]))
        #expect(lines.count == 1)
        #expect(lines.first?.hasPrefix("error: --set outputs.0.columns=[id: this is not YAML: ") == true)
    }

    @Test("--from and --to narrow the span, in the pipeline's zone and windows")
    func narrow() throws {
        let windows = try plan(file, .init(from: "2026-10-30", to: "2026-10-31T12:00")).windows
        #expect(windows.map(\.key) == ["2026-10-30", "2026-10-31"])
        #expect(windows.last?.range.end == (try at("2026-10-31T12:00:00Z")))
        #expect(
            try plan(smallest + "window: { every: day }\n", .init(from: "yesterday")).windows.map(\.key) == [
                "2026-11-02", "2026-11-03",
            ])
        #expect(try plan(file, .init(from: "2026-10-01", to: "2026-11-01")).windows.count == 31)
    }

    @Test("a mistake after --from or --to is shown there")
    func boundMistakes() throws {
        #expect(
            try complaints(file, .init(from: "yesterdy")).first?.hasPrefix("error: --from must be a date (2024-01-01)")
                == true)
        #expect(
            try complaints(file, .init(from: "2026-10-20", to: "2026-10-10")) == [
                "error: --from: the span begins at 2026-10-20T00:00:00Z, after its end at 2026-10-10T00:00:00Z; "
                    + "the earlier time belongs in from, the later one in to"
            ])
        #expect(
            try complaints(file, .init(from: "2026-09-01", to: "today")) == [
                "error: --from can only narrow the pipeline's span, but \"2026-09-01\" is outside: the bound is "
                    + "2026-10-01T00:00:00Z; --set window.from=… replaces the bound",
                "error: --to can only narrow the pipeline's span, but \"today\" is outside: the bound is "
                    + "2026-11-01T00:00:00Z; --set window.to=… replaces the bound",
            ])
    }

    @Test("the file's problems come first, in the order of its lines")
    func order() throws {
        let lines = try complaints(file + "fetch:\n  rate: 1\nname: a b\n", .init(settings: ["fetch.retries=x"], from: "x"))
        #expect(lines.map { $0.prefix(12) } == ["x.yml:12:9: ", "x.yml:13:7: ", "error: --set", "error: --fro"])
    }
}
