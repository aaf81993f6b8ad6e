import ExportCore
import ExportFormats
import ExportWarehouse
import Foundation
import TestSupport
import Testing

@testable import ExportLoad

@Suite struct TableRowDigesterTests {
    private func table(_ table: Table, columns: [ColumnSelector]? = nil) throws -> LoadTable {
        let plan = ExportPlan.sample([.sample(table, columns: columns)])
        let layout = try plan.outputs[0].layout(of: plan)
        return try LoadTable.tables(of: plan, layouts: [layout], for: .postgres, prefix: "")[0]
    }

    private func digest(_ row: String, _ table: LoadTable) throws -> Int64 {
        let columns = table.columns.map { CellColumn(name: $0.source, type: $0.type) }
        var reader = try #require(Output.Format.ndjson.cellReader(columns, replacing: true))
        var digest = TableRowDigester(table.columns)
        var found: Int64?
        try reader.read(Array((row + "\n").utf8).span) { found = digest.digest($0) }
        try reader.finish()
        return try #require(found)
    }

    @Test("the digest of a row does not change with the order of its keys, nor with keys that are null")
    func order() throws {
        let table = try table(.feedbacks)
        let digest = try digest(#"{"id":1,"comment":"good"}"#, table)
        #expect(try self.digest(#"{"comment":"good","id":1}"#, table) == digest)
        #expect(try self.digest(#"{"comment":"good","id":1,"user":null}"#, table) == digest)
        #expect(try self.digest(#"{"comment":"good","id":1,"user":7}"#, table) != digest)
        #expect(try self.digest(#"{"comment":"goo","id":1,"category":"d"}"#, table) != digest)
        #expect(try self.digest(#"{"id":1,"category":"good"}"#, table) != digest)
        #expect(try self.digest(#"{"id":1,"comment":""}"#, table) != self.digest(#"{"id":1}"#, table))
    }

    @Test("the digest of a row leaves out links that the service signs anew, and nothing else")
    func volatile() throws {
        let attachments = try table(.attachments)
        let attachment = #"{"id":1,"file_name":"a","file_url":"https://x/1?sig=1"}"#
        #expect(try digest(attachment, attachments) == digest(attachment.replacing("sig=1", with: "sig=2"), attachments))
        #expect(try digest(attachment, attachments) != digest(attachment.replacing(#""a""#, with: #""b""#), attachments))
        let messages = try table(.messages)
        let message = #"{"id":1,"content":"c","attachments":[{"id":2,"file_url":"u1","size":3}],"metadata":{"file_url":"m"}}"#
        #expect(try digest(message, messages) == digest(message.replacing("u1", with: "u2"), messages))
        #expect(try digest(message, messages) != digest(message.replacing(":3", with: ":4"), messages))
        #expect(try digest(message, messages) != digest(message.replacing(#""m""#, with: #""n""#), messages))
    }
}

extension Output {
    fileprivate func layout(of plan: ExportPlan) throws -> TableLayout? {
        guard let columns else { return nil }
        return try TableLayout(columns, fields: table.fields(detail: plan.source.detail).map(\.name))
    }
}
