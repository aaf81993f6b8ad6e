/// The route of a path.
public enum SampleRoute: Sendable, Hashable {
    case me, conversations, metadataKeys, messageMetadataKeys
    case conversation(id: Int)
    /// Anything else, a known path without its last slash among it.
    case unknown

    /// As the statistics call it.
    public var name: String {
        switch self {
        case .me: "me"
        case .conversations: "conversations"
        case .metadataKeys: "metadata-keys"
        case .messageMetadataKeys: "message-metadata-keys"
        case .conversation: "conversation"
        case .unknown: "unknown"
        }
    }

    init(path: some StringProtocol) {
        switch path {
        case "/api/me/": self = .me
        case "/api/conversations/": self = .conversations
        case "/api/conversations/metadata-keys/": self = .metadataKeys
        case "/api/conversations/message-metadata-keys/": self = .messageMetadataKeys
        default:
            let parts = path.split(separator: "/", omittingEmptySubsequences: false)
            if parts.count == 5, parts[0].isEmpty, parts[1] == "api", parts[2] == "conversations", parts[4].isEmpty,
                let id = Int(parts[3]), id >= 0
            {
                self = .conversation(id: id)
            } else {
                self = .unknown
            }
        }
    }
}
