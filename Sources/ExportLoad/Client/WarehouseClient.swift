import ExportCore
import ExportWarehouse
import Subprocess
import SystemPackage

/// A warehouse's client program: how it is started, and what it says.
struct WarehouseClient: Sendable {
    let system: WarehouseSystem
    let command: ClientCommand

    /// Runs the client, and `body` with a session that has answered.
    /// - Throws: `LoadError`; what `body` throws.
    func withSession<Value: Sendable>(_ body: (inout ClientSession) async throws -> Value) async throws -> Value {
        let ended: (outcome: Result<Value, any Error>, errors: String)
        let status: TerminationStatus
        do {
            var options = PlatformOptions()
            options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(2))]
            let result = try await Subprocess.run(
                executable, arguments: Arguments(command.arguments + traits.arguments),
                environment: .inherit.updating(traits.environment), platformOptions: options, input: .inputWriter,
                output: .sequence, error: .sequence
            ) { execution in
                async let errors = Self.end(of: execution.standardError)
                var session = ClientSession(execution.standardInputWriter, execution.standardOutput, print: traits.print)
                let outcome: Result<Value, any Error>
                do {
                    do { try await greet(&session) } catch is ClientSession.Ended { throw NotGreeted() }
                    outcome = .success(try await body(&session))
                } catch {
                    outcome = .failure(error)
                }
                // At the end of its input the client ends, and what is not committed is rolled back.
                try? await execution.standardInputWriter.finish()
                await session.drain()
                return (outcome, await errors)
            }
            (ended, status) = (result.closureResult, result.terminationStatus)
        } catch let error as SubprocessError {
            try Task.checkCancellation()
            throw LoadError.clientNotStarted(program: command.program, reason: Self.reason(error), system)
        }
        switch ended.outcome {
        case .success(let value): return value
        case .failure(is NotGreeted) where ended.errors.isEmpty: throw LoadError.otherClient(program: command.program, system)
        case .failure(is ClientSession.Ended), .failure(is NotGreeted):
            throw ClientMessage(ended.errors, of: system).error(program: command.program, status: "\(status)")
        case .failure(let error): throw error
        }
    }

    /// The client ended before it answered.
    private struct NotGreeted: Error {}

    private var executable: Executable {
        command.program.containsExactly("/") ? .path(.init(command.program)) : .name(command.program)
    }

    private static func reason(_ error: SubprocessError) -> String {
        error.code == .executableNotFound ? "there is no such program" : "\(error)"
    }

    /// Sees that the client is what it has to be, before it is told anything.
    private func greet(_ session: inout ClientSession) async throws {
        guard try await isExpected(session.run(traits.greeting)) else {
            throw LoadError.otherClient(program: command.program, system)
        }
    }

    private func isExpected(_ lines: [String]) -> Bool {
        lines.count == 1 && lines[0].startsExactly(with: "agentsight ") && traits.isGreeted(String(lines[0].dropFirst(11)))
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

/// How a client program is spoken to.
private struct ClientTraits {
    let arguments: [String]
    let environment: [Environment.Key: String?]
    /// The client's command that prints a word.
    let print: @Sendable (String) -> String
    /// Prints `agentsight` and what shows that the client stops at errors.
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
        default:
            // The last of several options of one kind holds, whatever the command says.
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
