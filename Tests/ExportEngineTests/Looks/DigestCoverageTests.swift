import ExportCore
import ExportFormats
import Testing

@testable import ExportEngine

@Suite struct DigestCoverageTests {
    private static let key = HashKey(String(repeating: "k", count: 32))

    private func plan(_ outputs: [(Table, Privacy)], keepsRows: Bool = false, detail: Source.Detail = .full) -> ExportPlan {
        var plan = ExportPlan(
            pipeline: "p",
            source: Source(
                endpoint: "http://a", key: .environment(variable: "K"), stream: .conversations, detail: detail, insecureHosts: []),
            filters: Filters(values: [:]), windowing: Windowing(every: .day, timezone: "UTC"), windows: [], fetch: FetchSettings(),
            destination: .folder("x"), outputs: [])
        plan.outputs = outputs.map { table, privacy in
            var output = Output(
                table: table, format: .ndjson, compression: .none, path: "x", columns: nil, dialect: .warehouse)
            output.privacy = privacy
            return output
        }
        plan.keepsRows = keepsRows
        return plan
    }

    @Test("what some output holds is covered, as it came or hashed; what all exclude is left out")
    func leftOut() {
        let name = Privacy(exclude: [["name"], ["messages", "content"]])
        #expect(DigestCoverage(of: plan([(.conversations, name)])).leftOut.paths == [["messages", "content"], ["name"]])
        // Another output has the field.
        #expect(DigestCoverage(of: plan([(.conversations, name), (.conversations, .none)])).leftOut.paths == [])
        #expect(DigestCoverage(of: plan([(.conversations, name), (.messages, .none)])).leftOut.paths == [["name"]])
        let hashed = Privacy(hash: [["name"]], key: Self.key)
        let both = DigestCoverage(of: plan([(.conversations, name), (.conversations, hashed)]))
        #expect(both.leftOut.paths == [] && both.key == Self.key)
        // A count tells of the list that is left out.
        #expect(
            DigestCoverage(of: plan([(.conversations, Privacy(exclude: [["messages"]]))])).leftOut.paths
                == [["message_count"], ["messages"]])
        // Below a list, as the rows of its table have it.
        #expect(
            DigestCoverage(of: plan([(.conversations, name), (.messages, Privacy(exclude: [["content"]]))])).leftOut.paths
                == [["messages", "content"], ["name"]])
        // Only whole rows have a list, and lean ones their count.
        #expect(
            DigestCoverage(of: plan([(.conversations, Privacy(exclude: [["messages"]]))], detail: .lean)).leftOut.paths
                == [["messages"]])
        let logs = Privacy(exclude: [["messages", "action_logs"]])
        #expect(DigestCoverage(of: plan([(.conversations, logs), (.actionLogs, .none)])).leftOut.paths == [])
        // Rows that are kept have everything.
        #expect(DigestCoverage(of: plan([(.conversations, name)], keepsRows: true)).leftOut.paths == [])
        // Those that stand by until the columns are known do not.
        var waiting = plan([(.conversations, name)])
        waiting.outputs.append(.keptRows)
        #expect(DigestCoverage(of: waiting).leftOut.paths == [["messages", "content"], ["name"]])
    }

    @Test("whole rows have lists and no counts: a count that is excluded, or a column of its own, is covered as its list is")
    func counts() {
        let count = Privacy(exclude: [["message_count"]])
        #expect(DigestCoverage(of: plan([(.conversations, count)])).leftOut == .none)
        #expect(DigestCoverage(of: plan([(.conversations, count)], detail: .lean)).leftOut.paths == [["message_count"]])
        for (fields, detail, keys) in [
            (["id", "message_count"], Source.Detail.full, ["id"]), (["id", "message_count"], .lean, ["id", "message_count"]),
            (["id", "messages", "message_count"], .full, ["id", "message_count", "messages"]),
            (["feedbacks"], .full, ["feedback_count", "feedbacks"]),
        ] {
            var plan = plan([(.conversations, .none)], detail: detail)
            plan.outputs[0].columns = fields.map { .column(Column(path: [$0])) }
            #expect(DigestCoverage(of: plan).keys == keys, "\(fields) \(detail)")
            // Rows that stand by until the columns are known add nothing.
            plan.outputs.append(.keptRows)
            #expect(DigestCoverage(of: plan).keys == keys, "\(fields) \(detail)")
            plan.keepsRows = true
            #expect(DigestCoverage(of: plan).keys == nil)
        }
    }

    @Test("fields that rows of other tables have from their conversation or message are theirs")
    func addedFields() {
        let id = Privacy(exclude: [["conversation_id"]])
        #expect(DigestCoverage(of: plan([(.conversations, id), (.messages, .none)])).leftOut == .none)
        #expect(
            DigestCoverage(of: plan([(.messages, id)])).leftOut.paths == [["conversation_id"], ["messages", "conversation_id"]])
        #expect(
            DigestCoverage(of: plan([(.messages, Privacy(exclude: [["conversation_started_at"]]))])).leftOut.paths
                == [["messages", "conversation_started_at"], ["started_at"]])
        let message = Privacy(exclude: [["messages", "id"]])
        #expect(DigestCoverage(of: plan([(.conversations, message), (.attachments, .none)])).leftOut == .none)
        #expect(DigestCoverage(of: plan([(.conversations, message), (.feedbacks, .none)])).leftOut.paths == [["messages", "id"]])
    }

    @Test("of a value that is excluded, the parts that another output has are covered, and no others")
    func parts() throws {
        var outputs = plan([
            (.conversations, Privacy(exclude: [["metadata"], ["messages"]])), (.conversations, .none), (.attachments, .none),
        ])
        (outputs.outputs[1].format, outputs.outputs[1].columns) = (
            .csv, [.column(Column(path: ["id"])), .column(Column(path: ["metadata", "plan"]))]
        )
        outputs.outputs[2].privacy = Privacy(exclude: [["file_url"]])
        let coverage = DigestCoverage(of: outputs)
        #expect(
            coverage.leftOut.paths
                == [["message_count"], ["messages"], ["messages", "attachments", "file_url"], ["metadata"]])
        #expect(coverage.leftOut.except == [["messages", "attachments"], ["messages", "id"], ["metadata", "plan"]])
        func digest(_ row: String) throws -> RowDigest {
            var digester = coverage.digester()
            let digest = digester.add(Array(row.utf8).span)
            return try #require(digest)
        }
        let row =
            #"{"id":1,"metadata":{"plan":"a","x":1},"messages":[{"id":2,"content":"c","attachments":[{"id":3,"file_url":"u"}]}]}"#
        for (old, new) in [(#""x":1"#, #""x":2"#), (#""c""#, #""d""#), (#""u""#, #""v""#)] {
            #expect(try digest(row.replacing(old, with: new)) == digest(row), "\(new)")
        }
        for (old, new) in [(#""a""#, #""b""#), (#""id":2"#, #""id":4"#), (#""id":3"#, #""id":4"#)] {
            #expect(try digest(row.replacing(old, with: new)).whole != digest(row).whole, "\(new)")
        }
    }

    @Test(
        "windows whose ids are excluded or hashed have no digests",
        arguments: [
            (Table.conversations, ["id"]), (.messages, ["conversation"]), (.actionLogs, ["conversation"]),
            (.feedbacks, ["conversation"]),
        ])
    func hiddenIDs(table: Table, id: [String]) {
        for privacy in [Privacy(exclude: [id]), Privacy(hash: [id], key: Self.key)] {
            #expect(DigestCoverage.kept(of: plan([(.conversations, .none), (table, privacy)])) == nil)
            #expect(plan([(table, privacy)]).outputWithoutDigests == 0)
        }
        #expect(DigestCoverage.kept(of: plan([(table, Privacy(exclude: [["name"]]))])) != nil)
    }

    @Test("digests of another key, of none, or without the key at hand are not compared")
    func keys() throws {
        let key = try #require(Self.key)
        let plain = plan([(.conversations, .none)])
        let keyed = plan([(.conversations, Privacy(hash: [["name"]], key: key))])
        let other = plan([(.conversations, Privacy(hash: [["name"]], key: HashKey(String(repeating: "l", count: 32))))])
        let digests = WindowDigests(keys: ["id"], leftOut: Exclusion(paths: [["a"]]), keyDigest: key.digest, rows: [])
        #expect(
            DigestCoverage(of: digests, in: keyed) == DigestCoverage(keys: ["id"], leftOut: Exclusion(paths: [["a"]]), key: key))
        #expect(DigestCoverage(of: digests, in: plain) == nil && DigestCoverage(of: digests, in: other) == nil)
        // Plain digests are compared without a key.
        #expect(
            DigestCoverage(of: WindowDigests(keys: ["id"], rows: []), in: keyed)
                == DigestCoverage(keys: ["id"], leftOut: .none, key: nil))
    }
}
