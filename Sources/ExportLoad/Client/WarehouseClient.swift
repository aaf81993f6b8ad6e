import ExportCore
import ExportWarehouse
import Subprocess
import SystemPackage

/// A warehouse's client program.
struct WarehouseClient: Sendable {
    let system: WarehouseSystem
    let command: ClientCommand
    /// The time in which a program must show that it is a client. Statements may take any time.
    var greetingTime: Duration = .seconds(60)

    /// Runs `body` with a session that has answered.
    /// - Throws: `LoadError`; what `body` throws.
    func withSession<Value: Sendable>(_ body: (inout any ClientSession) async throws -> Value) async throws -> Value {
        switch system {
        case .clickhouse:
            try await greetRepeated()
            var session: any ClientSession = RepeatedSession(self)
            return try await body(&session)
        default:
            return try await withOpenSession(body)
        }
    }

    private func withOpenSession<Value: Sendable>(_ body: (inout any ClientSession) async throws -> Value) async throws -> Value {
        let ended = try await run(traits.arguments) { execution in
            var session: any ClientSession = OpenSession(
                execution.standardInputWriter, execution.standardOutput, print: traits.print)
            let outcome: Result<Value, any Error>
            do {
                do { try await greet(&session, execution) } catch is ClientEnded { throw NotGreeted() }
                outcome = .success(try await body(&session))
            } catch {
                outcome = .failure(error)
            }
            if Self.isOther(outcome) {
                // The program may never end, even without input.
                await execution.teardown(using: [TeardownStep]())
                return outcome
            }
            // At the end of its input the client ends, and uncommitted changes are rolled back.
            try? await execution.standardInputWriter.finish()
            await session.drain()
            return outcome
        }
        switch ended.outcome {
        case .success(let value): return value
        case .failure(is NotGreeted) where ended.errors.isEmpty: throw silent(ended.status)
        case .failure(is ClientEnded), .failure(is NotGreeted): throw message(ended.errors, ended.status)
        case .failure(let error): throw error
        }
    }

    /// Whether the client was found to be another program.
    private static func isOther<Value>(_ outcome: Result<Value, any Error>) -> Bool {
        guard case .failure(let error as LoadError) = outcome else { return false }
        switch error {
        case .otherClient, .unreadableAnswer: return true
        default: return false
        }
    }

    /// Ends a client that has not answered in time. Cancelled if it has.
    /// - Returns: Whether the time passed.
    private static func stop(_ client: Running, at deadline: ContinuousClock.Instant) async -> Bool {
        do { try await Task.sleep(until: deadline, clock: .continuous) } catch { return false }
        await client.teardown(using: [TeardownStep]())
        return true
    }

    /// The error of a client that has not answered in time.
    private func overdue(isSilent: Bool) -> LoadError {
        guard isSilent else { return .otherClient(program: command.program, system) }
        // A client that waits for an unreachable server is as silent as an unrelated program.
        return .unavailable(
            "\(command.program) printed nothing within \(greetingTime.components.seconds) seconds and was ended. Check that the server "
                + "can be reached, and that the program is the warehouse's client.")
    }

    /// Runs the client once, and returns the lines that it printed.
    /// - Parameters:
    ///   - arguments: Arguments in addition to the constant ones.
    ///   - input: Writes its input. If it throws, the input ends, and the error is thrown after the client has ended.
    /// - Throws: `LoadError` if the client fails.
    func runOnce(
        _ arguments: [String], _ input: (_ write: ([UInt8]) async throws -> Void) async throws -> Void
    ) async throws -> [String] {
        let ended = try await run(traits.arguments + arguments) { execution in
            async let output = Self.all(of: execution, AnswerLimit(takesAnswers: true))
            let writer = execution.standardInputWriter
            var fault: (any Error)?
            do {
                try await input { bytes in
                    do { _ = try await writer.write(bytes) } catch {
                        try Task.checkCancellation()
                        throw ClientEnded()
                    }
                }
            } catch {
                fault = error
            }
            try? await writer.finish()
            return (output: try await output, fault: fault)
        }
        try Task.checkCancellation()
        guard let output = ended.outcome.output else { throw LoadError.unreadableAnswer }
        guard ended.status.isSuccess else { throw message(ended.errors, ended.status) }
        if let fault = ended.outcome.fault {
            // It took no more rows, and says that it has them all.
            throw fault is ClientEnded ? LoadError.otherClient(program: command.program, system) : fault
        }
        return String(decoding: output, as: UTF8.self).splitExactly(at: "\n").map(String.init)
    }

