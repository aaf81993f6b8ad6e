import Testing

@testable import ExportHTTP

@Suite struct RedactionTests {
    private static let redaction = Redaction { $0.replacing("s3cr3t", with: "…") }

    @Test("a stranger's words come on one line, rule no terminal, and hold no secret")
    func words() {
        #expect(
            Self.redaction.redacted("no\u{1B}[31m key s3cr3t\r\nerror: all is lost\u{202E}") == "no [31m key …  error: all is lost "
        )
        #expect(Self.redaction.redacted("") == "")
    }

    @Test("what is long is cut, and no part of a secret is left where it is cut", arguments: 290...306)
    func cut(before: Int) {
        let shown = Self.redaction.redacted(String(repeating: "x", count: before) + "s3cr3t" + String(repeating: "y", count: 400))
        #expect(shown.count == 301 && shown.last == "…")
        #expect(!shown.contains("s") && !shown.contains("3"))
    }

    @Test("words of many marks on one letter are cut, too")
    func marks() {
        #expect(Self.redaction.redacted("e" + String(repeating: "\u{301}", count: 100_000)).unicodeScalars.count == 301)
    }
}
