/// The longest text that a spreadsheet's cell holds (Excel, "Specifications and limits"): programs cut a longer one without a word, or
/// refuse the file.
enum SpreadsheetCell {
    /// In UTF-16 units.
    static let longest = 32_767
    /// Ends a text that was cut.
    static let mark: StaticString = "… [cut]"
    private static let markUnits = 7

    /// How many bytes of a text in UTF-8 fit, with the mark behind them. Nil where all of it fits.
    static func cut(_ text: Span<UInt8>) -> Int? {
        // No unit takes less than a byte.
        guard text.count > longest else { return nil }
        var (units, end) = (0, 0)
        for place in text.indices {
            let byte = text[place]
            // A continuation byte is no character of its own, and a character of four bytes is a surrogate pair.
            if byte & 0xC0 != 0x80 {
                if units <= longest - markUnits { end = place }
                units += byte >= 0xF0 ? 2 : 1
            }
        }
        return units > longest ? end : nil
    }
}
