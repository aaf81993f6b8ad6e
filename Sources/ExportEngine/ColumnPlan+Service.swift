import ExportAPI
import ExportCore

extension ColumnPlan {
    /// Asks the service for the keys that it knows of, for the tables whose metadata is spread over columns.
    ///
    /// The service names none of action logs, and older deployments name none at all.
    mutating func addNamedKeys(from client: ServiceClient) async throws {
        for (table, request) in [(Table.conversations, ServiceRequest.metadataKeys), (.messages, .messageMetadataKeys)]
        where spreadsMetadata(of: table) {
            let document = try await ServiceDocument.get(ServiceDocument.Keys.self, request, from: client)
            add(named: document?.keys ?? [], of: table)
        }
    }
}
