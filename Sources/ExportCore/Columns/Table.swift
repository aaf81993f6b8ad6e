/// The table of an output: the kind of its rows.
public enum Table: String, Sendable, Hashable, CaseIterable, Codable {
    /// A row as the service lists it.
    case conversations
    /// The elements of a conversation's `messages`.
    case messages
    /// The elements of a conversation's `feedbacks`.
    case feedbacks
    /// The elements of each message's `action_logs`.
    case actionLogs = "action_logs"
    /// The elements of each message's `attachments`.
    case attachments
}

/// A field of a table's rows: documented by the service, or added by the export.
public struct TableField: Sendable, Hashable {
    /// The field's key in a row.
    public let name: String
    /// The type of the values that the service writes there.
    public let type: ColumnType
}

extension Table {
    /// Every documented field of a row, in the order of the files. Newer releases of the service may add fields.
    ///
    /// Empty if rows of this detail have no data for the table.
    public func fields(detail: Source.Detail) -> [TableField] {
        switch (self, detail) {
        case (.conversations, .full): Self.conversation + [.init("messages", .json), .init("feedbacks", .json)]
        case (.conversations, .lean): Self.conversation + [.init("message_count", .integer), .init("feedback_count", .integer)]
        case (_, .lean): []
        case (.messages, .full): Self.message
        case (.feedbacks, .full): Self.feedback
        case (.actionLogs, .full): Self.actionLog
        case (.attachments, .full): Self.attachment
        }
    }

    /// The fields that hold an object and can be flattened.
    public var objects: [String] {
        switch self {
        case .conversations: ["metadata", "geo_location"]
        case .messages, .actionLogs: ["metadata"]
        case .feedbacks, .attachments: []
        }
    }

    /// The field that determines the window of a row: when its conversation started.
    public var startedAtField: String {
        self == .conversations ? "started_at" : AddedField.conversationStartedAt.rawValue
    }

    /// A field that the export adds to rows of other tables from their conversation or message, unless they have it themselves.
    public enum AddedField: String, Sendable, CaseIterable {
        /// The integer id of the conversation.
        case conversation
        case conversationID = "conversation_id"
        case conversationStartedAt = "conversation_started_at"
        /// The integer id of the message.
        case message
        /// The position of the row in its list, from 0.
        case position
    }

    private static let conversation: [TableField] = [
        .init("id", .integer), .init("agent", .integer), .init("conversation_id", .string), .init("name", .string),
        .init("customer_id", .string), .init("customer_ip_address", .string), .init("device", .string), .init("language", .string),
        .init("environment", .string), .init("environment_id", .integer), .init("metadata", .json), .init("started_at", .timestamp),
        .init("ended_at", .timestamp), .init("is_marked", .boolean), .init("is_used", .boolean), .init("is_deleted", .boolean),
        .init("deleted_at", .timestamp), .init("geo_location", .json),
    ]

    private static let ofConversation: [TableField] = [
        .init("conversation", .integer), .init("conversation_id", .string), .init("conversation_started_at", .timestamp),
    ]

    private static let message: [TableField] =
        [.init("id", .integer)] + ofConversation + [
            .init("position", .integer), .init("timestamp", .timestamp), .init("sender", .string), .init("content", .string),
            .init("action_name", .string), .init("metadata", .json), .init("attachments", .json), .init("action_logs", .json),
            .init("button", .json),
        ]

    private static let feedback: [TableField] =
        [.init("id", .integer)] + ofConversation + [
            .init("message", .integer), .init("position", .integer), .init("kind", .string), .init("sentiment", .string),
            .init("source", .string), .init("category", .string), .init("comment", .string), .init("created_at", .timestamp),
            .init("environment", .string), .init("user", .integer),
        ]

    private static let actionLog: [TableField] =
        [.init("id", .integer), .init("message", .integer)] + ofConversation + [
            .init("position", .integer), .init("action", .integer), .init("started_at", .timestamp), .init("ended_at", .timestamp),
            .init("duration_ms", .integer), .init("tools_used", .json), .init("response", .json), .init("error_message", .string),
            .init("metadata", .json),
        ]

    private static let attachment: [TableField] =
        [.init("id", .integer), .init("message", .integer)] + ofConversation + [
            .init("position", .integer), .init("file_name", .string), .init("mime_type", .string), .init("size", .integer),
            .init("file_url", .string),
        ]
}

extension TableField {
    init(_ name: String, _ type: ColumnType) {
        self.init(name: name, type: type)
    }
}
