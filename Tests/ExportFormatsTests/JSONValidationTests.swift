import ExportFormats
import Testing

@Suite("JSON is checked in full")
struct JSONValidationTests {
    @Test(
        "what RFC 8259 allows passes",
        arguments: [
            "null", "true", "false", "0", "-0", "-0.0", "1e-7", "1E+400", "12345678901234567890123456789.000", #""""#,
            #""\u0000\uD800\"\\\/\b\f\n\r\t""#, "\"\u{7F}\u{80}\u{7FF}\u{800}\u{FFFF}\u{10000}\u{10FFFF}\"",
            "[]", "[ ]", "{}", "{ }", "[[],{}]", #"{"a":1,"a":2}"#, " \t\r\n[1 , 2]\n",
            #"{"a" : [ { "b" : null } , "12345678901234567" ] }"#,
        ])
    func valid(text: String) throws {
        let value = try Read.validate(text).get()
        let trimmed = text.utf8.drop { " \t\r\n".utf8.contains($0) }
        #expect(value.lowerBound == text.utf8.count - trimmed.count)
    }

    @Test(
        "what RFC 8259 does not allow is refused, with the reason and the place",
        arguments: [
            ("", .unexpectedEnd, 0), (" ", .unexpectedEnd, 1), ("[", .unexpectedEnd, 1), ("[1", .unexpectedEnd, 2),
            ("[1,", .unexpectedEnd, 3), (#"{"a""#, .unexpectedEnd, 4), (#"{"a":"#, .unexpectedEnd, 5), ("tru", .unexpectedEnd, 3),
            (#""abc"#, .unexpectedEnd, 4), (#""abc\"#, .unexpectedEnd, 5), (#""\u12"#, .unexpectedEnd, 5), ("-", .unexpectedEnd, 1),
            ("1.", .unexpectedEnd, 2), ("1e", .unexpectedEnd, 2),
            ("[1,]", .unexpectedByte, 3), ("{,}", .unexpectedByte, 1), (#"{"a":1,}"#, .unexpectedByte, 7),
            ("{1:2}", .unexpectedByte, 1),
            (#"{"a" 1}"#, .unexpectedByte, 5), ("[1 2]", .unexpectedByte, 3), ("[1}", .unexpectedByte, 2),
            (#"{"a":1]"#, .unexpectedByte, 6), ("nul1", .unexpectedByte, 3), ("True", .unexpectedByte, 0),
            ("NaN", .unexpectedByte, 0),
            ("+1", .unexpectedByte, 0), (".5", .unexpectedByte, 0), ("'a'", .unexpectedByte, 0), ("<html>", .unexpectedByte, 0),
            ("\u{FEFF}1", .unexpectedByte, 0), ("\u{A0}1", .unexpectedByte, 0), ("[1/**/]", .unexpectedByte, 2),
            ("01", .invalidNumber, 1), ("-a", .invalidNumber, 1), ("1.e5", .invalidNumber, 2), ("1e+x", .invalidNumber, 3),
            ("[-Infinity]", .invalidNumber, 2), (#""\x41""#, .invalidEscape, 1), (#""\u12G4""#, .invalidEscape, 1),
            ("\"a\nb\"", .controlCharacter, 2), ("\"\u{0}\"", .controlCharacter, 1),
            ("\"0123456789\u{1F}\"", .controlCharacter, 11),
            ("1 2", .trailingBytes, 2), ("{}}", .trailingBytes, 2), ("1\u{0}", .trailingBytes, 1), ("0x1", .trailingBytes, 1),
        ] as [(String, JSONError.Reason, Int)])
    func invalid(text: String, reason: JSONError.Reason, offset: Int) {
        #expect(Read.validate(text) == .failure(JSONError(reason: reason, offset: offset)))
    }

    /// RFC 3629: overlong forms, surrogates, beyond U+10FFFF, lone and missing continuations.
    @Test(
        "bytes that are not UTF-8 are refused inside strings and keys",
        arguments: [
            [0x80], [0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xC2], [0xC2, 0x41], [0xC2, 0xC2], [0xE0, 0x80, 0x80],
            [0xE0, 0x9F, 0xBF], [0xE2, 0x82], [0xE2, 0x82, 0x41], [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF],
            [0xF0, 0x80, 0x80, 0x80], [0xF0, 0x8F, 0xBF, 0xBF], [0xF0, 0x9F, 0x98], [0xF4, 0x90, 0x80, 0x80],
            [0xF5, 0x80, 0x80, 0x80], [0xFE], [0xFF],
        ] as [[UInt8]])
    func invalidUTF8(bytes: [UInt8]) {
        for prefix in (0...33).map({ [UInt8](repeating: 0x61, count: $0) }) {
            let text = [0x22] + prefix + bytes + [0x22]
            let expected = JSONError(reason: .invalidUTF8, offset: 1 + prefix.count)
            #expect(Read.validate(text) == .failure(expected))
            #expect(
                Read.validate(text + Array(#":"what follows is longer than all that is looked at in a step""#.utf8))
                    == .failure(expected))
            #expect(!Read.isValid([0x7B] + text + Array(":1}".utf8)))
        }
    }

    /// The bounds of each row of RFC 3629's table, and what is just beyond them.
    @Test("bytes beyond ASCII pass in a long string exactly where they are UTF-8", arguments: [0, 13, 14, 15])
    func boundsOfUTF8(place: Int) {
        let seconds: [UInt8] = [0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC2, 0xE1]
        let padding = [UInt8](repeating: 0x61, count: 16)
        for first in UInt8(0x80)...0xFF {
            for second in seconds {
                for others in [[], [0x80], [0xBF], [0x80, 0xBF], [0xBF, 0x41]] as [[UInt8]] {
                    let bytes = [first, second] + others
                    let text = [0x22] + padding + padding.prefix(place) + bytes + padding + [0x22] + padding
                    let string = text.dropLast(padding.count)
                    let refusal = JSONError(reason: .trailingBytes, offset: string.count)
                    let isUTF8 = String(validating: bytes, as: UTF8.self) != nil
                    #expect((Read.validate(text) == .failure(refusal)) == isUTF8, "\(bytes)")
                }
            }
        }
    }

    @Test("a string that ends in the midst of a character is not whole", arguments: 0..<33)
    func endsInCharacter(length: Int) {
        let beginning = [0x22] + [UInt8](repeating: 0x61, count: length) + Array("é…\u{1F600}".utf8)
        for cut in 1..<4 {
            let text = beginning.dropLast(cut)
            #expect(Read.validate(Array(text)) == .failure(JSONError(reason: .unexpectedEnd, offset: text.count)))
        }
        #expect(Read.isValid(beginning + [0x22]))
    }

    @Test("a control character is refused wherever it stands", arguments: ["a", "é"])
    func controlCharacters(letter: String) {
        for length in 0..<40 {
            let text = "\"" + String(repeating: letter, count: length) + "\u{1F}" + String(repeating: letter, count: 20) + "\""
            let place = 1 + length * letter.utf8.count
            #expect(Read.validate(text) == .failure(JSONError(reason: .controlCharacter, offset: place)))
        }
    }

    @Test("every scalar of Unicode passes, wherever it falls in what is looked at in a step", arguments: [7, 61])
    func everyScalar(count: UInt32) {
        for start in stride(from: UInt32(0x20), through: 0x10FFFF, by: Int(count)) {
            let scalars = (start..<start + count).compactMap(Unicode.Scalar.init).filter { $0 != "\"" && $0 != "\\" }
            let text = "\"\(String(String.UnicodeScalarView(scalars)))\""
            if !Read.isValid(Array(text.utf8)) { Issue.record("refused near \(start)") }
        }
    }

    @Test("512 levels pass and 513 do not, however deep the rest goes", arguments: [("[", "]"), (#"{"a":"#, "}")])
    func depth(open: String, close: String) {
        func nested(_ depth: Int) -> String {
            String(repeating: open, count: depth) + "1" + String(repeating: close, count: depth)
        }
        #expect(Read.isValid(Array(nested(512).utf8)))
        #expect(Read.validate(nested(513)) == .failure(JSONError(reason: .tooDeep, offset: 512 * open.utf8.count)))
        #expect(Read.validate(nested(1_000_000)) == .failure(JSONError(reason: .tooDeep, offset: 512 * open.utf8.count)))
        #expect(Read.isValid(Array("[\(nested(511)),\(nested(511))]".utf8)))
    }

    @Test(
        "brackets must match on every level, at the edges of the words that remember them too",
        arguments: [1, 63, 64, 65, 128, 511])
    func mixedNesting(depth: Int) {
        let opens = (0..<depth).map { $0.isMultiple(of: 3) ? "[" : #"{"a":"# }.joined()
        let closes = (0..<depth).reversed().map { $0.isMultiple(of: 3) ? "]" : "}" }
        #expect(Read.isValid(Array((opens + "1" + closes.joined()).utf8)))
        for place in [0, depth / 2, depth - 1] {
            var wrong = closes
            wrong[place] = wrong[place] == "]" ? "}" : "]"
            #expect(!Read.isValid(Array((opens + "1" + wrong.joined()).utf8)))
        }
    }

    @Test("a sample cut anywhere is refused")
    func truncated() {
        for end in CorruptionVectors.sample.indices {
            #expect(!Read.isValid(Array(CorruptionVectors.sample[..<end])), "cut at \(end)")
        }
        #expect(Read.isValid(CorruptionVectors.sample))
    }

    @Test("a sample with any one byte changed or left out passes exactly where it is still JSON")
    func corrupted() {
        for place in CorruptionVectors.sample.indices {
            let accepted = CorruptionVectors.bytesAccepted(at: place)
            let passing = (UInt8.min...UInt8.max).filter { byte in
                var text = CorruptionVectors.sample
                text[place] = byte
                return Read.isValid(text)
            }
            #expect(Set(passing) == accepted, "at \(place)")
            var shorter = CorruptionVectors.sample
            shorter.remove(at: place)
            #expect(Read.isValid(shorter) == CorruptionVectors.removable.contains(place), "without the byte at \(place)")
        }
    }

    @Test("every reason has words of its own, and none shows the text")
    func descriptions() {
        let texts = JSONError.Reason.allCases.map { JSONError(reason: $0, offset: 7).description }
        #expect(Set(texts).count == texts.count)
        #expect(texts.allSatisfy { $0.hasPrefix("not JSON: ") && $0.hasSuffix(" at byte 7") })
    }
}

extension CorruptionVectors {
    static func bytesAccepted(at place: Int) -> Set<UInt8> {
        let ranges = accepted[place].split(separator: " ").map { $0.split(separator: "-").compactMap { UInt8($0, radix: 16) } }
        return Set(ranges.flatMap { ($0.first ?? 1)...($0.last ?? 0) })
    }
}
