import ExportCore
import ExportFormats

/// Checks that rows match the requested filters, as far as rows show it.
///
/// The service ignores parameters that it does not know, so a filter that is not applied silently widens the result. Filters that a row
/// does not show, such as `search`, are not checked.
struct FilterCheck: Sendable {
    /// The top-level fields of a row that are checked.
    let fields: [String]
    private let rules: [Rule]
    private struct Rule: Sendable {
        /// The filter's name, for the message.
        let filter: String
        let field: Int
        let holds: @Sendable (Span<UInt8>, Range<Int>) -> Bool
    }

    /// Creates a check of filters.
    /// - Parameter first: The number of fields that the caller scans before these.
    init(_ filters: Filters, after first: Int) {
        var fields: [String] = []
        var rules: [Rule] = []
        func rule(_ filter: String, _ field: String, holds: @escaping @Sendable (Span<UInt8>, Range<Int>) -> Bool) {
            let index = fields.firstIndex(of: field) ?? fields.count
            if index == fields.count { fields.append(field) }
            rules.append(Rule(filter: filter, field: first + index, holds: holds))
        }
        for (name, value) in filters.values.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            let filter = name.rawValue
            let flag = value == "true"
            switch name {
            case .conversationID, .customerID, .device, .language:
                rule(filter, filter) { FilterCheck.equals($0, $1, value) }
            case .customerIPAddress:
                rule(filter, filter) { FilterCheck.isAddress($0, $1, value) }
            case .customerIDContains:
                rule(filter, "customer_id") { FilterCheck.contains($0, $1, value) }
            case .name:
                rule(filter, filter) { FilterCheck.contains($0, $1, value) }
            case .environment:
                rule(filter, filter) { text, extent in
                    FilterCheck.text(text, extent).map { FilterCheck.environment($0) == FilterCheck.environment(value) } ?? true
                }
            case .isMarked:
                rule(filter, filter) { JSONText.boolean($0, $1) == flag }
            case .hasMessages:
                rule(filter, "messages") { FilterCheck.isEmptyArray($0, $1) == !flag }
                rule(filter, "message_count") { JSONText.int64($0, $1).map { ($0 > 0) == flag } ?? true }
            case .hasFeedback:
                rule(filter, "feedbacks") { FilterCheck.isEmptyArray($0, $1) == !flag }
                rule(filter, "feedback_count") { JSONText.int64($0, $1).map { ($0 > 0) == flag } ?? true }
            case .feedbackSentiment:
                rule(filter, "feedbacks") { FilterCheck.anyElement($0, $1, has: "sentiment", equalTo: value) }
            case .feedbackSource:
                rule(filter, "feedbacks") { FilterCheck.anyElement($0, $1, has: "source", equalTo: value) }
            case .messageContains:
                rule(filter, "messages") { FilterCheck.anyMessage($0, $1, contains: value) }
            case .hasAction, .includeDeleted, .includeTickets, .search, .actionName:
                break
            }
        }
        for match in filters.metadata {
            rule("metadata (\(match.key))", "metadata") { FilterCheck.holds(match, $0, $1) }
        }
        self.fields = fields
        self.rules = rules
    }

    /// The first filter that a row contradicts. A missing field contradicts nothing.
    func contradiction(in page: ScannedPage, row: Int, of text: Span<UInt8>) -> String? {
        rules.first { rule in
            page.value(rule.field, ofRow: row).map { !rule.holds(text, $0) } ?? false
        }?.filter
    }
}

// MARK: What a value shows

extension FilterCheck {
    /// A string, or the characters of a number or a boolean. `nil` for null, objects and arrays.
    private static func text(_ text: Span<UInt8>, _ extent: Range<Int>) -> String? {
        switch JSONText.kind(text, extent) {
        case .string: JSONText.string(text, extent)
        case .number, .true, .false: String(decoding: extent.map { text[$0] }, as: UTF8.self)
        case .null, .object, .array: nil
        }
    }

