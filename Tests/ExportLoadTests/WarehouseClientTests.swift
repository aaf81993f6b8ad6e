import ExportWarehouse
import Foundation
import Testing

@testable import ExportLoad

@Suite struct WarehouseClientTests {
    /// Starts a program in the place of a client.
    private func start(_ command: String, as system: WarehouseSystem) async throws {
        var client = WarehouseClient(system: system, command: try ClientCommand(command))
        client.greetingTime = .milliseconds(500)
        try await client.withSession { _ in }
    }

    @Test(
        "a program that echoes or prints for ever is no client, and is ended even where the end of its input says nothing to it",
        .timeLimit(.minutes(1)), arguments: [WarehouseSystem.postgres, .duckdb])
    func others(_ system: WarehouseSystem) async {
        for script in ["cat", "yes", "trap '' TERM; while true; do echo junk; sleep 0.1; done", "tr -d '\\n' < /dev/zero"] {
            // The words that a client always gets are arguments of the script then.
            let command = "/bin/sh -c \"\(script.replacingOccurrences(of: "\\", with: "\\\\"))\" x"
            await #expect(throws: LoadError.otherClient(program: "/bin/sh", system), "\(script)") {
                try await start(command, as: system)
            }
        }
    }

    @Test("the same holds for a client that is started for each step", .timeLimit(.minutes(1)))
    func repeated() async {
        for script in ["yes", "while true; do echo junk; sleep 0.1; done"] {
            await #expect(throws: LoadError.otherClient(program: "/bin/sh", .clickhouse), "\(script)") {
                try await start("/bin/sh -c \"\(script)\" x", as: .clickhouse)
            }
        }
    }

    @Test(
        "a program that sleeps is ended, and is worth another try: a client is as silent while it waits for a server",
        .timeLimit(.minutes(1)), arguments: [WarehouseSystem.postgres, .clickhouse])
    func silent(_ system: WarehouseSystem) async throws {
        let error = await #expect(throws: LoadError.self) { try await start("/bin/sh -c 'sleep 50; true' x", as: system) }
        #expect(error?.isRetryable == true, "\(String(describing: error))")
        #expect(error?.description.contains("printed nothing within") == true)
    }

    @Test("a statement that no program can be given as an argument is refused with its length")
    func longStatement() async throws {
        var session = RepeatedSession(WarehouseClient(system: .clickhouse, command: try ClientCommand("/bin/true")))
        await #expect(throws: LoadError.longStatement(bytes: 131_073)) {
            try await session.feed(String(repeating: "x", count: 131_064)) { _ in }
        }
    }

    @Test("answers may be as long as they are, and what is no answer may not")
    func limit() {
        func admits(_ text: String, times: Int, takesAnswers: Bool = true) -> Bool {
            var limit = AnswerLimit(takesAnswers: takesAnswers)
            let bytes = Array(text.utf8)
            return (0..<times).allSatisfy { _ in bytes.withUnsafeBytes { limit.admits($0) } }
        }
        let line = #"["\#(String(repeating: "x", count: 1000))"]"# + "\n"
        #expect(admits(line, times: 2000))
        #expect(!admits(line, times: 2000, takesAnswers: false))
        #expect(!admits(String(line.dropFirst()), times: 2000))
        #expect(!admits(String(line.dropLast()), times: 17_000), "a line has an end")
        #expect(admits("\n", times: 1000))
    }
}
