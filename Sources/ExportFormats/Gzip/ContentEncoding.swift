/// How the body of an HTTP answer is compressed (RFC 9110, section 8.4.1).
public enum ContentEncoding: String, Sendable, Hashable, CaseIterable {
    /// RFC 1952, of one member or several.
    case gzip
    /// RFC 1950, or without its frame, as some servers send it.
    case deflate

    private static let stepSize = 64 * 1024

    /// Inflates a whole body.
    ///
    /// `limit`: the largest content to allow, in bytes; a body of more is given up as soon as it shows.
    /// Throws where the body is corrupt, cut, followed by other bytes, or too large.
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

    /// RFC 1950, section 2.2: the method is 8, the window at most 32 KiB, and the first two bytes are a multiple of 31.
    private static func hasZlibHeader(_ body: Span<UInt8>) -> Bool {
        body.count >= 2 && body[0] & 0x0F == 8 && body[0] >> 4 <= 7 && (Int(body[0]) << 8 + Int(body[1])).isMultiple(of: 31)
    }
}
