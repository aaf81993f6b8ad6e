/// One thing that must hold for a row to be in a result.
enum RowCondition: Sendable, Hashable {
    case equals(TextField, ExactText)
    /// Text in lower case, as in the conditions that follow.
    case contains(TextField, ExactText)
    case messageContains(ExactText)
    /// Somewhere in the name, the customer's id or a message.
    case mentions(ExactText)
    case environment(SampleRow.Environment)
    case isMarked(Bool)
    case hasMessages(Bool)
    case hasFeedback(Bool)
    case hasAction(Bool)
    case isNotDeleted
    case hasTicket
    /// The whole name, as the older generation takes it.
    case actionName(String)
    /// A part of the name in lower case, as the newer one does.
    case actionNameContains(ExactText)
    case sentiment(String)
    case source(String)
    case metadata(path: [ExactText], value: MetadataValue)
    case agent(Int)

    enum TextField: Sendable, Hashable {
        case conversationID, customerID, customerIPAddress, name, device, language
    }

    func holds(for row: SampleRow) -> Bool {
        switch self {
        case .equals(let field, let value): row[field].map { value.equals($0) } ?? false
        case .contains(let field, let part): row[field].map { part.isPart(of: ExactText(lowercasing: $0).bytes) } ?? false
        case .messageContains(let part): part.isPart(of: row.searchableMessages)
        case .mentions(let part):
            Self.messageContains(part).holds(for: row) || Self.contains(.name, part).holds(for: row)
                || Self.contains(.customerID, part).holds(for: row)
        case .environment(let environment): row.environment == environment
        case .isMarked(let value): row.isMarked == value
        case .hasMessages(let value): (row.messageCount > 0) == value
        case .hasFeedback(let value): (row.feedbackCount > 0) == value
        case .hasAction(let value): !row.actionNames.isEmpty == value
        case .isNotDeleted: !row.isDeleted
        case .hasTicket: row.hasTickets
        case .actionName(let name): row.actionNames.contains(name)
        case .actionNameContains(let part): row.actionNames.contains { part.isPart(of: ExactText(lowercasing: $0).bytes) }
        case .sentiment(let sentiment): row.sentiments.contains(sentiment)
        case .source(let source): row.sources.contains(source)
        case .agent(let number): row.agent == number
        case .metadata(let path, let value): value.matches(row.metadata, at: path)
        }
    }
}

extension SampleRow {
    fileprivate subscript(field: RowCondition.TextField) -> String? {
        switch field {
        case .conversationID: conversationID
        case .customerID: customerID
        case .customerIPAddress: customerIPAddress
        case .name: name
        case .device: device
        case .language: language
        }
    }
}
