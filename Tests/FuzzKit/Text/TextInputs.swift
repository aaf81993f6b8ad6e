import TestSupport

/// Texts of every script, with what means something to those that read them, and with marks that combine with what is before them.
struct TextInputs {
    /// A few texts, no two of which have the same bytes.
    static func texts(_ random: inout SeededRandom) -> [String] {
        var texts: [String] = []
        for _ in 0...random.below(6) {
            let text = text(&random)
            if !texts.contains(where: { $0.utf8.elementsEqual(text.utf8) }) { texts.append(text) }
        }
        return texts
    }

    private static func text(_ random: inout SeededRandom) -> String {
        var text = String.UnicodeScalarView()
        for _ in 0..<random.below(random.oneIn(30) ? 150 : 9) {
            switch random.below(6) {
            case 0, 1: text.append(contentsOf: random.pick(pieces).unicodeScalars)
            case 2: text.append(Unicode.Scalar(UInt8(random.below(0x80))))
            case 3: text.append(contentsOf: random.pick(marks).unicodeScalars)
            default:
                let block = random.pick(blocks)
                if let scalar = Unicode.Scalar(block.lowerBound + UInt32(random.below(block.count))) { text.append(scalar) }
            }
            if random.oneIn(3) { text.append(contentsOf: random.pick(marks).unicodeScalars) }
        }
        return String(text)
    }

    private static let marks = ["\u{301}", "\u{338}", "\u{20DD}", "\u{200D}", "\u{FE0F}", "\u{483}", "\u{E0100}"]
    private static let pieces = [
        "\"", "'", "`", "\\", "\n", "\r\n", "\r", "\t", "\0", "\u{1B}[2J", "\u{9B}", "\u{85}", "\u{2028}", "\u{202E}", "\u{FEFF}",
        "--", "/*",
        "*/", ";", "\\! touch x", "$(x)", "$$", "<", ">", "&", "&amp;", "</title>", "..", "../", "/", "_agentsight", "{date}", "{",
        "}", "=", "#",
        "{{", "%0A", "é", "e\u{301}", "É", "ß", "İ", "\u{212A}", "k", "K", " ", "'''", "\"\"", "E'", ":x", "\\n", "\\u0041", "ags_",
    ]
    /// Latin to Hangul, and planes beyond the first.
    private static let blocks: [ClosedRange<UInt32>] = [
        0x20...0x7E, 0xA0...0x24F, 0x370...0x3FF, 0x400...0x4FF, 0x530...0x5FF, 0x600...0x6FF, 0x900...0x97F, 0xE00...0xE7F,
        0x1100...0x11FF, 0x2000...0x206F, 0x3040...0x30FF, 0x4E00...0x9FFF, 0xAC00...0xD7A3, 0xE000...0xE0FF, 0xFE00...0xFEFF,
        0x10000...0x100FF, 0x1F300...0x1F5FF, 0x20000...0x200FF,
    ]
}
