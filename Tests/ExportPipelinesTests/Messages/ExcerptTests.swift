import ExportCore
import Testing

@testable import ExportPipelines

@Suite struct ExcerptTests {
    private func explained(_ source: String) throws -> String {
        do throws(PipelineProblems) {
            _ = try PipelineLoader(environment: [:], now: .init(seconds: 1_790_000_000)).load(source, file: "p.yml")
            return ""
        } catch {
            return error.explained(source: source, file: "p.yml")
        }
    }

    private let top = "version: 1\ndestination: out\n"

    @Test("a mistake is shown in its line, with a mark below what is wrong")
    func marked() throws {
        #expect(
            try explained(top + "fetch:\n\tpage_size: 1\n").contains("p.yml:4:1: error: ")
                && explained(top + "fetch:\n  page_size: 101\n") == """
                    p.yml:4:14: error: fetch.page_size must be a whole number from 1 to 100, but is "101"
                        4 |   page_size: 101
                          |              ^^^
                    """
        )
        #expect(
            try explained(top + "filters: { devise: mobile }\r\n") == """
                p.yml:3:12: error: unknown filter "devise"; did you mean "device"?
                    3 | filters: { devise: mobile }
                      |            ^^^^^^
                """)
    }

    @Test("of a long line the part around the mistake is shown")
    func long() throws {
        let text = try explained(
            top
                + "filters: { name: \"\(String(repeating: "x", count: 200))\", devise: m, y: \(String(repeating: "z", count: 200)) }\n"
        )
        let lines = text.split(separator: "\n")
        #expect(lines.count == 6 && lines.allSatisfy { $0.count <= 130 })
        let (line, mark) = (Array(lines[1]), Array(lines[2]))
        let at = try #require(mark.firstIndex(of: "^"))
        #expect(String(line[at..<at + 6]) == "devise")
    }

    @Test("a line that could hold a key is not shown, nor one of the command line")
    func secrets() throws {
        for source in ["source: { api_key: s3cr3t, detial: full }\n", "source: { endpoint: ags_1234, detial: full }\n"] {
            let text = try explained(top + source)
            #expect(
                text.contains("detial") && !text.contains("s3cr3t") && !text.contains("1234") && !text.contains(" | "), "\(text)")
        }
        do throws(PipelineProblems) {
            _ = try PipelineLoader(environment: [:], now: .init(seconds: 0))
                .load(top, file: "p.yml", overrides: .init(settings: ["fetch.page_size=101"]))
        } catch {
            #expect(!error.explained(source: top, file: "p.yml").contains(" | "))
        }
    }
}
