import Foundation
import SampleAPI
import Testing

/// What a run shows on a terminal, and elsewhere.
@Suite struct LiveDisplayTests {
    private static let pipeline = """
        version: 1
        name: weeks
        window: { from: 2026-03-01, to: 2026-05-01, every: week }
        destination: out
        """

    @Test("on a terminal three lines are drawn again and again, and are gone at the end; warnings and the summary stay")
    func live() async throws {
        var configuration = SampleService.Configuration()
        configuration.latency = .milliseconds(100)
        try await withSampleService(configuration, dataset: SampleDataset(rows: 1500)) { endpoint, _ in
            try await TemporaryFolder.with { folder in
                try folder.write(Self.pipeline, to: "p.yml")
                let text = try await Command.onTerminal("run", "p.yml", in: folder, endpoint: endpoint)
                let drawn = text.components(separatedBy: "\u{1B}[?2026h").dropFirst()
                #expect(drawn.count > 1)
                #expect(drawn.allSatisfy { $0.contains("of 10 windows") })
                #expect(text.contains("\u{1B}[1mweeks\u{1B}[0m"))
                // The block is cleared before the summary.
                let end = try #require(text.components(separatedBy: "\u{1B}[J").last)
                #expect(end.contains("weeks: 10 windows: 10 committed"), "\(end)")
                #expect(!end.contains("\u{1B}"))
                let plain = try await Command.onTerminal(
                    "run", "p.yml", "--force", in: folder, endpoint: endpoint, environment: ["NO_COLOR": "1"])
                #expect(plain.contains("of 10 windows") && !plain.contains("\u{1B}[1m"))
            }
        }
    }

    @Test("where lines are asked for, or lines for machines, nothing is drawn; nor with less")
    func plain() async throws {
        try await withSampleService(dataset: SampleDataset(rows: 400)) { endpoint, _ in
            try await TemporaryFolder.with { folder in
                try folder.write(Self.pipeline, to: "p.yml")
                let plain = try await Command.onTerminal("run", "p.yml", "--progress", "plain", in: folder, endpoint: endpoint)
                #expect(plain.contains("2026-W10  proved") && !plain.contains("\u{1B}"), "\(plain)")
                let json = try await Command.onTerminal(
                    "run", "p.yml", "--force", "--log-format", "json", in: folder, endpoint: endpoint)
                let lines = try json.split(whereSeparator: \.isNewline).map {
                    try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
                }
                let windows = lines.compactMap { ($0["fields"] as? [String: String])?["window"] }
                #expect(windows.count == 10)
                // Rows and what is drawn would stand over each other; escapes and JSON, too.
                let rows = try await Command.onTerminal("dump", "--from", "2026-03-01", in: folder, endpoint: endpoint)
                #expect(rows.contains("{\"id\":") && !rows.contains("\u{1B}"))
                let both = try await Command.run(
                    "run", "p.yml", "--force", "--progress", "live", "--log-format", "json", in: folder, endpoint: endpoint)
                #expect(both.status == 0 && !both.errors.contains("\u{1B}"))
                let none = try await Command.onTerminal(
                    "run", "p.yml", "--force", "--progress", "none", in: folder, endpoint: endpoint)
                #expect(!none.contains("proved") && none.contains("10 committed") && !none.contains("\u{1B}"))
                #expect(try await Command.onTerminal("run", "p.yml", "--force", "--quiet", in: folder, endpoint: endpoint).isEmpty)
                #expect(
                    try await !Command.onTerminal(
                        "run", "p.yml", "--force", in: folder, endpoint: endpoint, environment: ["TERM": "dumb"]
                    ).contains("\u{1B}"))
                let asked = try await Command.run("run", "p.yml", "--force", "--progress", "live", in: folder, endpoint: endpoint)
                #expect(asked.errors.contains("\u{1B}[?2026h"))
            }
        }
    }
}
