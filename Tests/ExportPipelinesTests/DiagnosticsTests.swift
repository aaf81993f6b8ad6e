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
                "x.yml:1:1: error: the file declares nothing; agentsight-export init writes one to begin with"
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
            lines.first?.hasSuffix("anchors and aliases are not read in a pipeline file; write the value out where it is needed")
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
}
