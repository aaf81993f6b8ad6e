import ExportCore
import Testing

@Suite("Types of columns are inferred, and only widen")
struct ColumnTypeTests {
    private static let kinds: [ValueKinds] = [
        .boolean, .shortInteger, .integer, .number, .floating, .decimal, .hugeNumber, .string, .json,
    ]

    @Test(
        "the narrowest type that holds all values",
        arguments: [
            ([], nil), ([.boolean], .boolean), ([.shortInteger], .integer), ([.shortInteger, .integer], .integer),
            ([.shortInteger, .number], .number), ([.floating], .number), ([.integer, .number], .decimal), ([.decimal], .decimal),
            ([.decimal, .floating], .string), ([.hugeNumber], .string), ([.boolean, .shortInteger], .string), ([.json], .json),
            ([.json, .string], .string), ([.json, .shortInteger], .string), ([.string, .number], .string),
        ] as [(ValueKinds, ColumnType?)])
    func narrowest(kinds: ValueKinds, expected: ColumnType?) {
        #expect(ColumnType.inferred(from: kinds) == expected)
    }

    @Test(
        "a type that was known widens, and does not narrow",
        arguments: [
            (.integer, [.shortInteger], .integer), (.integer, [.number], .number), (.number, [.shortInteger], .number),
            (.number, [.integer], .decimal), (.integer, [.string], .string), (.string, [.shortInteger], .string),
            (.boolean, [.string], .string), (.json, [.string], .string), (.decimal, [.shortInteger], .decimal),
        ] as [(ColumnType, ValueKinds, ColumnType)])
    func widening(type: ColumnType, kinds: ValueKinds, expected: ColumnType) {
        #expect(ColumnType.inferred(from: kinds, widening: type) == expected)
    }

    @Test("whatever came in whatever order, the inferred type holds it, and so does every later one", arguments: 0..<500)
    func holds(seed: Int) {
        let some = Self.kinds.indices.filter { seed >> $0 & 1 == 1 }.map { Self.kinds[$0] }
        var type: ColumnType?
        for kind in some {
            type = ColumnType.inferred(from: kind, widening: type)
            #expect(type.map { kind.isSubset(of: $0.taken) } ?? false)
        }
    }

    @Test("the catalog adds keys in their order, widens types, and settles those that it did not know")
    func catalog() {
        var catalog = ColumnCatalog()
        catalog.add([DiscoveredKey(path: ["m", "b"], kinds: .shortInteger), DiscoveredKey(path: ["m", "a"])], window: "1")
        #expect(catalog.columns.map(\.type) == [nil, .integer])
        catalog.settle(
            [DiscoveredKey(path: ["m", "a"], kinds: .string), DiscoveredKey(path: ["m", "b"], kinds: .string)], window: "2"
        ) {
            _ in false
        }
        #expect(catalog.columns.map(\.type) == [.string, .integer])
        catalog.add([DiscoveredKey(path: ["m", "b"], kinds: .number)], window: "2")
        #expect(catalog.columns.map(\.type) == [.string, .number])
        #expect(catalog.columns.map(\.window) == ["1", "1"])
        catalog.add([DiscoveredKey(table: .messages, path: ["m", "a"], kinds: .boolean)], window: "3")
        #expect(catalog.columns(of: .messages).map(\.type) == [.boolean])
        #expect(catalog.columns(of: .conversations).count == 2)
    }
}
