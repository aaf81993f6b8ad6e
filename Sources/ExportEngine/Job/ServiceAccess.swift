public import ExportAPI
public import ExportCore

/// Opens the service for a job, with the keys of its plan.
public protocol ServiceAccess: Sendable {
    /// Runs `body` with a client for each of the plan's parts. A job asks for them only where a window is to be exported.
    /// - Throws: Where a key is missing, and nothing is sent then; what `body` throws.
    func withClients<Value: Sendable>(
        of plan: ExportPlan, _ body: @escaping @Sendable ([ServiceClient]) async throws -> Value
    ) async throws -> Value
}
