import FuzzKit
import Testing

@Suite("Independent implementations agree with the product on inputs made by chance; `make fuzz` tries many more")
struct FuzzTests {
    private static let counts = ["json": 800, "pages": 400, "rows": 300, "gzip": 80, "windows": 80, "pipelines": 150, "text": 40]

    @Test("nothing is read, written or cut otherwise", arguments: counts.keys.sorted())
    func agreement(_ name: String) throws {
        let target = try #require(try FuzzTargets.all().first { $0.name == name })
        let report = try FuzzRun(oracle: Oracle(), seed: 1).run(target, count: Self.counts[name] ?? 0)
        #expect(report.inputs == Self.counts[name])
        for finding in report.findings {
            Issue.record("\(finding.words)\n\(String(decoding: finding.input, as: UTF8.self))")
        }
    }

    @Test("every target is tried")
    func targets() throws {
        #expect(Set(try FuzzTargets.all().map(\.name)) == Set(Self.counts.keys))
    }
}
