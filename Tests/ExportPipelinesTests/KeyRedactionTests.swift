import ExportCore
import ExportPipelines
import Testing

@Suite struct KeyRedactionTests {
    private static let key = "ags_0123456789abcdef0123456789abcdef_0a1b2c"

    @Test(
        "a key that was pasted into a file is never repeated",
        arguments: [
            "source: { api_key: KEY }", "source: { api_key: \"KEY\" }", "source: { api_key: [KEY] }",
            "source: { api_key: { KEY: 1 } }",
            "source: { api_key: prefix-KEY }", "source: { apikey: KEY }", "source: KEY", "source: [KEY]", "source: { KEY: x }",
            "source: { api_key_file: KEY }", "source: { api_key: ${KEY} x }", "source: { endpoint: \"https://KEY@host\" }",
            "source: { endpoint: \"https://host/KEY\" }", "source: { endpoint: \"http://KEY\" }", "source: { stream: KEY }",
            "name: \"KEY !\"",
            "name: ${KEY}", "KEY: x", "filters: { KEY: x }", "filters: { metadata: KEY }", "filters: { metadata: { KEY: [] } }",
            "filters: { extra: { KEY: [] } }", "fetch: { rate: KEY }", "outputs: [{ path: \"{KEY}\" }]",
            "outputs: [{ columns: [KEY] }]",
            "window: { from: KEY }", "name: !KEY x", "KEY: [", "KEY: 1\nKEY: 2",
        ])
    func pasted(_ line: String) throws {
        let text = smallest + line.replacing("KEY", with: Self.key) + "\n"
        let error = try #require(throws: PipelineProblems.self) { try plan(text) }
        #expect(!String(describing: error).contains("0123456789abcdef"))
        #expect(error.problems.allSatisfy { $0.text?.contains("0123456789abcdef") != true })
    }

    @Test("a key that is not of the usual form is not repeated either, where keys stand")
    func unusual() throws {
        for line in [
            "source: { api_key: hunter2 }", "source: { api_key: [hunter2] }", "source: { apikey: hunter2 }", "source: hunter2",
            "source: { api_key: !hunter2 }", "source: { api_key: [!hunter2 x] }", "source: !hunter2", "api_key: !hunter2",
        ] {
            let lines = try complaints(smallest + line + "\n")
            #expect(!lines.isEmpty)
            #expect(lines.allSatisfy { !$0.contains("hunter2") })
            let error = try #require(throws: PipelineProblems.self) { try plan(smallest + line + "\n") }
            #expect(error.problems.allSatisfy { $0.text?.contains("hunter2") != true }, "\(line)")
        }
    }

    @Test(
        "a key that was typed after --set is never repeated",
        arguments: [
            "source.api_key=KEY", "source.api_key=hunter2", "source.api_key=!hunter2", "source=!hunter2", "source.apikey=hunter2",
            "source={api_key: hunter2}", "fetch.rate=KEY",
            "KEY",
            "KEY=1", "source.endpoint=https://me:hunter2@host",
        ])
    func set(_ setting: String) throws {
        let setting = setting.replacing("KEY", with: Self.key)
        let lines = try complaints(smallest, .init(settings: [setting]))
        #expect(!lines.isEmpty)
        #expect(lines.allSatisfy { !$0.contains("hunter2") && !$0.contains("0123456789abcdef") })
    }

    @Test("the key of the environment is never read, so it can be missing, and it is in no plan")
    func environment() throws {
        let text = smallest + "source: { api_key: \"${MY_KEY}\" }\n"
        #expect(try plan(text).source.key == .environment(variable: "MY_KEY"))
        let plan = try plan(text, environment: ["MY_KEY": Self.key])
        #expect(!String(describing: plan).contains("0123456789abcdef"))
    }

    @Test("a mark behind a part of a key, as behind the marks of an address, hides neither", arguments: ["\u{301}", "\u{20DD}"])
    func marks(mark: String) throws {
        for text in ["ags_\(mark)0123456789abcdef", "AGS_\(mark)0123456789abcdef", "ags_0123456789abcdef\(mark)"] {
            for line in try complaints(smallest + "window: { from: \"x \(text)\" }\n")
                + complaints(smallest, .init(settings: ["name.\(text)=1"]))
            {
                #expect(!line.unicodeScalars.map(String.init).joined(separator: " ").contains("0 1 2 3 4 5"), "\(line)")
            }
        }
        let lines = try complaints(smallest, .init(settings: ["source.endpoint=https://me:hunter2@\(mark)host"]))
        #expect(!lines.isEmpty && lines.allSatisfy { !$0.contains("hunter2") }, "\(lines)")
    }
}
