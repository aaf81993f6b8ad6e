import Hummingbird
import NIOCore

/// An answer on its way out, and the ways in which it does not arrive.
struct Delivery: Sendable {
    private let status: Int
    private let headers: HTTPFields
    private let body: ByteBuffer

    init(_ answer: SampleResponse, gzip: Bool) {
        var headers = HTTPFields()
        headers[.contentType] = answer.contentType
        headers[.vary] = "Accept, Accept-Encoding"
        for header in answer.headers {
            if let name = HTTPFields.Element.Name(header.name) { headers[name] = header.value }
        }
        // Django's middleware leaves short answers alone too.
        if gzip && answer.body.count > 200 {
            headers[.contentEncoding] = "gzip"
            body = ByteBuffer(bytes: StoredGzip.encode(answer.body))
        } else {
            body = ByteBuffer(bytes: answer.body)
        }
        status = answer.status
        self.headers = headers
    }

    /// The answer in one piece.
    var response: Response {
        Response(status: .init(code: status), headers: headers, body: ResponseBody(byteBuffer: body))
    }

    /// An answer made by hand, as it stands.
    static func response(_ made: CannedResponse, leaving: @escaping @Sendable () -> Void) -> Response {
        var headers = HTTPFields()
        for (name, value) in made.headers {
            if let name = HTTPFields.Element.Name(name) { headers[name] = value }
        }
        let (chunk, repeats) = (ByteBuffer(bytes: made.body), made.repeats)
        guard repeats > 1 else {
            leaving()
            return Response(status: .init(code: made.status), headers: headers, body: ResponseBody(byteBuffer: chunk))
        }
        let body = ResponseBody { writer in
            defer { leaving() }
            for _ in 0..<repeats { try await writer.write(chunk) }
            try await writer.finish(nil)
        }
        return Response(status: .init(code: made.status), headers: headers, body: body)
    }

    /// The connection was ended on purpose.
    struct Broken: Error {}

    /// The answer as the fault has it; `leaving` is called just before the last of it is handed over.
    func response(_ fault: Fault?, on channel: any Channel, leaving: @escaping @Sendable () -> Void) async throws -> Response {
        switch fault {
        case .resetBeforeAnswer:
            leaving()
            try await channel.reset()
            return response
        case .stallBeforeAnswer(let pause):
            try await channel.pause(pause)
            leaving()
            try await channel.close()
            return response
        case .resetInBody: return half(leaving) { try await channel.reset() }
        case .cutBody: return half(leaving) {}
        case .stallInBody(let pause): return half(leaving) { try await channel.pause(pause) }
        case .drip(let pieces, let pause): return drip(pieces, pause, on: channel, leaving)
        default:
            leaving()
            return response
        }
    }

    /// Half of the body under the whole one's length, then `end`, then the end of the connection.
    private func half(_ leaving: @escaping @Sendable () -> Void, _ end: @escaping @Sendable () async throws -> Void) -> Response {
        let half = body.getSlice(at: body.readerIndex, length: body.readableBytes / 2) ?? ByteBuffer()
        let cut = ResponseBody(contentLength: body.readableBytes) { writer in
            defer { leaving() }
            try await writer.write(half)
            try await end()
            throw Broken()
        }
        return Response(status: .init(code: status), headers: headers, body: cut)
    }

    private func drip(
        _ pieces: Int, _ pause: Duration, on channel: any Channel, _ leaving: @escaping @Sendable () -> Void
    ) -> Response {
        let size = max(1, body.readableBytes / max(1, pieces))
        let whole = body
        let slow = ResponseBody(contentLength: body.readableBytes) { writer in
            var rest = whole
            while let piece = rest.readSlice(length: min(size, rest.readableBytes)), piece.readableBytes > 0 {
                if rest.readableBytes == 0 { leaving() }
                try await writer.write(piece)
                if rest.readableBytes > 0 { try await channel.pause(pause) }
            }
            leaving()
            try await writer.finish(nil)
        }
        return Response(status: .init(code: status), headers: headers, body: slow)
    }
}
