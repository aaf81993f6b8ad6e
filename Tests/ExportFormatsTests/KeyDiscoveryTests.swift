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

    /// A row with so many keys of its own, the last ones first.
    private func row(_ keys: some Sequence<String>) -> String {
        #"{"m":{\#(keys.map { "\"\($0)\":1" }.joined(separator: ","))}}"#
    }

    @Test("of more keys than can be columns the first in their order are collected and one more, whichever row had them")
    func limit() {
        let most = ColumnLimits.columns
        let all = (0..<(5 * most)).map { String(100_000 + $0) }
        let expected = all.prefix(most + 1).map { ["m", $0] }
        // In one row, the last first; in many; in rows of which each has some of all; by two who are united, after the first keys came last.
        #expect(paths([row(all.reversed())]) == expected)
        let shares = (0..<50).map { share in row(all.enumerated().filter { $0.offset % 50 == share }.map(\.element)) }
        #expect(paths(shares) == expected)
        let blocks = stride(from: 0, to: all.count, by: 7000).map { row(all[$0..<min($0 + 7000, all.count)]) }
        #expect(paths(blocks.reversed()) == expected)
        var (left, right) = (KeyDiscovery(prefixes: [["m"]]), KeyDiscovery(prefixes: [["m"]]))
        for block in blocks.dropFirst(2) { left.collect(row: block) }
        for block in blocks.prefix(2) { right.collect(row: block) }
        left.formUnion(right)
        #expect(left.keys.map(\.path) == expected)
        // What is collected again is the same.
        #expect(KeyDiscovery(prefixes: [["m"]], keys: left.keys + right.keys).keys.map(\.path) == expected)
    }

    @Test("names count too: of long ones fewer are collected, of one that is too long nothing, and what is below it neither")
    func lengths() {
        let names = (0..<2000).map { "\(10_000 + $0)" + String(repeating: "x", count: 995) }
        // Each takes 1,000 bytes and its end, and so does "m".
        let expected = ColumnLimits.allBytes / 1003 + 1
        #expect(paths([row(names.reversed())]) == names.prefix(expected).map { ["m", $0] })
        let longest = String(repeating: "a", count: ColumnLimits.keyBytes - 3)
        #expect(paths([row([longest, longest + "a", "b"])]) == [["m", longest], ["m", "b"]])
        #expect(paths([#"{"m":{"\#(longest)a":{"":1},"b":{"c":1}}}"#]) == [["m", "b", "c"]])
    }

    @Test("a key that is watched is collected whatever the number of others, and its kinds with it")
    func watched() {
        let all = (0..<(3 * ColumnLimits.columns)).map { String(100_000 + $0) }
        var discovery = KeyDiscovery(prefixes: [["m"]], watched: [["w", "z"]])
        discovery.collect(row: #"{"w":{"z":"text"}}"#)
        for block in [all[..<25_000], all[25_000...]] { discovery.collect(row: row(block)) }
        discovery.collect(row: #"{"w":{"z":1}}"#)
        #expect(discovery.keys.count == ColumnLimits.columns + 2)
        #expect(discovery.keys.last == DiscoveredKey(path: ["w", "z"], kinds: [.string, .shortInteger]))
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
