/// Recognizes text that a spreadsheet would run as a formula (OWASP, "CSV Injection"). A leading apostrophe makes it text.
enum FormulaGuard {
    /// Whether the text begins like a formula and is not just a number, such as `-12.5`.
    static func isFormula(_ text: Span<UInt8>) -> Bool {
        guard text.count > 0 else { return false }
        switch text[0] {
        case Byte.equals, Byte.at, Byte.tab, Byte.carriageReturn, Byte.lineFeed: return true
        case Byte.plus, Byte.minus: return !isUnsignedNumber(text.extracting(1..<text.count))
        default: return beginsFullWidth(text)
        }
    }

    /// Digits with or without a fraction and an exponent: `12`, `12.5`, `3e4`, `.5`.
    private static func isUnsignedNumber(_ text: Span<UInt8>) -> Bool {
        var position = 0
        var digits = skipDigits(text, &position)
        if position < text.count, text[position] == Byte.dot {
            position += 1
            digits += skipDigits(text, &position)
        }
        guard digits > 0 else { return false }
        if position < text.count, text[position] | 0x20 == 0x65 {
            position += 1
            if position < text.count, text[position] == Byte.plus || text[position] == Byte.minus {
                position += 1
            }
            guard skipDigits(text, &position) > 0 else { return false }
        }
        return position == text.count
    }

    private static func skipDigits(_ text: Span<UInt8>, _ position: inout Int) -> Int {
        let start = position
        while position < text.count, Byte.isDigit(text[position]) {
            position += 1
        }
        return position - start
    }

    /// Whether the text begins with `＝` U+FF1D, `＋` U+FF0B, `－` U+FF0D or `＠` U+FF20, which East Asian spreadsheets treat like their narrow
    /// forms.
    private static func beginsFullWidth(_ text: Span<UInt8>) -> Bool {
        guard text.count >= 3, text[0] == 0xEF, text[1] == 0xBC else { return false }
        switch text[2] {
        case 0x9D, 0x8B, 0x8D, 0xA0: return true
        default: return false
        }
    }
}
