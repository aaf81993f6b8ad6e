public import ExportAPI
public import ExportCore
public import ExportStore

/// Refuses keys of agents other than those whose windows a destination has, for commands that only compare.
public enum KeyCheck {
    /// Compares the agent of each key with that of the windows. Sends no requests for a part without windows.
    /// - Parameter clients: One for each of the plan's parts.
    /// - Throws: `StoreError.otherAgent`, `unknownAgent`, as a run does; `StoreError`, `ServiceError`, `CancellationError`.
    public static func run(
        _ plan: ExportPlan, in destination: any PersistentDestination, from clients: [ServiceClient]
    ) async throws {
        let check = AgentCheck(destination: destination) { _ in }
        let keys = try await destination.windowKeys()
        for ((agent, part), client) in zip(plan.parts, clients) {
            guard keys.contains(where: { Window.parts(ofKey: $0).agent == agent?.name }) else { continue }
            _ = try await check.source(of: client, agent, part, [])
        }
    }
}
