import ExportCore
import ExportFormats
import Testing

@Suite("Conversations are taken apart into the rows of tables")
struct TableRowsTests {
    private static let conversation =
        #"{"id":7,"conversation_id":"c-\u0037","started_at":"2026-01-01T00:00:00Z","messages":["#
        + #"{"id":70,"conversation":7,"content":"a","attachments":[{"id":1,"message":70},{"id":2,"position":9}],"action_logs":[]},"#
        + #"{"id":71,"conversation":null,"content":"b","action_logs":[{"id":3,"message":null,"x":null}]}],"#
        + #""feedbacks":[{"id":5,"message":null,"position":null},{}]}"#

    private func rows(_ table: Table, _ conversation: String = conversation) throws -> [String] {
        var (bytes, ends): ([UInt8], [Int]) = ([], [])
        try TableRows(of: table).append(of: Array(conversation.utf8).span, to: &bytes, ends: &ends)
        #expect(ends.last ?? 0 == bytes.count)
        return zip([0] + ends, ends).map { String(decoding: bytes[$0..<$1], as: UTF8.self) }
    }

    private static let keys = #"{"conversation":7,"conversation_id":"c-\u0037","conversation_started_at":"2026-01-01T00:00:00Z","#
    private static let otherKeys = #"{"conversation_id":"c-\u0037","conversation_started_at":"2026-01-01T00:00:00Z","#

    @Test("a conversation is its own row, byte for byte")
    func conversations() throws {
        #expect(try rows(.conversations) == [Self.conversation])
    }

    @Test("a message comes as it is, behind what it is part of and its place; what it has itself is not said twice")
    func messages() throws {
        let rows = try rows(.messages)
        #expect(rows.count == 2)
        #expect(rows[0].hasPrefix(Self.otherKeys + #""position":0,"id":70,"conversation":7,"content":"a","attachments":[{"#))
        #expect(rows[1] == Self.keys + #""position":1,"id":71,"content":"b","action_logs":[{"id":3,"message":null,"x":null}]}"#)
    }

    @Test("action logs and attachments name their message, feedbacks keep the null they have of it")
    func lists() throws {
        #expect(try rows(.actionLogs) == [Self.keys + #""message":71,"position":0,"id":3,"x":null}"#])
        #expect(
            try rows(.attachments) == [
                Self.keys + #""position":0,"id":1,"message":70}"#, Self.keys + #""message":70,"id":2,"position":9}"#,
            ])
        #expect(
            try rows(.feedbacks) == [
                Self.keys + #""position":0,"id":5,"message":null}"#, Self.keys + #""position":1}"#,
            ])
    }

    @Test(
        "a conversation without the list, or with an empty one, has no rows",
        arguments: ["{}", #"{"messages":[],"feedbacks":[]}"#])
    func none(conversation: String) throws {
        for table in Table.allCases where table != .conversations { #expect(try rows(table, conversation).isEmpty) }
        for table in [Table.actionLogs, .attachments] { #expect(try rows(table, #"{"messages":[{"id":1}]}"#).isEmpty) }
    }

    @Test("what is no object is refused, and not dropped")
    func noObject() {
        #expect(throws: RowError.notAnObject) { try rows(.messages, #"{"messages":[{"id":1},5]}"#) }
        #expect(throws: RowError.notAnObject) { try rows(.actionLogs, #"{"messages":[{"action_logs":[null]}]}"#) }
        #expect(throws: RowError.notAnObject) { try rows(.attachments, #"{"messages":[{"attachments":[]},5]}"#) }
    }

    @Test(
        "a list that is none is refused by its name, and is never a list without rows", arguments: ["{}", #""none""#, "7", "null"])
    func noList(value: String) {
        for (table, conversation, field) in [
            (Table.messages, #"{"messages":\#(value)}"#, "messages"), (.feedbacks, #"{"feedbacks":\#(value)}"#, "feedbacks"),
            (.actionLogs, #"{"messages":\#(value)}"#, "messages"), (.attachments, #"{"messages":\#(value)}"#, "messages"),
            (.actionLogs, #"{"messages":[{"action_logs":\#(value)}]}"#, "action_logs"),
            (.attachments, #"{"messages":[{"attachments":\#(value)}]}"#, "attachments"),
        ] {
            #expect(throws: RowError.noList(field: field)) { try rows(table, conversation) }
        }
    }

    @Test("the keys of a table are found where its rows are")
    func discovery() {
        func keys(_ table: Table, _ field: String, _ value: String) -> [DiscoveredKey] {
            var discovery = KeyDiscovery(table: table, prefixes: [["metadata"]])
            #expect(discovery.scannedFields == [field])
            let bytes = Array(value.utf8)
            discovery.collect(scanned: 0, 0..<bytes.count, in: bytes.span)
            return discovery.keys
        }
        let messages = #"[{"metadata":{"a":1,"b":{"c":"x"}}},{"metadata":{"a":1.5},"action_logs":[{"metadata":{"d":true}}]}]"#
        #expect(
            keys(.messages, "messages", messages) == [
                DiscoveredKey(table: .messages, path: ["metadata", "a"], kinds: [.shortInteger, .number]),
                DiscoveredKey(table: .messages, path: ["metadata", "b", "c"], kinds: .string),
            ])
        #expect(
            keys(.actionLogs, "messages", messages) == [
                DiscoveredKey(table: .actionLogs, path: ["metadata", "d"], kinds: .boolean)
            ])
        #expect(keys(.conversations, "metadata", #"{"a":null}"#) == [DiscoveredKey(path: ["metadata", "a"])])
    }
}
