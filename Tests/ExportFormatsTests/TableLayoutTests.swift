import ExportCore
import ExportFormats
import Testing

@Suite("Columns are laid out")
struct TableLayoutTests {
    private func names(_ selectors: [ColumnSelector], known: [[String]]) throws -> [String] {
        try TableLayout(selectors, known: known.map { .init(path: $0) }).columns.map(\.name)
    }

    @Test("a wildcard becomes a column for each known path below it, in their order, and one for the rest")
    func expansion() throws {
        let known = [
            ["metadata", "tier"], ["geo", "city"], ["metadata", "analysis", "sentiment"], ["metadata", "b"], ["metadata", "tier"],
        ]
        #expect(
            try names([.column(Column(path: ["id"])), .every(path: ["metadata"]), .column(Column(path: ["name"]))], known: known)
                == ["id", "metadata__tier", "metadata__analysis__sentiment", "metadata__b", "metadata__rest", "name"])
    }

    @Test("what is declared as a column, and what lies below it, gets no second one from the wildcard", arguments: [true, false])
    func declared(first: Bool) throws {
        let tier = ColumnSelector.column(Column(name: "tier", path: ["metadata", "tier"], type: .string))
        let analysis = ColumnSelector.column(Column(path: ["metadata", "analysis"]))
        let every = ColumnSelector.every(path: ["metadata"])
        let known = [["metadata", "tier"], ["metadata", "analysis", "x"], ["metadata", "b"]]
        let expanded = ["metadata__b", "metadata__rest"]
        let names = try names(first ? [tier, analysis, every] : [every, tier, analysis], known: known)
        #expect(names == (first ? ["tier", "metadata__analysis"] + expanded : expanded + ["tier", "metadata__analysis"]))
    }

    @Test("the declared object of a wildcard hides none of its keys")
    func declaredPrefix() throws {
        let selectors: [ColumnSelector] = [.column(Column(path: ["metadata"])), .every(path: ["metadata"])]
        #expect(try names(selectors, known: [["metadata", "a"]]) == ["metadata", "metadata__a", "metadata__rest"])
    }

    @Test("a known path belongs to the longest wildcard above it")
    func nestedWildcards() throws {
        let selectors: [ColumnSelector] = [.every(path: ["m"]), .every(path: ["m", "n"])]
        #expect(
            try names(selectors, known: [["m", "a"], ["m", "n", "b"], ["m", "n"]]) == ["m__a", "m__rest", "m__n__b", "m__n__rest"])
    }

    @Test("two declared columns of one name are refused with both paths")
    func collision() {
        let selectors = [["metadata", "a__b"], ["metadata", "a", "b"]].map { ColumnSelector.column(Column(path: $0)) }
        #expect {
            try names(selectors, known: [])
        } throws: { error in
            "\(error)" == """
                two columns are named "metadata__a__b": metadata.a__b and metadata.a.b; \
                declare one of them under "columns" with a name of its own
                """
        }
    }

    @Test(
        "a known key whose column's name is taken gets no column, and is named with what has the name",
        arguments: [
            ([["m", "a__b"], ["m", "a", "b"]], ["m__a__b", "m__rest"], ["m.a.b for m.a__b"]),
            ([["m", "a", "b"], ["m", "a__b"]], ["m__a__b", "m__rest"], ["m.a__b for m.a.b"]),
            ([["m", "rest"], ["m", "x.y"]], ["m__x.y", "m__rest"], ["m.rest for the rest of m"]),
            ([["m", "p.q", "r"], ["m", "p.q__r"]], ["m__p.q__r", "m__rest"], [#"m."p.q__r" for m."p.q".r"#]),
            ([["m", "taken"], ["m", "a.b"], ["m", "a", "b"]], ["m__a.b", "m__a__b", "m__rest"], ["m.taken for id"]),
            ([["m", ""], ["m", "\u{E9}"], ["m", "e\u{301}"]], ["m__", "m__\u{E9}", "m__e\u{301}", "m__rest"], []),
            // Below no wildcard.
            ([["n", "x"], ["m"]], ["m__rest"], []),
        ] as [([[String]], [String], [String])])
    func displaced(known: [[String]], names: [String], displaced: [String]) throws {
        let layout = try TableLayout(
            [.every(path: ["m"]), .column(Column(name: "m__taken", path: ["id"])), .column(Column(name: "n__x", path: ["y"]))],
            known: known.map { .init(path: $0) })
        #expect(layout.columns.map(\.name) == names + ["m__taken", "n__x"])
        #expect(layout.displaced.map { "\($0.key.content) for \($0.holder.content)" } == displaced)
    }

    @Test("the values of a key without a column are in the rest, whichever of the two has one")
    func rest() throws {
        let row = #"{"m":{"a__b":1,"a":{"b":2,"c":3},"rest":[4]}}"#
        for (known, line) in [
            ([["m", "a__b"], ["m", "a", "b"], ["m", "rest"]], #"1,"{""a"":{""b"":2,""c"":3},""rest"":[4]}""#),
            ([["m", "a", "b"], ["m", "a__b"], ["m", "a", "c"]], #"2,3,"{""a__b"":1,""rest"":[4]}""#),
        ] {
            let layout = try TableLayout([.every(path: ["m"])], known: known.map { .init(path: $0) })
            #expect(try CSVEncoder(layout: layout, dialect: .warehouse).line(row) == line + "\n")
        }
    }
}
