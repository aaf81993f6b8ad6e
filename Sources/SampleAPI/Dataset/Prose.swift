/// Made-up prose, for conversations that go on: it compresses about as well as what people write.
///
/// A phrasebook has few sentences; said again and again they would be nothing to a compressor, and a measurement on them would
/// flatter everybody. Here words are many and come by Zipf's law.
enum Prose {
    /// Some sentences.
    static func paragraph(sentences: Int, _ random: inout SplitMix) -> String {
        var text: [UInt8] = []
        for _ in 0..<sentences {
            let start = text.isEmpty ? 0 : text.count + 1
            for word in 0..<(4 + random.below(14)) {
                if !text.isEmpty { text.append(UInt8(ascii: " ")) }
                if random.chance(3) {
                    text += String(random.below(10_000)).utf8
                } else {
                    text += words[rank(&random)]
                }
                if word > 2 && random.chance(8) { text.append(UInt8(ascii: ",")) }
            }
            // A small letter becomes a capital; a digit, and the first byte of a longer character, stay.
            if (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(text[start]) { text[start] -= 0x20 }
            text.append(random.chance(15) ? UInt8(ascii: "?") : UInt8(ascii: "."))
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The n-th word is about n times as rare as the first: each power of two of ranks is as likely as any other.
    private static func rank(_ random: inout SplitMix) -> Int {
        let power = 1 << random.below(rankBits)
        return power - 1 + random.below(power)
    }

    private static let rankBits = 13

    /// From the most frequent to the rarest, which are longer.
    private static let words: [[UInt8]] = {
        let heads = [
            "b", "c", "d", "f", "g", "h", "l", "m", "n", "p", "r", "s", "t", "v", "w", "ch", "sh", "st", "tr", "", "", "č", "š",
        ]
        let middles = ["a", "e", "i", "o", "u", "ea", "ou", "ai", "e", "a", "i", "ü", "é"]
        let tails = ["", "", "", "n", "r", "s", "t", "l", "nd", "ng", "rs", "ct"]
        var random = SplitMix(seed: 17)
        return (1..<(1 << rankBits)).map { rank in
            let syllables = 1 + random.below(2) + (rank > 32 ? 1 : 0) + (rank > 1024 ? random.below(2) : 0)
            let word = (0..<syllables).map { _ in random.pick(heads) + random.pick(middles) + random.pick(tails) }.joined()
            return Array(word.utf8)
        }
    }()
}
