import ExportLoad
import Testing

@Suite struct ClientCommandTests {
    @Test(
        "a command is taken apart at white space, and quotes and backslashes hold words together",
        arguments: [
            ("psql", ["psql"]),
            ("psql service=dw", ["psql", "service=dw"]),
            ("  psql\t-h  localhost ", ["psql", "-h", "localhost"]),
            (#"psql "service=dw user=me""#, ["psql", "service=dw user=me"]),
            (#"psql 'a "b" c'"#, ["psql", #"a "b" c"#]),
            (#"/opt/my\ psql "\"x\"" ''"#, ["/opt/my psql", #""x""#, ""]),
            (
                #"psql $(touch x) `y` ; z > w | v * ~ $HOME"#,
                ["psql", "$(touch", "x)", "`y`", ";", "z", ">", "w", "|", "v", "*", "~", "$HOME"]
            ),
            ("psql a'b'\"c\"", ["psql", "abc"]),
            ("psql e\u{301}'\u{301}'", ["psql", "e\u{301}\u{301}"]),
        ])
    func words(_ text: String, _ words: [String]) throws {
        let command = try ClientCommand(text)
        #expect([command.program] + command.arguments == words)
    }

    @Test(
        "a command without a program, or with a quote that is not closed, is refused",
        arguments: [
            ("", ClientCommandError.empty), ("   ", .empty), ("''", .empty), ("psql 'a", .openQuote("'")),
            ("psql \"a", .openQuote("\"")),
            ("psql \\", .openBackslash), ("psql a\0b", .zero),
        ])
    func refused(_ text: String, _ expected: ClientCommandError) {
        #expect(throws: expected) { try ClientCommand(text) }
    }
}
