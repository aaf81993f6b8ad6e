import ExportCore
import ExportFormats
import Testing

@testable import ExportEngine

@Suite struct ColumnPlanTests {
    private static let csv = Output(
        table: .conversations, format: .csv, compression: .none, path: "x.csv",
        columns: [.column(Column(path: ["id"])), .every(path: ["metadata"])], dialect: .warehouse)

    private func keys(_ paths: [String]..., of table: Table = .conversations, kinds: ValueKinds = .string) -> [DiscoveredKey] {
        paths.map { DiscoveredKey(table: table, path: ["metadata"] + $0, kinds: kinds) }
    }

    private func header(_ encoders: [any RowEncoder]) -> String {
        var text: [UInt8] = []
        encoders[0].appendHeader(to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    @Test("a key that turns up in a window is in its rest, and a column from the next window on")
    func discovery() throws {
        var plan = ColumnPlan([Self.csv], detail: .full, catalog: ColumnCatalog())
        plan.add(named: ["tier", "analysis.sentiment"], of: .conversations)
        let first = try plan.seal("1", keys: keys(["new"], ["tier"]))
        #expect(header(first.encoders) == "id,metadata__analysis__sentiment,metadata__tier,metadata__rest\n")
        #expect(first.new == ["metadata__new"])
        let second = try plan.seal("2", keys: [])
        #expect(header(second.encoders) == "id,metadata__analysis__sentiment,metadata__tier,metadata__new,metadata__rest\n")
        #expect(plan.catalog.columns.map(\.window) == [nil, nil, "1"])
    }

    @Test("where nothing is known, the first window's own keys are its columns")
    func nothingKnown() throws {
        var plan = ColumnPlan([Self.csv], detail: .full, catalog: ColumnCatalog())
        #expect(
            try header(plan.seal("1", keys: keys(["b"], ["a"])).encoders)
                == "id,metadata__a,metadata__b,metadata__rest\n")
    }

    @Test("two keys that would make one column are an error that shows both, and are not noted")
    func collision() throws {
        var plan = ColumnPlan([Self.csv], detail: .full, catalog: ColumnCatalog())
        plan.add(named: ["a__b"], of: .conversations)
        do {
            _ = try plan.seal("1", keys: keys(["a", "b"]))
            Issue.record("no error")
        } catch let error as LayoutError {
            #expect(error.description.contains("metadata__a__b"))
        }
        #expect(try header(plan.seal("2", keys: []).encoders) == "id,metadata__a__b,metadata__rest\n")
    }
}
