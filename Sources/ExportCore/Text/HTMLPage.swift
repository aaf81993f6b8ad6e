/// Tells a page of HTML by its first bytes: what a firewall, a proxy or a sign-in page between a client and its service answers with.
package enum HTMLPage {
    private static let beginnings = ["<!doctype html", "<html", "<head", "<body", "<script", "<meta", "<title", "<!--"]
    private static let longest = 16

    /// Whether a body begins as HTML does, white space and a byte order mark apart.
    package static func begins(_ body: some Collection<UInt8>) -> Bool {
        let text = body.dropFirst(ByteOrderMark.length(in: body)).drop { $0 <= 0x20 }
        let start = String(decoding: text.prefix(longest), as: UTF8.self).lowercased()
        return beginnings.contains { start.startsExactly(with: $0) }
    }
}

/// The mark with which some programs begin UTF-8. RFC 8259 lets a reader of JSON ignore it.
package enum ByteOrderMark {
    private static let bytes: [UInt8] = [0xEF, 0xBB, 0xBF]

    /// Bytes that the mark takes at the start of a body: 3, or 0 where there is none.
    package static func length(in body: some Collection<UInt8>) -> Int {
        body.starts(with: bytes) ? bytes.count : 0
    }
}
