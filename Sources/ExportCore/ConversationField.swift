/// The fields of a conversation, in the order in which a file has them.
public enum ConversationField {
    /// In full and in lean rows.
    private static let common = [
        "id", "agent", "conversation_id", "name", "customer_id", "customer_ip_address", "device", "language", "environment",
        "environment_id", "metadata", "started_at", "ended_at", "is_marked", "is_used", "is_deleted", "deleted_at",
        "geo_location",
    ]

    /// Every field that rows of this detail have by the service's reference; newer releases may add to them.
    public static func names(detail: Source.Detail) -> [String] {
        switch detail {
        case .full: common + ["messages", "feedbacks"]
        case .lean: common + ["message_count", "feedback_count"]
        }
    }

    /// The fields that hold an object and can be flattened.
    public static let objects = ["metadata", "geo_location"]
}
