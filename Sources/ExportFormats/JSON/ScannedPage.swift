/// The extents of a page's rows, and of their requested values, in the page's bytes.
public struct ScannedPage: Sendable {
    /// The number of rows on all pages, according to the service. `nil` if it does not say.
    public internal(set) var count: Int?
    /// Whether the service links to a next page. `nil` if it does not say.
    public internal(set) var hasNext: Bool?
    /// The extents of the row objects, in the page's order.
    public internal(set) var rows: [Range<Int>] = []

    /// Whether the page is a list of rows without an envelope.
    public internal(set) var isList = false

    /// Whether no row has white space between its tokens.
    var areRowsMinified = true

    /// The index of a field's value among a row's `values`. A field that is listed twice has one index.
    let places: [Int]
    /// The number of values of each row.
    let width: Int
    /// The values of all rows, one row after the other. Empty ranges for missing fields.
    var values: [Range<Int>] = []

    init(places: [Int], width: Int) {
        self.places = places
        self.width = width
    }

    /// The extent of a row's value. `nil` if the row lacks it. Of duplicate keys, the last one counts.
    ///
    /// `field` is an index into the scanner's fields, `row` one into `rows`.
    public func value(_ field: Int, ofRow row: Int) -> Range<Int>? {
        let value = values[row * width + places[field]]
        return value.isEmpty ? nil : value
    }

    /// Appends a row without the white space between its tokens. Strings and numbers keep every byte.
    ///
    /// `row` is an index into `rows`, `text` the page that was scanned.
    public func append(row: Int, of text: Span<UInt8>, to output: inout [UInt8]) {
        if areRowsMinified { output.append(text, rows[row]) } else { JSONMinifier.append(text, rows[row], to: &output) }
    }
}
