public import ExportAPI
import ExportCore
import ExportFormats
import FoundationEssentials

/// Small responses of the service other than lists.
public enum ServiceDocument {
    /// The response of `/api/me/`: the agent that the key belongs to.
    public struct Me: Sendable, Decodable {
        /// The agent's number.
        public let agentID: Int?
        /// The agent's name.
        public let agentName: String?
        /// The role of the key, as named by the service.
        public let role: String?
        /// The agent's environments.
        public let environments: [Environment]?

        /// An environment of an agent.
        public struct Environment: Sendable, Decodable {
            /// The identifier used in filters.
            public let slug: String?
            /// The display name.
            public let name: String?
        }

        enum CodingKeys: String, CodingKey {
            case agentID = "agent_id"
            case agentName = "agent_name"
            case role, environments
        }
    }

    /// The response of `/api/conversations/metadata-keys/`: the keys in use.
    public struct Keys: Sendable, Decodable {
        /// Dot paths of metadata keys, in the service's order.
        public let keys: [String]

        /// The requests for the metadata keys of each table. The service has none for action logs, and older deployments have none at all.
        static let requests = [(table: Table.conversations, ServiceRequest.metadataKeys), (.messages, .messageMetadataKeys)]
    }

    /// Requests and decodes a document.
    /// - Returns: `nil` if this deployment has no such route.
    /// - Throws: `ServiceError`, `CancellationError`.
    public static func get<Document: Decodable & Sendable>(
        _ type: Document.Type, _ request: ServiceRequest, from client: ServiceClient
    ) async throws -> Document? {
        do {
            return try await client.get(request) { response in
                let body = try PageReader.content(of: response)
                do {
                    return try JSONDecoder().decode(type, from: Data(body))
                } catch is DecodingError {
                    throw UnusableBody("JSON of an unexpected shape")
                }
            }.value
        } catch ServiceError.wrongEndpoint {
            return nil
        }
    }
}
