import Foundation
import SampleAPI
import Testing

/// Loads from a destination that a run writes to, or that a run which was killed has left in the middle of a commit.
@Suite struct LoadBesideRunTests {
    private static let manifest = "out/_agentsight/windows/2026-03-29.json"

    /// Three days that are loaded, of which one has no manifest now, as while it is committed.
    private func withCommit(_ body: (TemporaryFolder) async throws -> Void) async throws {
        try await withSampleService(.init()) { endpoint, _ in
            try await TemporaryFolder.with { folder in
                try folder.write(LoadScene.pipeline(into: "postgres", client: "./psql service=dw"), to: "p.yml")
                try FakePsql.write(to: folder)
                let outcome = try await Command.run("run", "p.yml", "--load", in: folder, endpoint: endpoint)
                #expect(outcome.status == 0, "\(outcome.testDescription)")
                try folder.write(String(decoding: try folder.read(Self.manifest), as: UTF8.self), to: "manifest.json")
                try folder.remove(Self.manifest)
                try folder.write("", to: "sent.sql")
                try await body(folder)
            }
        }
    }

    /// Runs a command while a run is at work.
    private func load(_ options: String, in folder: TemporaryFolder) async throws -> Command.Outcome {
        try await Command.runScript(
            "exec 9>out/_agentsight/lock; flock 9; printf 'process 7 on host, run r' >&9; $COMMAND load p.yml \(options)",
            in: folder)
    }

    @Test("while a run is at work --prune changes nothing and ends with 75, and no window is called gone")
    func atWork() async throws {
        try await withCommit { folder in
            let pruned = try await load("--prune", in: folder)
            #expect(pruned.status == 75, "\(pruned.testDescription)")
            #expect(
                pruned.errors.contains("process 7 on host, run r. --prune removes nothing meanwhile"), "\(pruned.testDescription)")
            #expect(try FakePsql.sent(in: folder) == "", "the warehouse is not even asked")
            let loaded = try await load("--format json", in: folder)
            #expect(loaded.status == 0, "\(loaded.testDescription)")
            let answer = try JSONDecoder().decode(LoadScene.Answer.self, from: Data(loaded.output.utf8))
            #expect(answer.windows.map(\.state) == [String](repeating: "unchanged", count: 6))
            #expect(answer.windows[2].reason?.contains("a run is at work") == true)
            let verified = try await load("--verify", in: folder)
            #expect(verified.status == 75, "\(verified.testDescription)")
        }
    }

    @Test("a window that a run may be writing is no damaged one: its load is worth another try")
    func writing() async throws {
        try await withCommit { folder in
            try folder.write(String(decoding: try folder.read("manifest.json"), as: UTF8.self), to: Self.manifest)
            try folder.write("id\n", to: "out/c/2026-03-29.csv")
            let found = try await load("--force", in: folder)
            #expect(found.status == 75, "\(found.testDescription)")
            #expect(found.errors.contains("load again when it has ended"), "\(found.testDescription)")
            #expect(!found.errors.contains("--force"), "\(found.testDescription)")
            try folder.write("{", to: Self.manifest)
            let manifest = try await load("", in: folder)
            #expect(manifest.status == 75, "\(manifest.testDescription)")
        }
    }

    @Test("a commit that a killed run has left is no window that is gone, and one that is gone is removed")
    func staged() async throws {
        try await withCommit { folder in
            let staged = "out/_agentsight/staging/2026-03-29"
            try FileManager.default.createDirectory(
                at: folder.url.appendingPathComponent(staged), withIntermediateDirectories: true)
            try folder.write(String(decoding: try folder.read("manifest.json"), as: UTF8.self), to: "\(staged)/manifest.json")
            let kept = try await Command.run("load", "p.yml", "--prune", in: folder)
            #expect(kept.status == 0, "\(kept.testDescription)")
            #expect(!kept.errors.contains("pruned") && !kept.errors.contains("orphaned"), "\(kept.testDescription)")
            #expect(try !FakePsql.sent(in: folder).contains("DELETE FROM"))
            try FileManager.default.removeItem(at: folder.url.appendingPathComponent(staged))
            let pruned = try await Command.run("load", "p.yml", "--prune", in: folder)
            #expect(pruned.errors.contains("1 window pruned"), "\(pruned.testDescription)")
        }
    }
}
