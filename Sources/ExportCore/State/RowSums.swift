/// How many rows of a window the service should count with each of its predicates, computed from the rows as they were written.
///
/// Part of a window's manifest. A look that asks for counts compares the service's with these.
public struct RowSums: Sendable, Hashable, Codable {
    /// Rows.
    public var rows = 0
    /// Rows that are marked.
    public var isMarked = 0
    /// Rows with any message.
    public var hasMessages = 0
    /// Rows with any feedback.
    public var hasFeedback = 0
    /// Rows with a message that has an action. Meaningless where rows came without transcripts.
    public var hasAction = 0
    /// Rows with a feedback of a sentiment, by the sentiment.
    public var sentiments: [String: Int] = [:]

    /// The sentiments that the service counts by.
    public static let sentiments = ["positive", "neutral", "negative"]

    enum CodingKeys: String, CodingKey {
        case rows
        case isMarked = "is_marked"
        case hasMessages = "has_messages"
        case hasFeedback = "has_feedback"
        case hasAction = "has_action"
        case sentiments = "feedback_sentiment"
    }

    /// Creates the sums of no rows.
    public init() {}
}

extension RowSums {
    /// Whether all are numbers of rows.
    package var isWithinBounds: Bool {
        ([rows, isMarked, hasMessages, hasFeedback, hasAction] + sentiments.values).allSatisfy(\.isCount)
    }
}
