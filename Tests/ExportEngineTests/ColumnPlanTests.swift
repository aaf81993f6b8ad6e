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
        var (encoder, text) = (encoders[0], [UInt8]())
        encoder.appendHeader(to: &text)
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

    @Test(
        "of more keys than a table can have columns the first become columns, in the order of windows, and it is told which tables are full"
    )
    func full() throws {
        var plan = ColumnPlan([Self.csv], detail: .full, catalog: ColumnCatalog())
        let (most, all) = (ColumnLimits.columns, (0..<20_000).map { ["k\(100_000 + $0)"] })
        let first = try plan.seal("1", keys: Array(all[5..<105]).flatMap { keys($0) })
        #expect(first.full == [])
        // As a window tells of them: as many as can be, and one more.
        let second = try plan.seal("2", keys: all.prefix(most + 1).reversed().flatMap { keys($0) })
        #expect(second.full == [.conversations])
        #expect(plan.catalog.columns.count == most && second.new.count == most - 100)
        #expect(plan.catalog.columns.map(\.path)[100] == ["metadata", "k100000"])
        #expect(plan.catalog.columns.last?.path == ["metadata", "k\(100_000 + most - 1)"])
        // What is a column already still takes other values.
        let third = try plan.seal("3", keys: keys(all[7], kinds: .json) + keys(["zzz"]))
        #expect(third.full == [.conversations] && third.new == [])
        #expect(plan.catalog.columns.first { $0.path.last == "k100007" }?.type == .string)
        #expect(plan.catalog.columns.count == most)
        let header = header(third.encoders)
        #expect(header.hasSuffix(",metadata__rest\n") && header.count { $0 == "," } == most + 1)
    }

    @Test("names that the service gives are columns within the same limits, and long ones are none")
    func fullOfNames() throws {
        var plan = ColumnPlan([Self.csv], detail: .full, catalog: ColumnCatalog())
        plan.add(
            named: (0..<20_000).reversed().map { "k\(100_000 + $0)" } + [String(repeating: "a", count: 2000)], of: .conversations)
        #expect(plan.catalog.columns.count == ColumnLimits.columns)
        #expect(plan.catalog.columns.map { $0.path[1] } == (0..<ColumnLimits.columns).map { "k\(100_000 + $0)" })
        var long = ColumnCatalog()
        long.add((0..<1000).flatMap { keys(["\(1000 + $0)" + String(repeating: "x", count: 1000)]) }, window: "1")
        #expect(long.columns.count == ColumnLimits.allBytes / 1014)
        // Of each table by itself.
        let other = [String(repeating: "a", count: 60)]
        #expect(long.add(keys(other), window: "1") == [.conversations])
        #expect(long.add(keys(other, of: .messages), window: "1") == [])
    }

    @Test("a key whose column's name is taken is told of once, with what has the name; other new keys are columns")
    func collision() throws {
        var plan = ColumnPlan([Self.csv], detail: .full, catalog: ColumnCatalog())
        plan.add(named: ["a__b"], of: .conversations)
        let first = try plan.seal("1", keys: keys(["a", "b"], ["rest"], ["c"]))
        #expect(
            first.collisions == [
                .init(table: .conversations, name: "metadata__a__b", key: "metadata.a.b", holder: "metadata.a__b"),
                .init(table: .conversations, name: "metadata__rest", key: "metadata.rest", holder: "the rest of metadata"),
            ])
        #expect(first.new == ["metadata__c"])
        let second = try plan.seal("2", keys: keys(["a", "b"]))
        #expect(second.collisions.isEmpty && second.new.isEmpty)
        #expect(header(second.encoders) == "id,metadata__a__b,metadata__c,metadata__rest\n")
    }

    @Test("where a run of a part tells of it, too, the columns stay as they are for all")
    func collisionOfPart() throws {
        var catalog = ColumnCatalog()
        catalog.add(keys(["a__b"]), window: "0")
        var plan = ColumnPlan([Self.csv], detail: .full, catalog: catalog, isFixed: true)
        let sealed = try plan.seal("1", keys: keys(["a", "b"]))
        #expect(sealed.collisions.map(\.key) == ["metadata.a.b"])
        #expect(try plan.seal("2", keys: keys(["a", "b"])).collisions.isEmpty)
        #expect(header(sealed.encoders) == "id,metadata__a__b,metadata__rest\n")
    }

    @Test("keys that only look alike are two that are told of, and thousands of them are told of in no time to speak of")
    func manyCollisions() throws {
        var plan = ColumnPlan([Self.csv], detail: .full, catalog: ColumnCatalog())
        let names = ["\u{E9}", "e\u{301}"] + (0..<4000).map { "k\($0)" }
        plan.add(named: names.map { "a__\($0)" }, of: .conversations)
        let sealed = try plan.seal("1", keys: names.flatMap { keys(["a", $0]) })
        #expect(sealed.collisions.count == names.count && sealed.new.isEmpty)
        #expect(Set(sealed.collisions.map { Array($0.key.utf8) }).count == names.count)
        #expect(try plan.seal("2", keys: names.flatMap { keys(["a", $0]) }).collisions.isEmpty)
    }
}
