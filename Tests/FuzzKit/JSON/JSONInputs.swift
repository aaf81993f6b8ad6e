import TestSupport

/// Texts that are JSON, or nearly.
struct JSONInputs: Sendable {
    private let rows: [[UInt8]]
    private let mutator = Mutator(tokens: JSONCases.tokens)

    /// Reads the sample rows. Throws where there are none.
    init() throws {
        rows = try Checkout.lines(of: "samples/conversations.ndjson").filter { $0.count < 2500 }
    }

    func text(_ random: inout SeededRandom) -> [UInt8] {
        switch random.below(20) {
        case 0, 1: return soup(&random)
        case 2, 3: return characters(&random)
        case 4: return nested(&random)
        case 5, 6, 7, 8: return random.pick(random.oneIn(4) ? JSONCases.texts : [grammar(&random)])
        case 9: return mutator.mutate(random.pick(rows), with: random.pick(rows), &random)
        default: return mutator.mutate(small(&random), with: small(&random), &random)
        }
    }

    func page(_ random: inout SeededRandom) -> [UInt8] {
        let text = random.oneIn(8) ? samplePage(&random) : grammarPage(&random)
        return random.oneIn(2) ? text : mutator.mutate(text, with: small(&random), &random)
    }

    private func small(_ random: inout SeededRandom) -> [UInt8] {
        random.oneIn(3) ? random.pick(JSONCases.texts) : random.oneIn(3) ? grammarPage(&random) : grammar(&random)
    }

    private func grammar(_ random: inout SeededRandom) -> [UInt8] {
        var writer = JSONWriter(SeededRandom(seed: random.next()))
        writer.space()
        writer.value()
        writer.space()
        return writer.text
    }

    private func soup(_ random: inout SeededRandom) -> [UInt8] {
        (0..<random.below(12)).flatMap { _ in random.pick(JSONCases.tokens) }
    }

    /// Bytes at the bounds of UTF-8 in a string, at all places among eight.
    private func characters(_ random: inout SeededRandom) -> [UInt8] {
        var text: [UInt8] = [0x22]
        for _ in 0...random.below(3) {
            text += [UInt8](repeating: 0x61, count: random.below(9))
            switch random.below(3) {
            case 0: text.append(UInt8(random.below(256)))
            case 1: text += (0...random.below(4)).map { _ in random.pick(JSONCases.bounds) }
            default: text += random.pick(JSONCases.tokens)
            }
        }
        return text + [UInt8](repeating: 0x61, count: random.below(9)) + [0x22]
    }

    /// About as deep as is allowed, or deeper, the brackets of both kinds and sometimes one wrong.
    private func nested(_ random: inout SeededRandom) -> [UInt8] {
        let depth = random.oneIn(3) ? 508 + random.below(8) : random.below(140)
        let isArray = (0..<depth).map { _ in random.oneIn(2) }
        var text = isArray.flatMap { Array(($0 ? "[" : "{\"a\":").utf8) }
        text.append(0x31)
        let closing: [UInt8] = isArray.reversed().map { $0 ? 0x5D : 0x7D }
        text += closing
        if depth > 0, random.oneIn(3) { text[text.count - 1 - random.below(depth)] ^= 0x20 }
        return text
    }

    private func samplePage(_ random: inout SeededRandom) -> [UInt8] {
        let chosen = (0..<random.below(3)).map { _ in random.pick(rows) }
        return Array(#"{"count":3,"next":null,"previous":null,"results":["#.utf8) + chosen.joined(separator: [0x2C])
            + Array("]}".utf8)
    }

    private func grammarPage(_ random: inout SeededRandom) -> [UInt8] {
        var writer = JSONWriter(SeededRandom(seed: random.next()))
        writer.list("{", "}", count: 1 + random.below(5)) { writer in
            let key = writer.random.pick(["count", "next", "results", "results", "previous", "x"])
            writer.member(key) { writer in
                guard !writer.random.oneIn(10) else { return writer.value(depth: 3) }
                switch key {
                case "count": writer.write(writer.random.pick(["0", "12", "null", "-0", "1.0", "9223372036854775807"]))
                case "next": writer.write(writer.random.pick(["null", "\"\"", "\"https://x/?page=2\"", "0"]))
                case "results": Self.rows(&writer)
                default: writer.value(depth: 4)
                }
            }
        }
        return writer.text
    }

    private static func rows(_ writer: inout JSONWriter) {
        writer.list("[", "]", count: writer.random.below(4)) { writer in
            guard !writer.random.oneIn(12) else { return writer.value(depth: 5) }
            writer.object(depth: 3, keys: ["id", "started_at", "is_deleted", "metadata", "x"])
        }
    }
}