    /// The error of a client that did not answer as it has to, and gave no reason.
    private func silent(_ status: TerminationStatus) -> LoadError {
        guard case .signaled = status else { return .otherClient(program: command.program, system) }
        return .unavailable("\(command.program) was killed (\(status))")
    }

    private func message(_ errors: String, _ status: TerminationStatus) -> LoadError {
        if errors.isEmpty, case .signaled = status { return silent(status) }
        return ClientMessage(errors, of: system).error(program: command.program, status: "\(status)")
    }

    /// The result of a client that has ended.
    private struct Ended<Outcome: Sendable>: Sendable {
        let outcome: Outcome
        let errors: String
        let status: TerminationStatus
    }

    private func run<Outcome: Sendable>(
        _ arguments: [String], _ body: (Running) async throws -> Outcome
    ) async throws -> Ended<Outcome> {
        do {
            var options = PlatformOptions()
            options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(2))]
            let result = try await Subprocess.run(
                executable, arguments: Arguments(command.arguments + arguments),
                environment: .inherit.updating(traits.environment), platformOptions: options, input: .inputWriter,
                output: .sequence, error: .sequence
            ) { execution in
                async let errors = Self.end(of: execution.standardError)
                return (try await body(execution), await errors)
            }
            return Ended(outcome: result.closureResult.0, errors: result.closureResult.1, status: result.terminationStatus)
        } catch let error as SubprocessError {
            try Task.checkCancellation()
            throw LoadError.clientNotStarted(program: command.program, reason: Self.reason(error), system)
        }
    }

    private typealias Running = Execution<CustomWriteInput, SequenceOutput, SequenceOutput>

    /// The client ended before it answered.
    private struct NotGreeted: Error {}

    private var executable: Executable {
        command.program.containsExactly("/") ? .path(.init(command.program)) : .name(command.program)
    }

    private static func reason(_ error: SubprocessError) -> String {
        error.code == .executableNotFound ? "there is no such program" : "\(error)"
    }

    /// Checks that the program is the expected client, before it receives any statement.
    private func greet(_ session: inout any ClientSession, _ client: Running) async throws {
        let deadline = ContinuousClock.now + greetingTime
        async let isStopped = Self.stop(client, at: deadline)
        do {
            guard try await isExpected(session.run(traits.greeting)) else {
                throw LoadError.otherClient(program: command.program, system)
            }
        } catch is ClientEnded where ContinuousClock.now >= deadline {
            guard await isStopped else { throw ClientEnded() }
            throw overdue(isSilent: session.isSilent)
        } catch LoadError.unreadableAnswer {
            throw LoadError.otherClient(program: command.program, system)
        }
    }

    /// Checks a client that is started for each step: of three statements, it runs the first two, of which the second fails.
    private func greetRepeated() async throws {
        let text = traits.greeting.joined(separator: "\n") + "\n"
        let deadline = ContinuousClock.now + greetingTime
        let ended = try await run(traits.arguments + ["--multiquery"]) { execution in
            async let isStopped = Self.stop(execution, at: deadline)
            async let output = Self.all(of: execution, AnswerLimit(takesAnswers: false))
            // The program may end without reading its input.
            _ = try? await execution.standardInputWriter.write(Array(text.utf8))
            try? await execution.standardInputWriter.finish()
            let printed = try await output
            var isOverdue = false
            if ContinuousClock.now >= deadline { isOverdue = await isStopped }
            return (text: printed.map { String(decoding: $0, as: UTF8.self) }, isOverdue: isOverdue)
        }
        try Task.checkCancellation()
        guard let printed = ended.outcome.text else { throw LoadError.otherClient(program: command.program, system) }
        if ended.outcome.isOverdue {
            throw overdue(isSilent: printed.isEmpty && ended.errors.isEmpty)
        }
        let lines = printed.splitExactly(at: "\n").map(String.init)
        if lines.isEmpty, !ended.errors.isEmpty { throw message(ended.errors, ended.status) }
        guard isExpected(lines), !ended.status.isSuccess else { throw silent(ended.status) }
    }

    private func isExpected(_ lines: [String]) -> Bool {
        lines.count == 1 && lines[0].startsExactly(with: "agentsight ") && traits.isGreeted(String(lines[0].dropFirst(11)))
    }

    /// The output of the client. `nil` if that is more than a warehouse's client prints, so that it was ended.
    private static func all(of client: Running, _ limit: AnswerLimit) async throws -> [UInt8]? {
        var text: [UInt8] = []
        var limit = limit
        for try await buffer in client.standardOutput {
            let isAdmitted = buffer.withUnsafeBytes { bytes in
                text.append(contentsOf: bytes)
                return limit.admits(bytes)
            }
            guard isAdmitted else {
                await client.teardown(using: [TeardownStep]())
                return nil
            }
        }
        return text
    }

    /// The last lines of the client's standard error.
    private static func end(of output: SubprocessOutputSequence) async -> String {
        var text: [UInt8] = []
        do {
            for try await buffer in output {
                buffer.withUnsafeBytes { text.append(contentsOf: $0) }
                if text.count > 1 << 16 { text.removeFirst(text.count - (1 << 15)) }
            }
        } catch {
            // The output that was read before the error is returned.
        }
        return String(decoding: text, as: UTF8.self)
    }
}

