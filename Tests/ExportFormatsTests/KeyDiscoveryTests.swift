import ExportCore
import ExportFormats
import Testing

@Suite("Keys are discovered")
struct KeyDiscoveryTests {
    private func paths(_ rows: [String], below prefixes: [[String]] = [["m"]]) -> [[String]] {
        var discovery = KeyDiscovery(prefixes: prefixes)
        for row in rows {
            discovery.collect(row: row)
        }
        return discovery.keys.map(\.path)
    }

    @Test("leaves are scalars, null, arrays and empty objects; other objects are looked into")
    func leaves() {
        let row = #"{"id":1,"m":{"a":1,"n":null,"l":[{"x":1}],"e":{},"o":{"p":{"q":"s"},"r":2}},"g":{"z":1}}"#
        #expect(paths([row]) == [["m", "a"], ["m", "e"], ["m", "l"], ["m", "n"], ["m", "o", "p", "q"], ["m", "o", "r"]])
    }

    @Test(
        "an object without members, a scalar and nothing at all bring no paths",
        arguments: [#"{"m":{}}"#, #"{"m":5}"#, "{}", #"{"m":null}"#])
    func none(row: String) {
        #expect(paths([row]).isEmpty)
    }

    @Test("a key is a leaf in one row and a parent in the next: both are paths")
    func both() {
        #expect(paths([#"{"m":{"a":1}}"#, #"{"m":{"a":{"b":1}}}"#]) == [["m", "a"], ["m", "a", "b"]])
    }

    @Test("prefixes may be deep, several, and inside one another")
    func prefixes() {
        let row = #"{"a":{"x":1,"b":{"y":2}},"c":{"z":3},"d":4}"#
        #expect(paths([row], below: [["a", "b"], ["c"]]) == [["a", "b", "y"], ["c", "z"]])
        #expect(paths([row], below: [["a"], ["a", "b"]]) == [["a", "b", "y"], ["a", "x"]])
    }

    @Test("escaped keys are their decoded names; keys that only look alike are two")
    func spelling() {
        #expect(paths([#"{"\u006d":{"\u0061":1}}"#, #"{"m":{"a":1}}"#]) == [["m", "a"]])
        #expect(paths(["{\"m\":{\"\u{E9}\":1,\"e\u{301}\":1}}"]).count == 2)
    }

    @Test("the result does not depend on the order of rows, nor on who collected them")
    func union() {
        let rows = (0..<200).map { #"{"m":{"k\#($0 % 50)":{"x\#($0 % 7)":1},"j\#($0)":[]}}"# }
        var left = KeyDiscovery(prefixes: [["m"]])
        var right = KeyDiscovery(prefixes: [["m"]])
        for (index, row) in rows.enumerated() {
            if index.isMultiple(of: 3) { left.collect(row: row) } else { right.collect(row: row) }
        }
        left.formUnion(right)
        #expect(left.keys.map(\.path) == paths(rows.reversed()))
        #expect(Set(left.keys.map(\.path)).count == left.keys.count)
    }
}

extension KeyDiscovery {
    /// Collects from a whole row.
    mutating func collect(row: String) {
        let row = Array(row.utf8)
        for (index, field) in fields.enumerated() {
            if let value = JSONText.value(at: [field], of: 0..<row.count, in: row.span) {
                collect(field: index, value, in: row.span)
            }
        }
    }
}
