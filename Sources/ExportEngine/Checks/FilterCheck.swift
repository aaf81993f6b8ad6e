import ExportCore
import ExportFormats

/// Compares rows with the filters that were asked for, where a row shows what they ask.
///
/// The service ignores what it does not know, so a filter that is not honoured silently widens the result. What a row cannot show,
/// such as `search`, is not checked.
struct FilterCheck: Sendable {
    /// Top-level fields of a row that are looked at.
    let fields: [String]
    private let rules: [Rule]
    private struct Rule: Sendable {
        /// The filter's name, for the message.
        let filter: String
        let field: Int
        let holds: @Sendable (Span<UInt8>, Range<Int>) -> Bool
    }

    /// - Parameter first: The number of fields that the caller looks at before these.
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

    /// The first filter that a row contradicts. A field that the row does not have shows nothing.
    func contradiction(in page: ScannedPage, row: Int, of text: Span<UInt8>) -> String? {
        rules.first { rule in
            page.value(rule.field, ofRow: row).map { !rule.holds(text, $0) } ?? false
        }?.filter
    }
}

// MARK: What a value shows

extension FilterCheck {
    /// A string, or the letters of a number or a boolean. Nil for null, objects and arrays.
    private static func text(_ text: Span<UInt8>, _ extent: Range<Int>) -> String? {
        switch JSONText.kind(text, extent) {
        case .string: JSONText.string(text, extent)
        case .number, .true, .false: String(decoding: extent.map { text[$0] }, as: UTF8.self)
        case .null, .object, .array: nil
        }
    }

    /// Whether some reading of case, accents and normal forms makes the value the other text.
    private static func equals(_ text: Span<UInt8>, _ extent: Range<Int>, _ other: String) -> Bool {
        guard let value = Self.text(text, extent) else { return false }
        return value.utf8.elementsEqual(other.utf8) || CaseInsensitiveText(value) == CaseInsensitiveText(other)
    }

    private static func isAddress(_ text: Span<UInt8>, _ extent: Range<Int>, _ other: String) -> Bool {
        if let value = Self.text(text, extent).flatMap(IPAddress.init), let other = IPAddress(other) { return value == other }
        return equals(text, extent, other)
    }

    /// Whether some reading of case, accents and normal forms makes the other text a part of the value.
    private static func contains(_ text: Span<UInt8>, _ extent: Range<Int>, _ part: String) -> Bool {
        guard let value = Self.text(text, extent) else { return false }
        return containsAsWritten(value, part) || CaseInsensitiveText(value).contains(CaseInsensitiveText(part))
    }

    /// Letter by letter and not by what looks like one: databases know no combined characters.
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

    /// Nil where the value is no array.
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
        // Databases differ in how they fold letters outside ASCII.
        guard JSONText.kind(text, extent) == .array, part.utf8.allSatisfy({ $0 < 0x80 }) else { return true }
        func isFound(_ holds: (String) -> Bool) -> Bool {
            var found = false
            JSONText.forEachElement(of: extent, in: text) { message in
                guard !found, let content = JSONText.value(at: ["content"], of: message, in: text) else { return }
                found = Self.text(text, content).map(holds) ?? false
            }
            return found
        }
        // Folding takes time that most rows need not: one of their messages has it as it is written.
        if isFound({ containsAsWritten($0, part) }) { return true }
        let part = CaseInsensitiveText(part)
        return isFound { CaseInsensitiveText($0).contains(part) }
    }

    /// Types follow the looks of the value, so the letters decide. An object or an array says nothing certain.
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
