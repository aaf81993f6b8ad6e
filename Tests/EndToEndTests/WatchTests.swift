import Foundation
import SystemPackage
import Testing

/// That the tests would notice a command that takes too much, or hangs.
@Suite struct WatchTests {
    @Test("the memory of a program at its peak is counted without that of the tests, and too much of it is an issue")
    func memory() async throws {
        try await TemporaryFolder.with { folder in
            let small = try await Command.watch("/bin/echo", ["x"], in: folder, variables: [:])
            #expect(try #require(small.peakMemory) < 16 << 20)
            try await withKnownIssue {
                let large = try await Command.watch(
                    "/bin/dd", ["if=/dev/zero", "of=/dev/null", "bs=300M", "count=1"], in: folder, variables: [:])
                #expect(try #require(large.peakMemory) > 300_000_000)
            } matching: { issue in
                issue.description.contains("MiB of memory at the peak")
            }
        }
    }

    @Test("a program that does not end is ended, and is an issue; signals and codes are those of the program")
    func time() async throws {
        try await TemporaryFolder.with { folder in
            try await withKnownIssue {
                let ended = try await Command.watch("/bin/sleep", ["1000"], in: folder, variables: [:], within: 1)
                #expect(ended.status == 128 + SIGKILL)
            } matching: { issue in
                issue.description.contains("not at its end after 1 s")
            }
            for (script, status) in [("exit 7", 7), ("kill -SEGV $$", 128 + SIGSEGV)] {
                #expect(try await Command.watch("/bin/sh", ["-c", script], in: folder, variables: [:]).status == status)
            }
        }
    }

    @Test(
        "a call of the system fails where it is told to, and that is written down",
        .enabled(if: SystemCallFault.isPossible, "calls are put between by LD_PRELOAD, which Linux has"))
    func fault() async throws {
        try await TemporaryFolder.with { folder in
            try folder.write("version: 1\ndestination: out\n", to: "p.yml")
            let (outcome, journal) = try await Command.run(
                ["run", "p.yml"], in: folder, endpoint: "http://127.0.0.1:1",
                fault: SystemCallFault(call: "mkdir", number: 1, effect: .error(ENOSPC)), below: "out")
            #expect(outcome.status == 1)
            #expect(outcome.errors.contains("No space left on device"), "\(outcome.testDescription)")
            #expect(journal.fault?.name == "mkdir")
            #expect(journal.fault?.paths == [""])
            #expect(try folder.files().keys.sorted() == ["journal", "p.yml"])
        }
    }
}