    /// Whether the value equals the other text under some treatment of case, accents and normal forms.
    private static func equals(_ text: Span<UInt8>, _ extent: Range<Int>, _ other: String) -> Bool {
        guard let value = Self.text(text, extent) else { return false }
        return value.utf8.elementsEqual(other.utf8) || CaseInsensitiveText(value) == CaseInsensitiveText(other)
    }

    private static func isAddress(_ text: Span<UInt8>, _ extent: Range<Int>, _ other: String) -> Bool {
        if let value = Self.text(text, extent).flatMap(IPAddress.init), let other = IPAddress(other) { return value == other }
        return equals(text, extent, other)
    }

    /// Whether the value contains the other text under some treatment of case, accents and normal forms.
    private static func contains(_ text: Span<UInt8>, _ extent: Range<Int>, _ part: String) -> Bool {
        guard let value = Self.text(text, extent) else { return false }
        return containsAsWritten(value, part) || CaseInsensitiveText(value).contains(CaseInsensitiveText(part))
    }

    /// Whether the value contains the text scalar by scalar: databases do not compare grapheme clusters.
    private static func containsAsWritten(_ value: String, _ part: String) -> Bool {
        value.lowercased().utf8.contains(part.lowercased().utf8)
    }

    private static func environment(_ name: String) -> String {
        switch name.lowercased() {
        case "prod": "production"
        case "dev": "development"
        case let other: other
        }
    }

    /// Whether the array is empty. `nil` if the value is not an array.
    private static func isEmptyArray(_ text: Span<UInt8>, _ extent: Range<Int>) -> Bool? {
        guard JSONText.kind(text, extent) == .array else { return nil }
        var isEmpty = true
        JSONText.forEachElement(of: extent, in: text) { _ in isEmpty = false }
        return isEmpty
    }

    private static func anyElement(_ text: Span<UInt8>, _ extent: Range<Int>, has key: String, equalTo value: String) -> Bool {
        guard JSONText.kind(text, extent) == .array else { return true }
        var found = false
        JSONText.forEachElement(of: extent, in: text) { element in
            if let member = JSONText.value(at: [key], of: element, in: text), Self.text(text, member) == value { found = true }
        }
        return found
    }

    private static func anyMessage(_ text: Span<UInt8>, _ extent: Range<Int>, contains part: String) -> Bool {
        // Databases differ in how they fold the case of letters outside ASCII.
        guard JSONText.kind(text, extent) == .array, part.utf8.allSatisfy({ $0 < 0x80 }) else { return true }
        func isFound(_ holds: (String) -> Bool) -> Bool {
            var found = false
            JSONText.forEachElement(of: extent, in: text) { message in
                guard !found, let content = JSONText.value(at: ["content"], of: message, in: text) else { return }
                found = Self.text(text, content).map(holds) ?? false
            }
            return found
        }
        // Folding is slow, and not needed for most rows, since one of their messages contains the text as written.
        if isFound({ containsAsWritten($0, part) }) { return true }
        let part = CaseInsensitiveText(part)
        return isFound { CaseInsensitiveText($0).contains(part) }
    }

    /// Whether a value may match. Its text decides, since the service infers types from the text. Objects and arrays are inconclusive.
    private static func holds(_ match: Filters.MetadataMatch, _ text: Span<UInt8>, _ extent: Range<Int>) -> Bool {
        guard JSONText.kind(text, extent) == .object else { return match.value == "null" }
        let path = match.key.splitExactly(at: ".", omittingEmptySubsequences: false).map(String.init)
        guard
            let found = JSONText.value(at: path, of: extent, in: text) ?? JSONText.value(at: [match.key], of: extent, in: text)
        else { return match.value == "null" }
        switch JSONText.kind(text, found) {
        case .object, .array: return true
        case .null: return match.value == "null"
        default: break
        }
        guard let value = Self.text(text, found) else { return true }
        if let number = Double(value), number == Double(match.value) { return true }
        return CaseInsensitiveText(value) == CaseInsensitiveText(match.value)
    }
}
