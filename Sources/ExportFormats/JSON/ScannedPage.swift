/// Where the rows of a page and their wanted values stand in the page's bytes.
public struct ScannedPage: Sendable {
    /// Rows on all pages, as the service says; nil where it does not.
    public internal(set) var count: Int?
    /// Whether the service links to a further page; nil where it says nothing about it.
    public internal(set) var hasNext: Bool?
    /// The extents of the row objects, in the page's order.
    public internal(set) var rows: [Range<Int>] = []

    /// Whether it is a list of rows without an envelope.
    public internal(set) var isList = false

    /// Whether no row has white space between its tokens.
    var areRowsMinified = true

    /// Where a field's value stands among a row's `values`; a field named twice has one place.
    let places: [Int]
    /// How many values each row has.
    let width: Int
    /// One row's after the other's; empty where the row lacks the field.
    var values: [Range<Int>] = []

    init(places: [Int], width: Int) {
        self.places = places
        self.width = width
    }

    /// The extent of a row's value; nil where the row lacks it. Of duplicate keys the last counts.
    ///
    /// `field` is an index into the scanner's fields, `row` one into `rows`.
    public func value(_ field: Int, ofRow row: Int) -> Range<Int>? {
        let value = values[row * width + places[field]]
        return value.isEmpty ? nil : value
    }

    /// Appends a row without the white space between its tokens; strings and numbers keep every byte.
    ///
    /// `row` is an index into `rows`, `text` the page that was scanned.
    public func append(row: Int, of text: Span<UInt8>, to output: inout [UInt8]) {
        if areRowsMinified { output.append(text, rows[row]) } else { JSONMinifier.append(text, rows[row], to: &output) }
    }
}
