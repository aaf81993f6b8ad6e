public import ExportAPI
import ExportCore
import ExportFormats
import FoundationEssentials

/// Small answers of the service that are no list.
public enum ServiceDocument {
    /// `/api/me/`: whose key it is.
    public struct Me: Sendable, Decodable {
        /// The agent's number.
        public let agentID: Int?
        /// The agent's name.
        public let agentName: String?
        /// The role of the key, as the service names it.
        public let role: String?
        /// The agent's environments.
        public let environments: [Environment]?

        /// An environment of an agent.
        public struct Environment: Sendable, Decodable {
            /// The name by which filters know it.
            public let slug: String?
            /// The name that is shown.
            public let name: String?
        }

        enum CodingKeys: String, CodingKey {
            case agentID = "agent_id"
            case agentName = "agent_name"
            case role, environments
        }
    }

    /// `/api/conversations/metadata-keys/`: dot paths of the keys in use.
    public struct Keys: Sendable, Decodable {
        /// Dot paths of metadata keys, in the service's order.
        public let keys: [String]

        /// Where the service names those of a table. It names none of action logs, and older deployments name none at all.
        static let requests = [(table: Table.conversations, ServiceRequest.metadataKeys), (.messages, .messageMetadataKeys)]
    }

    /// - Returns: nil where this deployment has no such route.
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
