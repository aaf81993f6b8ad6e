/// One conversation as the service keeps it: what filters look at as values, what never changes as bytes that are ready to send.
struct SampleRow: Sendable {
    let id: Int
    /// The number of the agent whose conversation it is.
    var agent = SampleRow.agent
    let conversationID: String
    let startedAt: Moment
    /// How `started_at` is spelled.
    let startedAtText: String
    var name: String?
    var customerID: String?
    var customerIPAddress: String?
    var device: String?
    var language: String?
    var environment: Environment
    var metadata: JSONValue
    var endedAt: Moment?
    var isMarked: Bool
    var isUsed: Bool
    var deletedAt: Moment?
    var geoLocation: JSONValue

    /// Message contents in lower case, as UTF-8, with a byte between them that no text has.
    let searchableMessages: [UInt8]
    let messageCount: Int
    var feedbackCount: Int
    /// The `action_name` of its messages; not empty just where there are action logs.
    let actionNames: [String]
    var sentiments: [String]
    var sources: [String]
    let hasTickets: Bool

    /// `"messages":[…],"feedbacks":[…]`.
    var transcript: [UInt8]
    /// `[…]`, the tickets that only `include_tickets` and the single row show.
    let tickets: [UInt8]
    /// Keys that API.md does not know, each with a comma before it.
    var extras: [UInt8]
    /// The value of the single row's `token_usage`.
    let tokenUsage: JSONValue

    /// The members before the transcript, as bytes: they are rendered once, and again when one of them changes.
    private(set) var head: [UInt8] = []

    /// The agent of all rows, where the service has but one.
    static let agent = 12

    /// The separator of texts in `searchableMessages`, a byte that is never part of UTF-8.
    static let textSeparator: UInt8 = 0xFF

    enum Environment: String, Sendable {
        case production, development

        var id: Int { self == .production ? 31 : 32 }
    }

    var isDeleted: Bool { deletedAt != nil }

    /// Must be called after a change to any of the variables.
    mutating func renderHead(without missing: Set<String> = []) {
        head.removeAll(keepingCapacity: true)
        let members: [JSONValue.Member] =
            [
                .init(key: "id", value: .integer(id)),
                .init(key: "agent", value: .integer(agent)),
                .init(key: "conversation_id", value: .string(conversationID)),
                .init(key: "name", value: .text(name)),
                .init(key: "customer_id", value: .text(customerID)),
                .init(key: "customer_ip_address", value: .text(customerIPAddress)),
                .init(key: "device", value: .text(device)),
                .init(key: "language", value: .text(language)),
                .init(key: "environment", value: .string(environment.rawValue)),
                .init(key: "environment_id", value: .integer(environment.id)),
                .init(key: "metadata", value: metadata),
                .init(key: "started_at", value: .string(startedAtText)),
                .init(key: "ended_at", value: .text(endedAt?.text())),
                .init(key: "is_marked", value: .bool(isMarked)),
                .init(key: "is_used", value: .bool(isUsed)),
                .init(key: "is_deleted", value: .bool(isDeleted)),
                .init(key: "deleted_at", value: .text(deletedAt?.text())),
                .init(key: "geo_location", value: geoLocation),
            ]
        JSONValue.render(members.filter { !missing.contains($0.key) }, into: &head)
    }

    /// How much of a row an answer shows.
    enum Detail: Sendable {
        /// With counts instead of messages and feedbacks.
        case lean
        case full
        /// The single row: `full`, tickets and token usage.
        case single
    }

    /// Appends the row's JSON object.
    func append(_ detail: Detail, withTickets: Bool, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "{"))
        bytes += head
        bytes.append(UInt8(ascii: ","))
        if detail == .lean {
            bytes += "\"message_count\":\(messageCount),\"feedback_count\":\(feedbackCount)".utf8
        } else {
            bytes += transcript
        }
        if withTickets || detail == .single {
            bytes += ",\"tickets\":".utf8
            bytes += tickets
        }
        if detail == .single {
            bytes += ",\"token_usage\":".utf8
            tokenUsage.render(into: &bytes)
        }
        bytes += extras
        bytes.append(UInt8(ascii: "}"))
    }
}