/// The way to communicate with a client program.
private struct ClientTraits {
    let arguments: [String]
    let environment: [Environment.Key: String?]
    /// The client's command that prints a word.
    let print: @Sendable (String) -> String
    /// Prints `agentsight` and the setting that shows that the client stops at errors.
    let greeting: [String]
    let isGreeted: @Sendable (String) -> Bool
}

extension WarehouseClient {
    private var traits: ClientTraits {
        switch system {
        case .duckdb:
            ClientTraits(
                arguments: ["-init", "/dev/null", "-batch", "-bail"], environment: [:], print: { ".print \($0)" },
                greeting: [".mode list", ".headers off", ".nullvalue null", "SELECT 'agentsight ' || version();"],
                isGreeted: { $0.startsExactly(with: "v") })
        case .clickhouse:
            ClientTraits(
                arguments: ["--format=TSVRaw"] + system.clientSettings.map { "--\($0)" }, environment: [:], print: { $0 },
                greeting: [
                    "SELECT 'agentsight ' || version();", "SELECT throwIf(1, 'agentsight: an expected error');",
                    "SELECT 'agentsight went on after an error';",
                ], isGreeted: { $0.utf8.first.map { (0x30...0x39).contains($0) } ?? false })
        default:
            // The last of several equal options takes precedence over those in the command.
            ClientTraits(
                arguments: [
                    "--no-psqlrc", "--quiet", "--no-align", "--tuples-only", "--no-password", "--set=ON_ERROR_STOP=1",
                    "--set=VERBOSITY=verbose", "--pset=pager=off", "--pset=format=unaligned", "--pset=footer=off",
                ],
                environment: ["PGCLIENTENCODING": "UTF8", "LC_ALL": "C", "LANGUAGE": nil], print: { "\\echo \($0)" },
                greeting: ["\\echo agentsight :ON_ERROR_STOP"], isGreeted: { ["1", "on"].contains($0) })
        }
    }
}
