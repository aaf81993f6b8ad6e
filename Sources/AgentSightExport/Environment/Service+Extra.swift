import ExportAPI
import ExportCore
import ExportEngine

extension Service {
    /// Checks that the service knows the parameters under `filters.extra`, unless the plan says that they are unchecked.
    /// - Parameter clients: One for each of the plan's parts.
    /// - Throws: `CommandFailure` if the service ignores one of them.
    static func checkExtra(of plan: ExportPlan, by clients: [ServiceClient]) async throws {
        guard !plan.filters.extra.isEmpty, !plan.filters.isExtraUnchecked else { return }
        if let found = try await ExtraCheck.ignored(of: plan, by: clients) {
            throw CommandFailure("\(plan.pipeline): \(found)", .wrongCommand)
        }
    }
}
