import ExportCore
import ExportFormats
import Testing

@Suite("No value of a row is lost between the columns")
struct RestTests {
    /// The row written as NDJSON with the columns of `metadata.*`, less the braces around it.
    private func line(_ metadata: String, known: [[String]]) throws -> String {
        let layout = try TableLayout([.every(path: ["m"])], known: known.map { .init(path: ["m"] + $0) })
        return try NDJSONEncoder(layout: layout).line(#"{"id":1,"m":\#(metadata)}"#)
    }

    @Test(
        "known leaves go to their columns and what else there is to the rest, in its order and nested as it was",
        arguments: [
            (#"{"a":1,"b":"x"}"#, #"{"m__a":1,"m__b__c":null,"m__rest":{"b":"x"}}"#),
            (#"{"a":1}"#, #"{"m__a":1,"m__b__c":null,"m__rest":null}"#),
            (#"{"a":1,"b":{"c":2}}"#, #"{"m__a":1,"m__b__c":2,"m__rest":null}"#),
            (
                #"{"z":0,"b":{"y":[1],"c":2,"x":{"w":null}},"a":3}"#,
                #"{"m__a":3,"m__b__c":2,"m__rest":{"z":0,"b":{"y":[1],"x":{"w":null}}}}"#
            ),
            (#"{"a":{"c":2}}"#, #"{"m__a":null,"m__b__c":null,"m__rest":{"a":{"c":2}}}"#),
            (#"{"a":{},"b":{"c":{}}}"#, #"{"m__a":{},"m__b__c":{},"m__rest":null}"#),
            (#"{"a":[{"c":2}],"b":{}}"#, #"{"m__a":[{"c":2}],"m__b__c":null,"m__rest":{"b":{}}}"#),
            (#"{"b":{"c":{"d":1}}}"#, #"{"m__a":null,"m__b__c":null,"m__rest":{"b":{"c":{"d":1}}}}"#),
            (#"{"b":null}"#, #"{"m__a":null,"m__b__c":null,"m__rest":{"b":null}}"#),
            ("{}", #"{"m__a":null,"m__b__c":null,"m__rest":{}}"#), ("null", #"{"m__a":null,"m__b__c":null,"m__rest":null}"#),
            (#""text""#, #"{"m__a":null,"m__b__c":null,"m__rest":"text"}"#),
            ("[1,2]", #"{"m__a":null,"m__b__c":null,"m__rest":[1,2]}"#),
            (#"{"\u0061":1,"b":{"\u0063":2,"\u0064":3}}"#, #"{"m__a":1,"m__b__c":2,"m__rest":{"b":{"\u0064":3}}}"#),
            (#"{"a":1,"a":{"x":2}}"#, #"{"m__a":null,"m__b__c":null,"m__rest":{"a":{"x":2}}}"#),
            (#"{"a":{"x":2},"a":1}"#, #"{"m__a":1,"m__b__c":null,"m__rest":null}"#),
            (#"{"b":{"c":1,"d":2},"b":{"c":3}}"#, #"{"m__a":null,"m__b__c":3,"m__rest":null}"#),
            (#"{"b":{"c":1},"b":7}"#, #"{"m__a":null,"m__b__c":null,"m__rest":{"b":7}}"#),
            (#"{"a.b":1,"b__c":2,"":3}"#, #"{"m__a":null,"m__b__c":null,"m__rest":{"a.b":1,"b__c":2,"":3}}"#),
        ])
    func rest(metadata: String, expected: String) throws {
        #expect(try line(metadata, known: [["a"], ["b", "c"]]) == expected + "\n")
    }

    @Test("a path known as a leaf and as a parent fills the column that fits the row")
    func leafAndParent() throws {
        let known = [["a"], ["a", "b"]]
        #expect(try line(#"{"a":1}"#, known: known) == "{\"m__a\":1,\"m__a__b\":null,\"m__rest\":null}\n")
        #expect(try line(#"{"a":{"b":2}}"#, known: known) == "{\"m__a\":null,\"m__a__b\":2,\"m__rest\":null}\n")
        #expect(try line(#"{"a":{"b":2,"c":3}}"#, known: known) == "{\"m__a\":null,\"m__a__b\":2,\"m__rest\":{\"a\":{\"c\":3}}}\n")
    }

    @Test("a row without the object has an empty rest")
    func missing() throws {
        let layout = try TableLayout([.every(path: ["m"])], known: [.init(path: ["m", "a"])])
        #expect(try NDJSONEncoder(layout: layout).line("{}") == "{\"m__a\":null,\"m__rest\":null}\n")
    }

    @Test("a declared column takes its value out of the rest, whatever it is")
    func declared() throws {
        let layout = try TableLayout([.column(Column(name: "x", path: ["m", "a", "b"])), .every(path: ["m"])])
        let encoder = NDJSONEncoder(layout: layout)
        #expect(try encoder.line(#"{"m":{"a":{"b":{"c":1},"d":2}}}"#) == "{\"x\":{\"c\":1},\"m__rest\":{\"a\":{\"d\":2}}}\n")
        #expect(try encoder.line(#"{"m":{"a":{"b":1}}}"#) == "{\"x\":1,\"m__rest\":null}\n")
        #expect(try encoder.line(#"{"m":{"a":5}}"#) == "{\"x\":null,\"m__rest\":{\"a\":5}}\n")
    }

    @Test("a wildcard inside another keeps its own rest")
    func nestedWildcards() throws {
        let layout = try TableLayout([.every(path: ["m"]), .every(path: ["m", "n"])], known: [.init(path: ["m", "n", "b"])])
        let line = try NDJSONEncoder(layout: layout).line(#"{"m":{"a":1,"n":{"b":2,"c":3}}}"#)
        #expect(line == "{\"m__rest\":{\"a\":1},\"m__n__b\":2,\"m__n__rest\":{\"c\":3}}\n")
    }

    @Test("the rest of a row is what is no field and no declared column")
    func restOfRow() throws {
        let layout = try TableLayout(
            [.column(Column(path: ["id"])), .column(Column(path: ["new", "a"])), .rest], fields: ["id", "name", "metadata"])
        let encoder = NDJSONEncoder(layout: layout)
        #expect(
            try encoder.line(#"{"id":1,"x":[1],"name":"n","metadata":{"k":1},"new":{"a":2,"b":3},"y":null}"#)
                == "{\"id\":1,\"new__a\":2,\"rest\":{\"x\":[1],\"new\":{\"b\":3},\"y\":null}}\n")
        #expect(try encoder.line(#"{"id":1,"new":{"b":3}}"#) == "{\"id\":1,\"new__a\":null,\"rest\":{\"new\":{\"b\":3}}}\n")
        #expect(try encoder.line(#"{"id":1,"name":"n","new":{"a":2}}"#) == "{\"id\":1,\"new__a\":2,\"rest\":null}\n")
        #expect(try encoder.line(#"{"id":1,"name":"n"}"#) == "{\"id\":1,\"new__a\":null,\"rest\":null}\n")
    }

    @Test("keys that only look alike are two keys")
    func canonicalEquivalence() throws {
        let (composed, decomposed) = ("\u{E9}", "e\u{301}")
        let layout = try TableLayout(
            [.every(path: ["m"])], known: [.init(path: ["m", composed]), .init(path: ["m", decomposed])])
        let line = try NDJSONEncoder(layout: layout).line("{\"m\":{\"\(decomposed)\":1,\"\(composed)\":2}}")
        #expect(Array(line.utf8) == Array("{\"m__\(composed)\":2,\"m__\(decomposed)\":1,\"m__rest\":null}\n".utf8))
    }
}
