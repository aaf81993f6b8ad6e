import ExportCore
import ExportPipelines
import Testing

@Suite struct DiagnosticsTests {
    @Test("five mistakes in one file are all shown, each at its line and column")
    func fiveMistakes() throws {
        let text = """
            version: 1
            filters:
              devise: mobile
            window:
              from: yesterdy
              timezone: Europe/Zagrib
            fetch:
              concurency: 4
            destination: out
            outputs:
              - format: cvs
            """
        let error = try #require(throws: PipelineProblems.self) { try plan(text) }
        #expect(error.problems.map { [$0.line, $0.column] } == [[3, 3], [5, 9], [6, 13], [8, 3], [11, 13]])
        #expect(error.problems.map(\.text) == ["devise", "yesterdy", "Europe/Zagrib", "concurency", "cvs"])
        #expect(
            error.problems.map(\.suggestion) == [
                "did you mean \"device\"?", "did you mean \"yesterday\"?", "did you mean \"Europe/Zagreb\"?",
                "did you mean \"concurrency\"?", "did you mean \"csv\"?",
            ])
        #expect(error.problems.allSatisfy { $0.file == "x.yml" })
        #expect(error.description.split(separator: "\n").count == 5)
    }

    @Test("a text of nothing is told how to begin")
    func nothing() throws {
        #expect(
            try complaints("") == [
                "x.yml:1:1: error: the file is empty; agentsight-export init FILE writes one to start from"
            ])
    }

    @Test("columns count characters of any script, and line ends of any system")
    func columns() throws {
        let head = try complaints("version: 1\r\ndestination: out\r\nfilters: { name: žć, devise: x }\r\n")
        #expect(head == ["x.yml:3:22: error: unknown filter \"devise\"; did you mean \"device\"?"])
        #expect(try complaints("\u{FEFF}\(smallest)").isEmpty)
    }

    @Test("a problem is one line, and steers no terminal, whatever was typed")
    func oneLine() throws {
        let lines =
            try complaints(smallest + "filters: { metadata: { \"a\\n\\e[2Jb\": [] } }\n")
            + complaints(smallest, .init(settings: ["window.from\u{1B}[2J=a\nb: c", "fetch.rate\n\u{7F}"]))
        #expect(lines.count == 3)
        #expect(lines.allSatisfy { !$0.unicodeScalars.contains { $0.properties.generalCategory == .control } })
    }

    @Test("a flood of aliases is refused before it is unfolded")
    func aliases() throws {
        var text = "a0: &a0 [x]\n"
        for level in 1...40 {
            text += "? [*a\(level - 1), *a\(level - 1)]\n: &a\(level) { ? [*a\(level - 1), *a\(level - 1)] : 1 }\n"
        }
        let lines = try complaints(text)
        #expect(lines.count == 1)
        #expect(
            lines.first?.hasSuffix("anchors and aliases are not supported in pipeline files; repeat the value where it is needed")
                == true)
    }

    @Test("what is nested without end is refused", arguments: [("[", 900), ("- ", 900), ("{a: ", 900), ("[", 100_000)])
    func nesting(_ opening: String, _ depth: Int) throws {
        let text = smallest + "outputs: \n  " + String(repeating: opening, count: depth)
        #expect(try !complaints(text).isEmpty)
    }

    @Test("a value that came from the environment is not shown")
    func environmentIsPrivate() throws {
        let text = smallest + "name: ${SECRET}\nwindow: { from: today, timezone: \"${ZONE}\" }\n"
        let lines = try complaints(text, environment: ["SECRET": "open sesame", "ZONE": "Europe/Londn"])
        #expect(lines.count == 2)
        #expect(lines.allSatisfy { !$0.contains("sesame") && !$0.contains("Lond") && $0.contains("${") })
    }

    @Test("a long text is cut and control characters are made visible")
    func longText() throws {
        let lines = try complaints(smallest + "name: \"\(String(repeating: "a", count: 500))\\u001b[31m\"\n")
        #expect(lines.count == 1)
        #expect(lines.allSatisfy { $0.count < 250 && !$0.contains("\u{1b}") })
    }

    @Test(
        "a variable that a file names and that is no UTF-8 is refused by its name; one that it does not name is nobody's business")
    func unreadableVariable() throws {
        let loader = PipelineLoader(environment: ["GOOD": "x"], unreadable: ["DEST"], now: try at(noon))
        func lines(_ text: String) throws -> [String] {
            do throws(PipelineProblems) { _ = try loader.load(text, file: "x.yml") } catch {
                return error.problems.map(\.description)
            }
            return []
        }
        #expect(
            try lines("version: 1\ndestination: ${DEST}\n") == [
                "x.yml:2:14: error: the environment variable \"DEST\" is not UTF-8 text; give it a value in UTF-8"
            ])
        #expect(try lines("version: 1\ndestination: ${GOOD}\n") == [])
    }

    @Test("of very many problems a hundred are shown, and how many more there are")
    func veryMany() throws {
        let text = smallest + (0..<20_000).map { "key\($0): 1\n" }.joined()
        let error = try #require(throws: PipelineProblems.self) { try plan(text) }
        #expect(error.problems.count == 100 && error.more == 19_900)
        for shown in [error.description, error.explained(source: text, file: "x.yml")] {
            #expect(shown.hasSuffix("\nerror: 19900 more problems are not shown; fix these first"))
        }
        let few = try #require(throws: PipelineProblems.self) { try plan(smallest + (0..<101).map { "key\($0): 1\n" }.joined()) }
        #expect(few.description.hasSuffix("\nerror: 1 more problem is not shown; fix these first"))
        let hundred = try #require(throws: PipelineProblems.self) {
            try plan(smallest + (0..<100).map { "key\($0): 1\n" }.joined())
        }
        #expect(hundred.more == 0 && hundred.explained(source: "", file: "x.yml").split(separator: "\n").count == 100)
    }

    /// Pipeline files of 5,000 of something, and whether they are right. Compared each with each they would take minutes.
    private static let large: [(String, isRight: Bool)] = {
        func lines(_ line: (Int) -> String) -> String { (0..<5_000).map { line($0) + "\n" }.joined() }
        let daily = smallest + "window: { from: 2026-11-01, to: 2026-11-02, every: day }\n"
        return [
            (daily + "outputs:\n" + lines { "  - { path: 'a\($0)/{date}.gz' }" }, true),
            (daily + "outputs:\n" + lines { "  - { path: '{date}/\($0)' }" }, true),
            (daily + "outputs:\n" + lines { _ in "  - { path: '{date}' }" }, false),
            (daily + "outputs:\n  - format: csv\n    path: '{date}'\n    columns:\n" + lines { "      - metadata.k\($0)" }, true),
            (daily + "outputs:\n  - format: csv\n    path: '{date}'\n    columns:\n" + lines { "      - field\($0)" }, false),
            (daily + "filters:\n  metadata:\n" + lines { "    k\($0): v" }, true),
            (daily + "filters:\n  extra:\n" + lines { "    k\($0): v" }, true),
            (daily + "source:\n  allow_http:\n" + lines { "    - h\($0)" }, true),
            (daily + "fetch:\n" + lines { "  setting\($0): 1" }, false),
            (daily + "fetch: {" + (0..<5_000).map { "s\($0): 1" }.joined(separator: ", ") + "}\n", false),
        ]
    }()

    @Test(
        "thousands of outputs, columns, filters, hosts or unknown settings are read, or refused, in a second or two",
        .timeLimit(.minutes(1)),
        arguments: large)
    func quick(text: String, isRight: Bool) throws {
        do throws(PipelineProblems) {
            let plan = try PipelineLoader(environment: [:], now: Instant(seconds: 1_793_700_000)).load(text, file: "x.yml")
            #expect(isRight && plan.windows.count == 1)
        } catch {
            #expect(!isRight)
            #expect(error.explained(source: text, file: "x.yml").utf8.count < 100_000)
        }
    }
}
