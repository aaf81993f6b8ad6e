import Foundation
import SystemPackage
import Testing

@Suite struct CompletionTests {
    private static let hasBash = FileManager.default.isExecutableFile(atPath: "/bin/bash")

    /// What bash offers where the line ends.
    private func offered(after words: String, in folder: TemporaryFolder) async throws -> [String] {
        let script = """
            PATH="\(Command.binary.removingLastComponent()):$PATH"
            source <(agentsight-export --generate-completion-script bash)
            COMP_WORDS=(agentsight-export \(words)); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); COMP_LINE="${COMP_WORDS[*]}"
            COMP_POINT=${#COMP_LINE}; COMP_TYPE=9; COMP_KEY=9
            $(complete -p agentsight-export | sed 's/.*-F \\([^ ]*\\).*/\\1/') agentsight-export "${COMP_WORDS[-1]}" "${COMP_WORDS[-2]}"
            printf '%s\\n' "${COMPREPLY[@]}"
            """
        let outcome = try await Command.run("/bin/bash", ["-c", script], in: folder, endpoint: nil, key: nil)
        #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome.testDescription)")
        return outcome.output.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
    }

    @Test(
        "a shell offers commands, pipeline files, filters, and the windows of the file on the line",
        .enabled(if: hasBash, "bash is not installed"))
    func offers() async throws {
        try await TemporaryFolder.with { folder in
            try folder.write(
                "{ version: 1, destination: out, window: { from: 2026-03-01, to: 2026-03-04, every: day } }", to: "days.yml")
            #expect(try await offered(after: "ver", in: folder) == ["verify"])
            #expect(try await offered(after: "run da", in: folder) == ["days.yml"])
            #expect(try await offered(after: "dump --filter dev", in: folder) == ["device="])
            #expect(
                try await offered(after: "schema days.yml --for postgres --load-window ''", in: folder) == [
                    "2026-03-01", "2026-03-02", "2026-03-03",
                ])
            #expect(try await offered(after: "run days.yml --to 2026-03-03", in: folder) == ["2026-03-03"])
            #expect(try await offered(after: "schema absent.yml --for postgres --load-window ''", in: folder) == [])
        }
    }
}
