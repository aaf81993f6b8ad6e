/// The columns that text takes on a terminal.
package enum TerminalWidth {
    /// The columns of a text without control characters and escape sequences.
    package static func of(_ text: String) -> Int { text.reduce(0) { $0 + of($1) } }

    /// The columns of a character: 2 where it is wide.
    package static func of(_ character: Character) -> Int {
        guard let scalar = character.unicodeScalars.first?.value else { return 0 }
        return wide.contains { $0.contains(scalar) } ? 2 : 1
    }

    /// The characters at the beginning of a text that take no more than `width` columns.
    package static func prefix(of text: String, upTo width: Int) -> Substring {
        var used = 0
        return text.prefix { character in
            used += of(character)
            return used <= width
        }
    }

    /// East Asian wide and full-width characters, and most pictures (Unicode Standard Annex 11).
    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6,
        0x1F300...0x1F64F, 0x1F900...0x1FAFF, 0x20000...0x3FFFD,
    ]
}
