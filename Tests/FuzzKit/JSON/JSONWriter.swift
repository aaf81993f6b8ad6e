import TestSupport

/// Writes JSON by chance, along the whole of its grammar (RFC 8259).
struct JSONWriter {
    var random: SeededRandom
    private(set) var text: [UInt8] = []
    /// Whether the escapes of unpaired surrogates may be written, which no text can hold.
    var withSurrogates = true
    private var budget = 60

    init(_ random: SeededRandom) {
        self.random = random
    }

    mutating func write(_ word: String) {
        text.append(contentsOf: word.utf8)
    }

    mutating func space() {
        for _ in 0..<max(0, random.below(8) - 5) {
            text.append(random.pick(Array(" \n\t\r".utf8)))
        }
    }

    mutating func value(depth: Int = 0) {
        budget -= 1
        switch random.below(depth > 6 || budget < 0 ? 6 : 10) {
        case 0: write(random.pick(["null", "true", "false"]))
        case 1, 2: number()
        case 3, 4, 5: string()
        case 6, 7: array(depth: depth)
        default: object(depth: depth)
        }
    }

    mutating func array(depth: Int) {
        list("[", "]", count: random.below(5)) { $0.value(depth: depth + 1) }
    }

    mutating func object(depth: Int, keys: [String] = ["a", "id", "count", "é", "a\"b", "\\", "", "key longer than a word"]) {
        list("{", "}", count: random.below(6)) { writer in
            writer.member(writer.random.pick(keys)) { $0.value(depth: depth + 1) }
        }
    }

    mutating func list(_ open: String, _ close: String, count: Int, _ element: (inout Self) -> Void) {
        write(open)
        space()
        for index in 0..<count {
            if index > 0 {
                write(",")
                space()
            }
            element(&self)
            space()
        }
        write(close)
    }

    mutating func member(_ key: String, _ value: (inout Self) -> Void) {
        quoted(key)
        space()
        write(":")
        space()
        value(&self)
    }

    mutating func number() {
        if random.oneIn(3) {
            write(random.pick(Self.numbers))
            return
        }
        if random.oneIn(3) { write("-") }
        write(random.oneIn(4) ? "0" : "\(1 + random.below(9))\(digits(0...20))")
        if random.oneIn(3) { write(".\(digits(1...18))") }
        if random.oneIn(4) { write("\(random.pick(["e", "E", "e+", "E-"]))\(digits(1...4))") }
    }

    private mutating func digits(_ count: ClosedRange<Int>) -> String {
        (0..<Int.random(in: count, using: &random)).map { _ in String(random.below(10)) }.joined()
    }

    mutating func string() {
        guard withSurrogates, random.oneIn(12) else { return quoted(words()) }
        write("\"")
        for _ in 0...random.below(4) {
            write(random.pick(["\\ud800", "\\uDFFF", "\\ud83d\\ude00", "\\uD83D", "\\ude00", "x", "\\\\", "\\n"]))
        }
        write("\"")
    }

    /// Characters of all planes, those among them that mean something to JSON, CSV and spreadsheets.
    mutating func words() -> String {
        var words = ""
        for _ in 0..<random.below(random.oneIn(8) ? 40 : 6) {
            if random.oneIn(3), let scalar = Unicode.Scalar(UInt32(random.below(0x110000))) {
                words.unicodeScalars.append(scalar)
            } else if random.oneIn(4), let scalar = Unicode.Scalar(UInt32(random.below(0x100))) {
                words.unicodeScalars.append(scalar)
            } else {
                words += random.pick(Self.pieces)
            }
        }
        return words
    }

    /// The text as a string, its characters escaped where they must be and sometimes where they need not.
    mutating func quoted(_ words: String) {
        write("\"")
        for scalar in words.unicodeScalars {
            let short = Self.escapes[scalar]
            if let short, random.oneIn(2) {
                write("\\\(short)")
            } else if scalar == "\"" || scalar == "\\" || scalar.value < 0x20 || random.oneIn(16) {
                for unit in String(scalar).utf16 {
                    let digits = String(unit, radix: 16, uppercase: random.oneIn(2))
                    write("\\u\(String(repeating: "0", count: 4 - digits.count))\(digits)")
                }
            } else {
                text.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
            }
        }
        write("\"")
    }

    private static let escapes: [Unicode.Scalar: String] = [
        "\"": "\"", "\\": "\\", "/": "/", "\u{8}": "b", "\u{C}": "f", "\n": "n", "\r": "r", "\t": "t",
    ]
    private static let numbers = [
        "0", "-0", "-1", "1e0", "0.0", "-0.0e-0", "9223372036854775807", "-9223372036854775808", "9223372036854775808",
        "-9223372036854775809", "99999999999999999999", "1E400", "0e1", "10", "1.50", "4.9e-324",
    ]
    private static let pieces = [
        "a", "text ", "12345678", ",", "\"", "\n", "\r\n", "\r", "=1+1", "-", "+", "-1", "+1.5e3", "@", "\t", "'", "＝", "＋", "－",
        "＠",
        "č", "😀", "\\", "\\ud800", "/", "\u{0}", "\u{1F}", "\u{7F}", "\u{FEFF}", "\u{2028}", "{", "[", " ", ";", "null", "e\u{301}",
    ]
}
