import ExportFormats

/// A text at some place among other bytes: what the product makes of it may depend neither on the place nor on the others.
struct PlacedText {
    private let bytes: [UInt8]
    private let range: Range<Int>

    init(_ text: [UInt8], at offset: Int = 0) {
        let before = Array("\"\\[1,\u{0}é0".utf8.prefix(offset))
        bytes = before + text + (offset == 0 ? [] : Array("0\"}],1".utf8))
        range = before.count..<(before.count + text.count)
    }

    var whole: Range<Int> { 0..<range.count }

    /// Hands over the text as the product gets it.
    func read<Value, Failure: Error>(_ body: (Span<UInt8>) throws(Failure) -> Value) throws(Failure) -> Value {
        try body(bytes.span.extracting(range))
    }

    func validate() -> Result<Range<Int>, JSONError> {
        Result { () throws(JSONError) in try JSONText.validate(bytes.span.extracting(range)) }
    }

    func slice(_ part: Range<Int>) -> ArraySlice<UInt8> {
        bytes[(range.lowerBound + part.lowerBound)..<(range.lowerBound + part.upperBound)]
    }
}
