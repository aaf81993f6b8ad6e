import ExportCore
import ExportPipelines
import TestSupport

/// The loading of pipeline files: none makes it crash, and one that is refused is told why, where, and without the key in it.
///
/// An input is the text, then what the command line says on top, each behind a byte that no text has: `path=value` for `--set`,
/// `<` and the expression for `--from`, `>` for `--to`.
struct PipelineTarget: FuzzTarget {
    let name = "pipelines"

    private static let separator: UInt8 = 0xFE
    private static let settings = [
        "fetch.concurrency", "fetch", "outputs.0.format", "outputs.1.path", "outputs.7", "outputs.-1", "filters.metadata.a.b",
        "window.from", "window.every", "source.api_key", "source.endpoint", "destination", "version", "", ".", "a..b", "outputs",
        "fetch.rate",
        "filters.environment.x", "outputs.99999999999999999999.path",
    ]
    private static let values = [
        "", "1", "null", "csv", "day", "hour", "-30d", "today", "now-1h", "2026-01-01", "[a, b]", "{ a: b }", "\"", "[", "*x",
        "${SET}", "${UNSET}",
        "a\nb: c", "\u{2028}", "{ path: x, format: csv }", "x", "2026-09-01T00:00",
    ]

    private let files: [String]
    private static let mutator = Mutator(
        tokens: [
            "\n", "  ", ": ", "- ", "[", "]", "{", "}", "#", "&a ", "*a", "!t ", "\"", "'", "|", ">", "%", "---\n", "...\n", "$",
            "${X}", "\t", "\r",
            "\r\n", "\u{85}", "\u{2028}", "\u{2029}", "\u{FEFF}", "\u{0}", "é", "😀", "null", "~", "version: 1\n", "window:\n",
            "  from: -30d\n", "? ", ",",
            "<<: ", "\\", "\u{7F}", "\u{9F}", "\u{FFFE}",
        ].map { Array($0.utf8) } + [[0xFF], [0xC3], [0xED, 0xA0, 0x80]])

    /// What may not be shown of the key that stands in an input.
    private static let secret = "0123456789abcdef"
    private static let key = "ags_0123456789abcdef0123456789abcdef_0a1b2c"

    /// Reads the pipeline files of the project. Throws where there are none.
    init() throws {
        files = try Checkout.texts(in: "pipelines", ending: ".yml")
    }

    func input(_ random: inout SeededRandom) -> [UInt8] {
        var input = file(&random)
        while random.oneIn(3) {
            input.append(Self.separator)
            input += override(&random)
        }
        return input
    }

    private func override(_ random: inout SeededRandom) -> [UInt8] {
        if random.oneIn(4) { return Array((random.pick(["<", ">"]) + random.pick(Self.values)).utf8) }
        let bytes = Array("\(random.pick(Self.settings))=\(random.pick(Self.values))".utf8)
        let damaged = random.oneIn(3) ? Self.mutator.mutate(bytes, with: bytes, &random) : bytes
        return random.oneIn(4) ? withKey(String(decoding: damaged, as: UTF8.self), &random) : damaged
    }

    private func file(_ random: inout SeededRandom) -> [UInt8] {
        var grammar = PipelineGrammar(SeededRandom(seed: random.next()))
        grammar.file()
        if random.oneIn(3) { return Array(grammar.text.utf8) }
        // What stands at api_key may move to where text is shown, so only a key that is known by its form is left in.
        let text = random.oneIn(2) ? random.pick(files) : grammar.text.replacing(PipelineGrammar.password, with: Self.key)
        let other = random.pick(files)
        let bytes = Self.mutator.mutate(Array(text.utf8), with: Array(other.utf8), &random)
        let damaged = String(decoding: bytes, as: UTF8.self)
        // A key that lost its form is one that nothing can tell from other text.
        if damaged.replacing("ags_\(Self.secret)\(Self.secret)", with: "").contains(Self.secret) { return Array(text.utf8) }
        guard random.oneIn(3) else { return bytes }
        return withKey(String(decoding: bytes, as: UTF8.self), &random)
    }

    /// The key put in anywhere but behind a backslash, which would take its first letter.
    private func withKey(_ text: String, _ random: inout SeededRandom) -> [UInt8] {
        var scalars = Array(text.unicodeScalars)
        let place = random.below(scalars.count + 1)
        if place > 0, scalars[place - 1] == "\\" { return Array(text.utf8) }
        scalars.insert(contentsOf: Self.key.unicodeScalars, at: place)
        return Array(String(String.UnicodeScalarView(scalars)).utf8)
    }

    func answer(to input: [UInt8]) throws(Disagreement) -> [UInt8]? {
        let parts = input.split(separator: Self.separator, omittingEmptySubsequences: false).map {
            String(decoding: $0, as: UTF8.self)
        }
        var overrides = PipelineOverrides()
        for part in parts.dropFirst() {
            switch part.first {
            case "<": overrides.from = String(part.dropFirst())
            case ">": overrides.to = String(part.dropFirst())
            default: overrides.settings.append(part)
            }
        }
        let loader = PipelineLoader(environment: ["SET": "value of the environment"], now: Instant(seconds: 1_790_000_000))
        do throws(PipelineProblems) {
            _ = try loader.load(parts.first ?? "", file: "x.yml", overrides: overrides)
        } catch {
            try check(error, parts.first ?? "")
        }
        return nil
    }

    private func check(_ error: PipelineProblems, _ text: String) throws(Disagreement) {
        guard !error.problems.isEmpty else { throw Disagreement("refused without a reason") }
        let lines = Self.lines(of: text)
        for problem in error.problems {
            if problem.file == "x.yml" {
                guard (1...lines.count).contains(problem.line) else {
                    throw Disagreement("a place outside the file of \(lines.count) lines: \(problem)")
                }
                guard (1...(lines[problem.line - 1] + 1)).contains(problem.column) else {
                    throw Disagreement("a place outside the line of \(lines[problem.line - 1]) characters: \(problem)")
                }
            } else {
                guard problem.file.hasPrefix("--"), problem.line >= 1, problem.column >= 1 else {
                    throw Disagreement("no place of the command line: \(problem)")
                }
            }
            let words = "\(problem) \(problem.text ?? "")"
            guard !words.contains(Self.secret), !words.contains("Passw0rd"), !words.contains("value of the environment") else {
                throw Disagreement("what may be secret is shown: \(problem)")
            }
            guard !problem.description.contains("\n") else { throw Disagreement("a problem of two lines: \(problem)") }
        }
    }

    /// The length of each line, which ends where YAML 1.1 says so (5.4): CR, LF, both, NEL, LS and PS.
    private static func lines(of text: String) -> [Int] {
        var lengths = [0]
        var before: Unicode.Scalar?
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n" where before == "\r": break
            case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}": lengths.append(0)
            default: lengths[lengths.count - 1] += 1
            }
            before = scalar
        }
        return lengths
    }
}
