/// The compression of the body of an HTTP response (RFC 9110, section 8.4.1).
public enum ContentEncoding: String, Sendable, Hashable, CaseIterable {
    /// gzip (RFC 1952), with one or more members.
    case gzip
    /// zlib (RFC 1950), or raw deflate as some servers send it.
    case deflate

    private static let stepSize = 64 * 1024

    /// Decompresses a whole body.
    ///
    /// `limit`: the maximum size of the content in bytes. Decompression stops as soon as it is exceeded.
    /// Throws if the body is corrupt, truncated, followed by other bytes, or too large.
    public func decode(_ body: Span<UInt8>, limit: Int) throws(InflateError) -> [UInt8] {
        var inflater = try Inflater(format(of: body))
        var content: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: Self.stepSize)
        var position = 0
        while true {
            let step = try inflater.step(body.extracting(position..<body.count), into: &buffer)
            position += step.consumed
            guard step.produced <= limit - content.count else { throw .tooLarge(limit: limit) }
            content.append(contentsOf: buffer[..<step.produced])
            if step.isEnd {
                if position == body.count { return content }
                guard self == .gzip, body[position] == GzipMember.header[0] else { throw .trailingBytes }
                inflater.restart()
            } else if step.consumed == 0, step.produced == 0 {
                throw .truncated
            }
        }
    }

    private func format(of body: Span<UInt8>) -> Inflater.Format {
        switch self {
        case .gzip: .gzip
        case .deflate: Self.hasZlibHeader(body) ? .zlib : .raw
        }
    }

    /// Whether the body begins with a zlib header. RFC 1950, section 2.2: the method is 8, the window at most 32 KiB, and the first two
    /// bytes are a multiple of 31.
    private static func hasZlibHeader(_ body: Span<UInt8>) -> Bool {
        body.count >= 2 && body[0] & 0x0F == 8 && body[0] >> 4 <= 7 && (Int(body[0]) << 8 + Int(body[1])).isMultiple(of: 31)
    }
}
