/// A condition by which the service can count rows, in addition to the filters of a query. The raw value is the parameter as it is sent.
public enum CountPredicate: String, Sendable, Hashable, CaseIterable {
    case isMarked = "is_marked=true"
    case hasMessages = "has_messages=true"
    case hasFeedback = "has_feedback=true"
    case hasAction = "has_action=true"
    case isPositive = "feedback_sentiment=positive"
    case isNeutral = "feedback_sentiment=neutral"
    case isNegative = "feedback_sentiment=negative"
    /// Not deleted, for a query that also requests deleted rows.
    case isNotDeleted = "include_deleted=false"

    /// The index among all cases.
    package var place: Int {
        switch self {
        case .isMarked: 0
        case .hasMessages: 1
        case .hasFeedback: 2
        case .hasAction: 3
        case .isPositive: 4
        case .isNeutral: 5
        case .isNegative: 6
        case .isNotDeleted: 7
        }
    }

    /// Whether rows without transcripts show the condition, so that a lean look sees changes of it.
    public var isInLeanRows: Bool {
        switch self {
        case .isMarked, .hasMessages, .hasFeedback, .isNotDeleted: true
        case .hasAction, .isPositive, .isNeutral, .isNegative: false
        }
    }

    /// The filter that is sent.
    public var filter: FilterName {
        switch self {
        case .isMarked: .isMarked
        case .hasMessages: .hasMessages
        case .hasFeedback: .hasFeedback
        case .hasAction: .hasAction
        case .isPositive, .isNeutral, .isNegative: .feedbackSentiment
        case .isNotDeleted: .includeDeleted
        }
    }

    /// The filter's value, as it is sent.
    public var value: String {
        switch self {
        case .isMarked, .hasMessages, .hasFeedback, .hasAction: "true"
        case .isPositive: "positive"
        case .isNeutral: "neutral"
        case .isNegative: "negative"
        case .isNotDeleted: "false"
        }
    }

    /// The predicate of a sentiment. `nil` if the service does not count by it.
    public init?(sentiment: String) {
        let known = Self.allCases.first { $0.filter == .feedbackSentiment && $0.value.equalsExactly(sentiment) }
        guard let known else { return nil }
        self = known
    }
}

extension Filters {
    /// Returns the filters with a predicate added.
    public func matching(_ predicate: CountPredicate) -> Filters {
        var filters = self
        filters.values[predicate.filter] = predicate.value
        return filters
    }

    /// Whether rows can be counted by a predicate: these filters set neither its parameter nor one that would change its meaning.
    public func canCount(by predicate: CountPredicate) -> Bool {
        let name = predicate.filter
        if extra.contains(where: { $0.name.equalsExactly(name.rawValue) }) { return false }
        return switch predicate {
        case .isNotDeleted: deletedRows == .included
        // Services differ in whether both conditions have to hold for the same feedback.
        case .isPositive, .isNeutral, .isNegative: values[name] == nil && values[.feedbackSource] == nil
        case .isMarked, .hasMessages, .hasFeedback, .hasAction: values[name] == nil
        }
    }
}

/// A count of rows: all that match a query, or only those for which a predicate also holds.
public enum CountMeasure: Sendable, Hashable {
    case rows
    case matching(CountPredicate)

    /// The name in files and messages: `rows`, or the parameter that is sent.
    public var name: String {
        switch self {
        case .rows: "rows"
        case .matching(let predicate): predicate.rawValue
        }
    }

    /// Whether a lean look sees changes of the measure.
    public var isInLeanRows: Bool {
        switch self {
        case .rows: true
        case .matching(let predicate): predicate.isInLeanRows
        }
    }

    /// The measure with a name. `nil` if this version has none.
    public init?(name: String) {
        if name.equalsExactly(Self.rows.name) {
            self = .rows
        } else if let predicate = CountPredicate(rawValue: name) {
            self = .matching(predicate)
        } else {
            return nil
        }
    }
}

/// A difference between the service's count of a measure and the rows of an export.
public struct CountDifference: Sendable, Hashable, Codable {
    /// The name of the measure: `rows`, `is_marked=true`.
    public var measure: String
    /// The count of the service.
    public var onServer: Int
    /// The sum of the rows in the export.
    public var inExport: Int

    enum CodingKeys: String, CodingKey {
        case measure
        case onServer = "server"
        case inExport = "export"
    }

    /// Whether it is a difference in the number of all rows.
    var isOfRows: Bool { measure.equalsExactly(CountMeasure.rows.name) }

    /// Creates a difference of counts.
    public init(_ measure: CountMeasure, onServer: Int, inExport: Int) {
        self.measure = measure.name
        self.onServer = onServer
        self.inExport = inExport
    }
}
