/// A request for a list, read from its query string.
struct ConversationQuery: Sendable {
    var conditions: Set<RowCondition> = [.isNotDeleted]
    var after: Moment?
    var before: Moment?
    /// The order. Empty if no valid one was requested.
    var ordering: [OrderingTerm] = []
    var detail = SampleRow.Detail.full
    var withTickets = false
    var page = PageNumber.number(1)
    /// `nil`: the service's default.
    var pageSize: Int?
    /// Whether a page is requested, and not a list of all rows.
    var isPaginated = true

    enum PageNumber: Sendable, Hashable {
        case number(Int)
        case last
        /// Neither a number nor `last`.
        case nonsense
    }

    struct OrderingTerm: Sendable, Hashable {
        var field: Field
        var descending: Bool

        enum Field: String, Sendable, Hashable {
            case id, language
            case startedAt = "started_at"
            case endedAt = "ended_at"
            case customerID = "customer_id"
            case isMarked = "is_marked"
        }

        /// `nil` for anything else, which the service ignores.
        init?(_ text: some StringProtocol) {
            descending = text.hasPrefix("-")
            guard let field = Field(rawValue: String(descending ? text.dropFirst() : text[...])) else { return nil }
            self.field = field
        }

        init(_ field: Field, descending: Bool = false) {
            self.field = field
            self.descending = descending
        }
    }

    /// The content of a 400: field and message.
    struct Refusal: Error, Equatable {
        var fields: [String: String]

        var json: JSONValue {
            .object(fields.sorted { $0.key < $1.key }.map { .init(key: $0.key, value: [.string($0.value)]) })
        }
    }

    /// Reads the parameters as django-filter and Django REST framework read them: the last of a name counts, an empty value is none,
    /// an unknown name is ignored.
    ///
    /// - Parameters:
    ///   - ignored: names this deployment does not know.
    ///   - generation: decides whether `action_name` is the whole name or a part of it.
    /// - Throws: `Refusal` with a message for each field that is wrong.
    init(
        _ parameters: [QueryParameter], ignoring ignored: Set<String> = [], generation: SampleService.Generation = .new
    ) throws(Refusal) {
        var reader = ParameterReader(parameters, ignoring: ignored)
        for (name, field) in Self.textFields {
            if let value = reader.text(name) { conditions.insert(.equals(field, ExactText(value))) }
        }
        if let part = reader.text("customer_id__icontains") {
            conditions.insert(.contains(.customerID, ExactText(lowercasing: part)))
        }
        if let part = reader.text("name") { conditions.insert(.contains(.name, ExactText(lowercasing: part))) }
        for name in ["environment", "env"] {
            if let word = reader.choice(name, of: ["production", "development", "prod", "dev"]) {
                conditions.insert(.environment(word.hasPrefix("prod") ? .production : .development))
            }
        }
        if let flag = reader.flag("is_marked") { conditions.insert(.isMarked(flag)) }
        if let flag = reader.flag("has_messages") { conditions.insert(.hasMessages(flag)) }
        if let flag = reader.flag("has_feedback") { conditions.insert(.hasFeedback(flag)) }
        if let flag = reader.flag("has_action") { conditions.insert(.hasAction(flag)) }
        if reader.flag("include_deleted") == true { conditions.remove(.isNotDeleted) }
        if reader.flag("include_tickets") == true {
            conditions.insert(.hasTicket)
            withTickets = true
        }
        if let part = reader.text("message_contains") { conditions.insert(.messageContains(ExactText(lowercasing: part))) }
        for term in (reader.text("search") ?? "").split(whereSeparator: { $0.isWhitespace || $0 == "," }) {
            conditions.insert(.mentions(ExactText(lowercasing: term)))
        }
        if let name = reader.text("action_name") {
            conditions.insert(generation == .old ? .actionName(name) : .actionNameContains(ExactText(lowercasing: name)))
        }
        if let word = reader.choice("feedback_sentiment", of: ["positive", "neutral", "negative"]) {
            conditions.insert(.sentiment(word))
        }
        if let word = reader.choice("feedback_source", of: ["customer", "platform"]) { conditions.insert(.source(word)) }
        for (key, value) in reader.metadata() {
            let path = key.split(separator: ".", omittingEmptySubsequences: false).map { ExactText($0) }
            conditions.insert(.metadata(path: path, value: MetadataValue(value)))
        }
        after = reader.moment("started_at_after")
        before = reader.moment("started_at_before")
        ordering = (reader.text("ordering") ?? "").split(separator: ",").compactMap { OrderingTerm($0) }
        if reader.flag("full") == false { detail = .lean }
        if let text = reader.text("page") { page = text == "last" ? .last : Int(text).map { .number($0) } ?? .nonsense }
        if reader.flag("paginate") == false { isPaginated = false }
        pageSize = reader.text("page_size").flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil }
        if !reader.refused.isEmpty { throw Refusal(fields: reader.refused) }
    }

    private static let textFields: [(String, RowCondition.TextField)] = [
        ("conversation_id", .conversationID), ("customer_id", .customerID), ("customer_ip_address", .customerIPAddress),
        ("device", .device), ("language", .language),
    ]
}
