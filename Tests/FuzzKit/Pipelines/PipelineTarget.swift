import ExportCore
import ExportPipelines

/// The loading of pipeline files: none makes it crash, and one that is refused is told why, where, and without the key in it.
struct PipelineTarget: FuzzTarget {
    let name = "pipelines"

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

    func input(_ random: inout SeededGenerator) -> [UInt8] {
        var grammar = PipelineGrammar(SeededGenerator(seed: random.next()))
        grammar.file()
        if random.oneIn(3) { return Array(grammar.text.utf8) }
        // What stands at api_key may move to where text is shown, so only a key that is known by its form is left in.
        let text = random.oneIn(2) ? random.one(of: files) : grammar.text.replacing(PipelineGrammar.password, with: Self.key)
        let other = random.one(of: files)
        let bytes = Self.mutator.mutate(Array(text.utf8), with: Array(other.utf8), &random)
        guard random.oneIn(3) else { return bytes }
        return withKey(String(decoding: bytes, as: UTF8.self), &random)
    }

    /// The key put in anywhere but behind a backslash, which would take its first letter.
    private func withKey(_ text: String, _ random: inout SeededGenerator) -> [UInt8] {
        var scalars = Array(text.unicodeScalars)
        let place = random.below(scalars.count + 1)
        if place > 0, scalars[place - 1] == "\\" { return Array(text.utf8) }
        scalars.insert(contentsOf: Self.key.unicodeScalars, at: place)
        return Array(String(String.UnicodeScalarView(scalars)).utf8)
    }

    func answer(to input: [UInt8]) throws(Disagreement) -> [UInt8]? {
        let text = String(decoding: input, as: UTF8.self)
        let loader = PipelineLoader(environment: ["SET": "value of the environment"], now: Instant(seconds: 1_790_000_000))
        do throws(PipelineProblems) {
            _ = try loader.load(text, file: "x.yml")
        } catch {
            try check(error, text)
        }
        return nil
    }

    private func check(_ error: PipelineProblems, _ text: String) throws(Disagreement) {
        guard !error.problems.isEmpty else { throw Disagreement("refused without a reason") }
        let lines = Self.lines(of: text)
        for problem in error.problems {
            guard problem.file == "x.yml", (1...lines.count).contains(problem.line) else {
                throw Disagreement("a place outside the file of \(lines.count) lines: \(problem)")
            }
            guard (1...(lines[problem.line - 1] + 1)).contains(problem.column) else {
                throw Disagreement("a place outside the line of \(lines[problem.line - 1]) characters: \(problem)")
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
