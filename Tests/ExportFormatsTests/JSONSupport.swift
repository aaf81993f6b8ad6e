import ExportFormats

/// What the library says of a text, in values that tests can compare.
enum Read {
    /// The extent of the one value, or why there is none.
    static func validate(_ text: [UInt8]) -> Result<Range<Int>, JSONError> {
        Result { () throws(JSONError) in try JSONText.validate(text.span) }
    }

    static func validate(_ text: String) -> Result<Range<Int>, JSONError> {
        validate(Array(text.utf8))
    }

    static func isValid(_ text: [UInt8]) -> Bool {
        (try? validate(text).get()) != nil
    }

    static func string(_ text: String) -> String? {
        let bytes = Array(text.utf8)
        return JSONText.string(bytes.span, bytes.indices)
    }

    static func int64(_ text: String) -> Int64? {
        let bytes = Array(text.utf8)
        return JSONText.int64(bytes.span, bytes.indices)
    }

    static func minified(_ text: String) -> String {
        let bytes = Array(text.utf8)
        var output: [UInt8] = []
        JSONMinifier.append(bytes.span, bytes.indices, to: &output)
        return String(decoding: output, as: UTF8.self)
    }

    static func value(at path: [String], of text: String) -> String? {
        let bytes = Array(text.utf8)
        return JSONText.value(at: path, of: bytes.indices, in: bytes.span).map { String(decoding: bytes[$0], as: UTF8.self) }
    }
}

extension RowEncoder {
    /// The file that holds these rows.
    func file(_ rows: [String]) throws -> String {
        var (encoder, output) = (self, [UInt8]())
        encoder.appendHeader(to: &output)
        for row in rows {
            try encoder.append(row: Array(row.utf8).span, to: &output)
        }
        try encoder.appendFooter(to: &output)
        return String(decoding: output, as: UTF8.self)
    }

    /// The row without the header.
    func line(_ row: String) throws -> String {
        var (encoder, output) = (self, [UInt8]())
        try encoder.append(row: Array(row.utf8).span, to: &output)
        return String(decoding: output, as: UTF8.self)
    }
}
