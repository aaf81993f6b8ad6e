/// The limit of text in a spreadsheet's cell (Excel, "Specifications and limits"). Programs silently cut longer text, or refuse the file.
enum SpreadsheetCell {
    /// The maximum length in UTF-16 code units.
    static let longest = 32_767
    /// The end of a cut text.
    static let mark: StaticString = "… [cut]"
    private static let markUnits = 7

    /// The number of UTF-8 bytes that fit together with the mark. `nil` if the whole text fits.
    static func cut(_ text: Span<UInt8>) -> Int? {
        // Each UTF-16 unit takes at least one byte.
        guard text.count > longest else { return nil }
        var (units, end) = (0, 0)
        for place in text.indices {
            let byte = text[place]
            // Continuation bytes do not count, and a character of four bytes is a surrogate pair.
            if byte & 0xC0 != 0x80 {
                if units <= longest - markUnits { end = place }
                units += byte >= 0xF0 ? 2 : 1
            }
        }
        return units > longest ? end : nil
    }
}
