import ExportAPI
import ExportCore
import Foundation
import Logging

/// The service of a plan, with its key.
enum Service {
    /// Runs `body` with a client for the plan's service; of several agents for the first one's.
    /// - Throws: `CommandFailure` if there is no key: nothing is sent then.
    static func withClient<Result: Sendable>(
        for plan: ExportPlan, logger: Logger, _ body: (ServiceClient) async throws -> Result
    ) async throws -> Result {
        try await withClients(for: plan.part(of: plan.agents.first), logger: logger) { try await body($0[0]) }
    }

    /// Runs `body` with a client for each of the plan's parts.
    /// - Throws: `CommandFailure` if there is no key: nothing is sent then.
    static func withClients<Result: Sendable>(
        for plan: ExportPlan, logger: Logger, _ body: ([ServiceClient]) async throws -> Result
    ) async throws -> Result {
        let accounts = try plan.parts.map { _, part in
            ServiceClient.Account(
                endpoint: part.source.endpoint,
                isLoopback: Loopback.contains(host: URLComponents(string: part.source.endpoint)?.host ?? ""), key: try key(of: part)
            )
        }
        return try await ServiceClient.withClients(
            of: accounts, over: Network.settings(), fetch: plan.fetch, userAgent: Version.userAgent, logger: logger, body)
    }

    private static func key(of plan: ExportPlan) throws -> APIKey {
        let agent = plan.agents.first.map { "agent \($0.name): " } ?? ""
        switch plan.source.key {
        case .environment(let variable):
            guard !SystemText.unreadableVariables.contains(variable) else {
                return try key("", from: "\(agent)the variable \(variable)")
            }
            guard let text = SystemText.environment[variable], !text.isEmpty else {
                throw CommandFailure(
                    "\(agent)there is no API key: set \(variable), or name a key file with \(agent.isEmpty ? "source." : "")api_key_file.",
                    .wrongCommand)
            }
            return try key(text, from: "\(agent)the variable \(variable)")
        case .file(let path):
            // A larger one is no key.
            guard let content = SmallFile.read(path, atMost: 1 << 16) else {
                throw CommandFailure(
                    "\(agent)the key file \(path) cannot be read. Check api_key_file and the permissions of the file.",
                    .wrongCommand)
            }
            return try key(String(decoding: content, as: UTF8.self), from: "\(agent)the key file \(path)")
        }
    }

    private static func key(_ text: String, from place: String) throws -> APIKey {
        guard let key = APIKey(text) else {
            throw CommandFailure("\(place) does not contain an API key: expected one word of printable characters.", .wrongCommand)
        }
        return key
    }
}
