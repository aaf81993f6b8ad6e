import Foundation
import SampleAPI
import Testing

/// samples/expected.json is written by integration/expected.py, which knows nothing of this code.
@Suite struct ExpectedSelectionTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let parameters: [QueryParameter]
        let onlyDeleted: Bool
        let ids: [Int]
        /// What the older generation selects.
        let oldIDs: [Int]

        var testDescription: String { name }
    }

    static let cases: [Case] = {
        guard let bytes = try? SampleFiles.bytes("expected.json"),
            let entries = try? JSONSerialization.jsonObject(with: Data(bytes)) as? [String: [String: Any]]
        else { return [] }
        return entries.sorted { $0.key < $1.key }.map { name, entry in
            let filters = entry["filters"] as? [String: Any] ?? [:]
            let ids = entry["ids"] as? [Int] ?? []
            return Case(
                name: name, parameters: parameters(filters), onlyDeleted: filters["only_deleted"] as? Bool ?? false,
                ids: ids, oldIDs: entry["old_ids"] as? [Int] ?? ids
            )
        }
    }()

    /// As they are sent: a map of metadata in one parameter, or in two where a value has a comma or a colon.
    private static func parameters(_ filters: [String: Any]) -> [QueryParameter] {
        var parameters: [QueryParameter] = []
        func add(_ name: String, _ value: String) { parameters.append(QueryParameter(name: name, value: value)) }
        for (name, value) in filters.sorted(by: { $0.key < $1.key }) {
            switch value {
            case let map as [String: Any]:
                let pairs = map.sorted { $0.key < $1.key }.map { ($0.key, text($0.value)) }
                let plain = pairs.filter { !$0.1.contains { $0 == "," || $0 == ":" } }
                if !plain.isEmpty { add("metadata", plain.map { "\($0.0):\($0.1)" }.joined(separator: ",")) }
                for (key, value) in pairs where value.contains(where: { $0 == "," || $0 == ":" }) {
                    add("metadata_key", key)
                    add("metadata_value", value)
                }
            case _ where name == "only_deleted":
                if text(value) == "true" { add("include_deleted", "true") }
            default: add(name, text(value))
            }
        }
        return parameters
    }

    private static func text(_ value: Any) -> String {
        switch value {
        case is NSNull: "null"
        case let text as String: text
        case let number as NSNumber where CFBooleanKind.isBoolean(number): number.boolValue ? "true" : "false"
        default: "\(value)"
        }
    }

    @Test("the cases cover every filter of the service")
    func coverage() {
        let used = Set(Self.cases.flatMap { $0.parameters.map(\.name) })
        #expect(
            used.isSuperset(of: [
                "conversation_id", "customer_id", "customer_id__icontains", "customer_ip_address", "name", "device", "language",
                "environment",
                "is_marked", "has_messages", "has_feedback", "has_action", "include_deleted", "include_tickets", "started_at_after",
                "started_at_before", "message_contains", "search", "action_name", "feedback_sentiment", "feedback_source",
                "metadata",
                "metadata_key", "metadata_value",
            ])
        )
        #expect(Self.cases.count > 150)
    }

    @Test("the oracle selects what the independent evaluation selects", arguments: cases)
    func oracle(expected: Case) throws {
        let service = Self.service
        let ids = try service.matchingIDs(expected.parameters).filter { id in
            !expected.onlyDeleted
                || service.row(id: id).map { String(decoding: $0, as: UTF8.self).contains("\"is_deleted\":true") } ?? false
        }
        #expect(ids == expected.ids)
    }

    @Test("the older generation takes action_name as the whole name, the newer one as a part of it, whatever the case")
    func actionNames() throws {
        let named = Self.cases.filter { $0.name.hasPrefix("action_name") }
        #expect(named.contains { $0.ids != $0.oldIDs })
        for expected in named {
            #expect(try Self.oldService.matchingIDs(expected.parameters) == expected.oldIDs, "\(expected.name)")
        }
    }

    private static let service = SampleService()
    private static let oldService = SampleService(.init(generation: .old))

    @Test(
        "the service's pages hold what the independent evaluation selects, for full rows and for lean ones",
        arguments: [true, false])
    func pages(full: Bool) async throws {
        // Over the wire a range has other ends, so those cases are the oracle's.
        let plain = Self.cases.filter { !$0.onlyDeleted && !$0.parameters.contains { $0.name.hasPrefix("started_at") } }
        try await withSampleService { endpoint, _ in
            let client = RawClient(endpoint: endpoint)
            for expected in plain where !full || expected.ids.count < 20 {
                var ids: [Int] = []
                for page in 1...max(1, (expected.ids.count + 99) / 100) {
                    let asked = expected.parameters.map { ($0.name, $0.value) }
                    let answer = try await client.list(
                        asked + [("ordering", "started_at,id"), ("page_size", "100"), ("page", "\(page)"), ("full", "\(full)")])
                    try #expect(answer.json()["count"] as? Int == expected.ids.count, "\(expected.name)")
                    ids += try answer.ids()
                }
                #expect(ids == expected.ids, "\(expected.name)")
            }
        }
    }
}

/// Foundation's numbers do not say whether they were written `true` or `1`, but their type codes do.
private enum CFBooleanKind {
    static func isBoolean(_ number: NSNumber) -> Bool {
        String(cString: number.objCType) == "c" || String(cString: number.objCType) == "B"
    }
}
