import ArgumentParser

extension AsyncParsableCommand {
    /// Runs the work of a command, and ends with its exit code.
    func finish(_ work: () async throws -> ExitStatus) async throws {
        let code: ExitStatus
        do { code = try await work() } catch { throw CommandFailure(error) }
        if code != .done { throw ExitCode(code.rawValue) }
    }
}
