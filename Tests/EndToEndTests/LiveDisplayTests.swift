import Foundation
import SampleAPI
import SystemPackage
import Testing

/// What a run shows on a terminal, and elsewhere.
@Suite struct LiveDisplayTests {
    private static let pipeline = """
        version: 1
        name: weeks
        window: { from: 2026-03-01, to: 2026-05-01, every: week }
        destination: out
        """

    /// Runs the command on a terminal of its own, 70 columns wide; gives all that it wrote to it.
    private func onTerminal(
        _ arguments: String..., in folder: TemporaryFolder, _ endpoint: String, _ environment: [String: String] = [:]
    ) async throws -> String {
        let script = """
            import fcntl, os, pty, struct, sys, termios
            process, terminal = pty.fork()
            if process == 0:
                fcntl.ioctl(2, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 70, 0, 0))
                os.execv(sys.argv[1], sys.argv[1:])
            while True:
                try: got = os.read(terminal, 65536)
                except OSError: break
                if not got: break
                os.write(1, got)
            sys.exit(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]))
            """
        let outcome = try await Command.run(
            "/usr/bin/python3", ["-c", script, Command.binary.string] + arguments, in: folder, endpoint: endpoint, key: Sample.key,
            environment: ["TERM": "xterm", "LANG": "C.UTF-8"].merging(environment) { $1 })
        #expect(outcome.status == 0, "\(outcome.testDescription)")
        return outcome.output
    }

    @Test("on a terminal three lines are drawn again and again, and are gone at the end; warnings and the summary stay")
    func live() async throws {
        var configuration = SampleService.Configuration()
        configuration.latency = .milliseconds(100)
        try await withSampleService(configuration, dataset: SampleDataset(rows: 1500)) { endpoint, _ in
            try await TemporaryFolder.with { folder in
                try folder.write(Self.pipeline, to: "p.yml")
                let text = try await onTerminal("run", "p.yml", in: folder, endpoint)
                let drawn = text.components(separatedBy: "\u{1B}[?2026h").dropFirst()
                #expect(drawn.count > 1)
                #expect(drawn.allSatisfy { $0.contains("of 10 windows") })
                #expect(text.contains("\u{1B}[1mweeks\u{1B}[0m"))
                // The block is cleared before the summary.
                let end = try #require(text.components(separatedBy: "\u{1B}[J").last)
                #expect(end.contains("weeks: 10 windows: 10 committed"), "\(end)")
                #expect(!end.contains("\u{1B}"))
                let plain = try await onTerminal("run", "p.yml", "--force", in: folder, endpoint, ["NO_COLOR": "1"])
                #expect(plain.contains("of 10 windows") && !plain.contains("\u{1B}[1m"))
            }
        }
    }

    @Test("where lines are asked for, or lines for machines, nothing is drawn; nor with less")
    func plain() async throws {
        try await withSampleService(dataset: SampleDataset(rows: 400)) { endpoint, _ in
            try await TemporaryFolder.with { folder in
                try folder.write(Self.pipeline, to: "p.yml")
                let plain = try await onTerminal("run", "p.yml", "--progress", "plain", in: folder, endpoint)
                #expect(plain.contains("2026-W10  proved") && !plain.contains("\u{1B}"), "\(plain)")
                let json = try await onTerminal("run", "p.yml", "--force", "--log-format", "json", in: folder, endpoint)
                let lines = try json.split(whereSeparator: \.isNewline).map {
                    try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
                }
                let windows = lines.compactMap { ($0["fields"] as? [String: String])?["window"] }
                #expect(windows.count == 10)
                let none = try await onTerminal("run", "p.yml", "--force", "--progress", "none", in: folder, endpoint)
                #expect(!none.contains("proved") && none.contains("10 committed") && !none.contains("\u{1B}"))
                #expect(try await onTerminal("run", "p.yml", "--force", "--quiet", in: folder, endpoint).isEmpty)
                #expect(try await !onTerminal("run", "p.yml", "--force", in: folder, endpoint, ["TERM": "dumb"]).contains("\u{1B}"))
                let asked = try await Command.run("run", "p.yml", "--force", "--progress", "live", in: folder, endpoint: endpoint)
                #expect(asked.errors.contains("\u{1B}[?2026h"))
            }
        }
    }
}
