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

    @Test("two columns of one name are refused with both paths")
    func collision() {
        let known = [["metadata", "a__b"], ["metadata", "a", "b"]]
        #expect {
            try names([.every(path: ["metadata"])], known: known)
        } throws: { error in
            "\(error)" == """
                two columns are named "metadata__a__b": metadata.a__b and metadata.a.b; \
                declare one of them under "columns" with a name of its own
                """
        }
    }

    @Test(
        "the error shows odd keys in quotes and rests as such",
        arguments: [
            ([["m", "a.b"], ["m", "a", "b"]], nil), ([["m", "x.y"], ["m", "rest"]], "m.rest and the rest of m"),
            ([["m", "p.q", "r"], ["m", "p.q__r"]], #"m."p.q".r and m."p.q__r""#), ([["m", ""], ["m", "é"]], nil),
        ] as [([[String]], String?)])
    func oddKeys(known: [[String]], expected: String?) {
        var words: String?
        do { _ = try names([.every(path: ["m"])], known: known) } catch { words = "\(error)" }
        #expect(expected.map { words?.contains($0) ?? false } ?? (words == nil))
    }
}
