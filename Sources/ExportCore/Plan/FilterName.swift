/// A filter of `/api/conversations/`, as the service spells it.
public enum FilterName: String, Sendable, Hashable, CaseIterable {
    case conversationID = "conversation_id"
    case customerID = "customer_id"
    case customerIDContains = "customer_id__icontains"
    case customerIPAddress = "customer_ip_address"
    case name
    case device
    case language
    case environment
    case isMarked = "is_marked"
    case hasMessages = "has_messages"
    case hasFeedback = "has_feedback"
    case hasAction = "has_action"
    case includeDeleted = "include_deleted"
    case includeTickets = "include_tickets"
    case messageContains = "message_contains"
    case search
    case actionName = "action_name"
    case feedbackSentiment = "feedback_sentiment"
    case feedbackSource = "feedback_source"

    /// The kind of values that a filter takes.
    public enum Kind: Sendable, Hashable {
        case text
        case flag
        /// One of these words.
        case choice([String])
    }

    /// The kind of values that the filter takes.
    public var kind: Kind {
        switch self {
        case .conversationID, .customerID, .customerIDContains, .customerIPAddress, .name, .device, .language,
            .messageContains, .search, .actionName:
            .text
        case .isMarked, .hasMessages, .hasFeedback, .hasAction, .includeDeleted, .includeTickets:
            .flag
        case .environment: .choice(["production", "development", "prod", "dev"])
        case .feedbackSentiment: .choice(["positive", "neutral", "negative"])
        case .feedbackSource: .choice(["customer", "platform"])
        }
    }
}
