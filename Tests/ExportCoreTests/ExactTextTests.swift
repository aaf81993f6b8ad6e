import ExportCore
import Testing

/// A mark that combines with what is before it: of a quote and of it Swift makes one character, which no other program does.
private let mark = "\u{301}"

@Suite("Text is compared and changed by its bytes")
struct ExactTextTests {
    @Test("what a combining mark follows is found, replaced and split at")
    func marks() {
        #expect("a\"\(mark)b\"".replacingExactly("\"", with: "\"\"") == "a\"\"\(mark)b\"\"")
        #expect("key\(mark)".replacingExactly("key", with: "…") == "…\(mark)")
        #expect("a/\(mark)b/c".splitExactly(at: "/") == ["a", "\(mark)b", "c"])
        #expect("..\u{338}/x".splitExactly(at: "/", omittingEmptySubsequences: false) == ["..\u{338}", "x"])
        #expect("=\(mark)1=2".splitExactly(at: "=", maxSplits: 1, omittingEmptySubsequences: false) == ["", "\(mark)1=2"])
        #expect("x://\(mark)".containsExactly("://") && !"x:/".containsExactly("://") && "".containsExactly(""))
        #expect("/\(mark)x".startsExactly(with: "/") && "x.gz".endsExactly(with: ".gz") && !"gz".endsExactly(with: ".gz"))
        #expect("p/\(mark)x".tail(afterExactly: "p/") == "\(mark)x" && "q/x".tail(afterExactly: "p/") == nil)
        #expect("x.json".head(beforeExactly: ".json") == "x" && "x.jso\(mark)n".head(beforeExactly: ".json") == nil)
    }

    @Test("what only looks alike is not the same")
    func looks() {
        #expect("é" == "e\(mark)" && !"é".equalsExactly("e\(mark)") && "é".equalsExactly("é"))
        #expect(!"caf\u{E9}".containsExactly("e\(mark)"))
        #expect(["é", "e\(mark)", "é", "a"].uniqueExactly().map { Array($0.utf8) } == [[97], [101, 204, 129], [195, 169]])
    }

    @Test("replacing does not look at what it has put down, and leaves what is not there")
    func replacing() {
        #expect("aaa".replacingExactly("aa", with: "a") == "aa" && "x".replacingExactly("", with: "y") == "x")
        #expect("abc".replacingExactly("d", with: "") == "abc" && "abab".replacingExactly("ab", with: "") == "")
    }

    @Test("lines are shown as lines, and nothing in them rules a terminal")
    func shown() {
        #expect("a\u{1B}[2J\n\tb\r\u{9B}1m\u{202E}".shownInLines() == "a\u{FFFD}[2J\n\tb\u{FFFD}\u{FFFD}1m\u{FFFD}")
        #expect("a\n\(mark)b".shown() == "a\u{FFFD}\(mark)b")
        #expect(#"{"a":"\#u{9B}\#u{2028}\#u{7F}č"}"#.escapingUnprintables() == #"{"a":"\u009b\u2028\u007fč"}"#)
    }

    @Test("a word of a shell is one word, whatever is in it")
    func shell() {
        #expect(
            ShellQuoting.quoted("a/b-c.yml") == "a/b-c.yml" && ShellQuoting.quoted("") == "''" && ShellQuoting.quoted("é") == "'é'")
        #expect(ShellQuoting.quoted("it'\(mark)s; x") == #"'it'\''\#(mark)s; x'"#)
    }
}
