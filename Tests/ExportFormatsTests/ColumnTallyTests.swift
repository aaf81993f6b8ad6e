import ExportCore
import ExportFormats
import Testing

@Suite struct ColumnTallyTests {
    private static let columns: [ColumnSelector] = [
        .column(Column(path: ["id"])), .column(Column(path: ["ended_at"])), .column(Column(path: ["m", "a"])),
        .column(Column(path: ["m", "b"], type: .integer)), .column(Column(path: ["m", "typo"], type: .string)),
        .column(Column(path: ["unknown"])), .every(path: ["m"]), .rest, .agent(name: "agent_name"),
    ]

    @Test("a declared column of a key is empty until a row has a value for it, one that does not fit its type included")
    func empty() throws {
        let layout = try TableLayout(Self.columns, fields: ["id", "ended_at", "m"])
        #expect(layout.keyCells == [2, 3, 4, 5], "fields of the stream, wildcards and the agent's name are not watched")
        var encoders: [any RowEncoder] = [NDJSONEncoder(layout: layout), CSVEncoder(layout: layout, dialect: .warehouse)]
        for place in encoders.indices {
            var tally = ColumnTally(watching: layout.keyCells)
            var empty: [[Int]] = []
            for row in [#"{"id":1,"m":{"a":null,"b":"text"}}"#, #"{"id":2,"m":{}}"#, #"{"id":3,"m":{"a":""},"ended_at":"x"}"#] {
                var output: [UInt8] = []
                try encoders[place].append(row: Array(row.utf8).span, to: &output, tally: &tally)
                empty.append(tally.empty)
            }
            #expect(empty == [[2, 4, 5], [2, 4, 5], [4, 5]])
            #expect(tally.misfits == [3: 1])
        }
    }
}
