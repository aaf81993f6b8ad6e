public import ExportCore

/// Extracts the rows of a table from conversations: the conversation itself, or the elements of its lists.
///
/// A row is an unchanged element, preceded by its parents: `conversation`, `conversation_id`, `conversation_started_at`, `message` for
/// elements of a message, and `position`, its index in its list from 0. A field that the element itself has, with a value other than null,
/// stays unchanged.
public struct TableRows: Sendable {
    private let table: Table

    /// Creates the rows of a table that is made from conversations.
    public init(of table: Table) {
        self.table = table
    }

    /// Appends the rows of a conversation, a validated and minified object, and the end of each to `ends`.
    /// - Throws: `RowError` if a list or an element is of another kind. A missing list has no rows.
    public func append(
        of conversation: Span<UInt8>, to output: inout [UInt8], ends: inout [Int]
    ) throws(RowError) {
        guard table != .conversations else {
            output.append(conversation, 0..<conversation.count)
            return ends.append(output.count)
        }
        let parents = Parents(conversation)
        switch table {
        case .conversations: break
        case .messages: try append(parents.messages, named: table.rawValue, of: parents, conversation, to: &output, &ends)
        case .feedbacks: try append(parents.feedbacks, named: table.rawValue, of: parents, conversation, to: &output, &ends)
        case .actionLogs, .attachments: try append(listsNamed: table.rawValue, of: parents, conversation, to: &output, &ends)
        }
    }

    /// The extents of a row's parents in the conversation.
    private struct Parents {
        var id = 0..<0
        var conversationID = 0..<0
        var startedAt = 0..<0
        var messages = 0..<0
        var feedbacks = 0..<0
        /// The message's id. Empty for rows that do not belong to a message.
        var message = 0..<0

        init(_ conversation: Span<UInt8>) {
            var members = JSONMembers(of: 0..<conversation.count, in: conversation)
            while let member = members.next(in: conversation) {
                if JSONText.isKey(conversation, member.key, Name.id) { id = member.value }
                if JSONText.isKey(conversation, member.key, Name.conversationID) { conversationID = member.value }
                if JSONText.isKey(conversation, member.key, Name.startedAt) { startedAt = member.value }
                if JSONText.isKey(conversation, member.key, Name.messages) { messages = member.value }
                if JSONText.isKey(conversation, member.key, Name.feedbacks) { feedbacks = member.value }
            }
        }

        subscript(field: Table.AddedField) -> Range<Int> {
            switch field {
            case .conversation: id
            case .conversationID: conversationID
            case .conversationStartedAt: startedAt
            case .message: message
            case .position: 0..<0
            }
        }
    }

    private func append(
        listsNamed name: String, of parents: Parents, _ text: Span<UInt8>, to output: inout [UInt8], _ ends: inout [Int]
    ) throws(RowError) {
        var parents = parents
        let key = Array(name.utf8)
        try Self.check(parents.messages, named: Table.messages.rawValue, text)
        var messages = JSONElements(of: parents.messages, in: text)
        while let message = messages.next(in: text) {
            guard JSONText.kind(text, message) == .object else { throw .notAnObject }
            var list = 0..<0
            parents.message = 0..<0
            var members = JSONMembers(of: message, in: text)
            while let member = members.next(in: text) {
                if JSONText.isKey(text, member.key, Name.id) { parents.message = member.value }
                if JSONText.isKey(text, member.key, key) { list = member.value }
            }
            try append(list, named: name, of: parents, text, to: &output, &ends)
        }
    }

    private func append(
        _ list: Range<Int>, named name: String, of parents: Parents, _ text: Span<UInt8>, to output: inout [UInt8],
        _ ends: inout [Int]
    ) throws(RowError) {
        try Self.check(list, named: name, text)
        var elements = JSONElements(of: list, in: text)
        var position = 0
        while let element = elements.next(in: text) {
            guard JSONText.kind(text, element) == .object else { throw .notAnObject }
            append(element, at: position, of: parents, text, to: &output)
            ends.append(output.count)
            position += 1
        }
    }

    /// Checks that a value is a list, since any other value would count as an empty one.
    private static func check(_ list: Range<Int>, named name: String, _ text: Span<UInt8>) throws(RowError) {
        guard list.isEmpty || JSONText.kind(text, list) == .array else { throw .noList(field: name) }
    }

    private func append(
        _ element: Range<Int>, at position: Int, of parents: Parents, _ text: Span<UInt8>, to output: inout [UInt8]
    ) {
        let own = OwnFields(of: element, text)
        var separator = Byte.openBrace
        func isAdded(_ field: Table.AddedField) -> Bool {
            !own.contains(field) && (field == .position || !parents[field].isEmpty)
        }
        for field in Table.AddedField.allCases where isAdded(field) {
            output.append(separator)
            output.appendJSONString(field.rawValue)
            output.append(Byte.colon)
            if field == .position { output.append(contentsOf: String(position).utf8) } else { output.append(text, parents[field]) }
            separator = Byte.comma
        }
        var members = JSONMembers(of: element, in: text)
        while let member = members.next(in: text) {
            // A null that was replaced by the added field.
            if JSONText.isNull(text, member.value), let field = Name.field(text, member.key), isAdded(field) { continue }
            output.append(separator)
            output.append(text, member.key.lowerBound..<member.value.upperBound)
            separator = Byte.comma
        }
        output.append(Byte.closeBrace)
    }
}

/// The added fields that a row itself has, with a value other than null.
private struct OwnFields {
    private var fields: [Table.AddedField] = []

    init(of element: Range<Int>, _ text: Span<UInt8>) {
        var members = JSONMembers(of: element, in: text)
        while let member = members.next(in: text) {
            if let field = Name.field(text, member.key), !JSONText.isNull(text, member.value) { fields.append(field) }
        }
    }

    func contains(_ field: Table.AddedField) -> Bool { fields.contains(field) }
}

/// The names of fields as bytes, for comparison with keys.
private enum Name {
    static let id = Array("id".utf8)
    static let conversationID = Array("conversation_id".utf8)
    static let startedAt = Array("started_at".utf8)
    static let messages = Array("messages".utf8)
    static let feedbacks = Array("feedbacks".utf8)
    private static let added = Table.AddedField.allCases.map { (field: $0, name: Array($0.rawValue.utf8)) }

    static func field(_ text: Span<UInt8>, _ key: Range<Int>) -> Table.AddedField? {
        added.first { JSONText.isKey(text, key, $0.name) }?.field
    }
}

extension KeyDiscovery {
    /// Collects keys from a conversation's validated value of `scannedFields[index]`.
    public mutating func collect(scanned index: Int, _ value: Range<Int>, in text: Span<UInt8>) {
        guard table != .conversations else { return collect(field: index, value, in: text) }
        var elements = JSONElements(of: value, in: text)
        while let element = elements.next(in: text) {
            switch table {
            case .actionLogs, .attachments:
                var rows = JSONElements(of: JSONText.value(at: [table.rawValue], of: element, in: text) ?? 0..<0, in: text)
                while let row = rows.next(in: text) { collect(row: row, in: text) }
            case .conversations, .messages, .feedbacks: collect(row: element, in: text)
            }
        }
    }
}
