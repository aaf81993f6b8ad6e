/// Recognizes HTML by its first bytes: the response of a firewall, a proxy or a sign-in page between a client and its service.
package enum HTMLPage {
    private static let beginnings = ["<!doctype html", "<html", "<head", "<body", "<script", "<meta", "<title", "<!--"]
    private static let longest = 16

    /// Whether a body begins like HTML, after any byte order mark and white space.
    package static func begins(_ body: some Collection<UInt8>) -> Bool {
        let text = body.dropFirst(ByteOrderMark.length(in: body)).drop { $0 <= 0x20 }
        let start = String(decoding: text.prefix(longest), as: UTF8.self).lowercased()
        return beginnings.contains { start.startsExactly(with: $0) }
    }
}

/// The byte order mark that some programs write before UTF-8. RFC 8259 allows JSON parsers to ignore it.
package enum ByteOrderMark {
    private static let bytes: [UInt8] = [0xEF, 0xBB, 0xBF]

    /// The length of the mark at the start of a body in bytes: 3, or 0 if there is none.
    package static func length(in body: some Collection<UInt8>) -> Int {
        body.starts(with: bytes) ? bytes.count : 0
    }
}
