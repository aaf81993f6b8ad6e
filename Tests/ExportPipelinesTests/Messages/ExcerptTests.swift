import ExportCore
import Testing

@testable import ExportPipelines

@Suite struct ExcerptTests {
    private func explained(_ source: String, settings: [String] = []) throws -> String {
        do throws(PipelineProblems) {
            _ = try PipelineLoader(environment: [:], now: .init(seconds: 1_790_000_000))
                .load(source, file: "p.yml", overrides: .init(settings: settings))
            return ""
        } catch {
            return error.explained(source: source, file: "p.yml")
        }
    }

    private let top = "version: 1\ndestination: out\n"

    @Test(
        "a mistake is shown in its line, with a mark below what is wrong, among the names of settings",
        arguments: [
            ("fetch:\n  page_size: 101\n", "4 |   page_size: 101", "              ^^^"),
            ("filters: { devise: mobile }\r\n", "3 | filters: { devise: … }", "            ^^^^^^"),
            (
                "fetch: {page_size: 7, rate: 900, walk: ranges}\n", "3 | fetch: {page_size: …, rate: 900, walk: …}",
                "                            ^^^"
            ),
            (
                "window: { from: last week, every: day } # why\n", "3 | window: { from: last week, every: …",
                "                ^^^^^^^^^"
            ),
        ])
    func marked(source: String, line: String, mark: String) throws {
        let lines = try explained(top + source).split(separator: "\n")
        #expect(lines.contains { $0.contains(line) }, "\(lines)")
        #expect(lines.contains { $0.hasSuffix(mark) }, "\(lines)")
    }

    @Test(
        "nothing else of a line is shown, wherever a secret may have been pasted",
        arguments: [
            "source: { api_key: s3cr3t, detial: full }\n", "source: { endpoint: ags_s3cr3t, detial: full }\n",
            "source:\n  api-key: wJs3cr3t\n", "destination: { url: s3://b, secret_access_key: wJs3cr3t }\n",
            "source: { endpoint: \"https://user:s3cr3t@host\", page_size: 4 }\n", "source: {api_key:\n  s3cr3t, bogus: 1}\n",
            "fetch: { page_size: 101 } # s3cr3t\n", "filters: { devise: 's3cr3t' }\n",
        ])
    func secrets(source: String) throws {
        let text = try explained("version: 1\n" + (source.contains("destination") ? "" : "destination: out\n") + source)
        #expect(!text.isEmpty && !text.contains("s3cr3t"), "\(text)")
    }

    @Test("what stands on the command line has no line")
    func overrides() throws {
        #expect(try !explained(top, settings: ["fetch.page_size=101"]).contains(" | "))
    }
}
