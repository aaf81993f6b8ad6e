import ExportAPI
import ExportCore

extension ColumnPlan {
    /// Adds the keys that the service lists, for the tables whose metadata is spread over columns.
    mutating func addNamedKeys(from client: ServiceClient) async throws {
        for (table, request) in ServiceDocument.Keys.requests where spreadsMetadata(of: table) {
            let document = try await ServiceDocument.get(ServiceDocument.Keys.self, request, from: client)
            add(named: document?.keys ?? [], of: table)
        }
    }
}
