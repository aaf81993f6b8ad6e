import Foundation
import NIOCore
import NIOPosix
import SampleAPI

/// An HTTP client that shows what really came over the wire, up to how the connection ended. One connection a request.
struct RawClient {
    let port: Int
    var key: String? = SampleService.key

    init(endpoint: String, key: String? = SampleService.key) {
        port = endpoint.split(separator: ":").last.flatMap { Int($0) } ?? 0
        self.key = key
    }

    struct Answer {
        /// Nil where not even a status line came.
        var status: Int?
        /// Names in lower case.
        var headers: [String: String] = [:]
        var body: [UInt8] = []
        /// Whether the connection ended with a reset and not in order.
        var wasReset = false

        var text: String { String(decoding: body, as: UTF8.self) }
        var isWhole: Bool { headers["content-length"].flatMap { Int($0) } == body.count }

        func json() throws -> [String: Any] {
            // Foundation refuses numbers that its own types cannot hold.
            let readable = text.replacing(":1E400", with: ":1")
            return try JSONSerialization.jsonObject(with: Data(readable.utf8)) as? [String: Any] ?? [:]
        }

        func ids() throws -> [Int] {
            let rows = try json()["results"] as? [[String: Any]] ?? []
            return rows.compactMap { $0["id"] as? Int }
        }
    }

    /// A connection on which nothing is sent yet.
    func open() async throws -> any Channel {
        try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).connect(host: "127.0.0.1", port: port).get()
    }

    func request(_ path: String, method: String = "GET", headers extra: [String: String] = [:]) -> String {
        var headers = ["Host": "127.0.0.1:\(port)", "Connection": "close", "Accept": "application/json"]
        if let key { headers["Authorization"] = "Api-Key \(key)" }
        headers.merge(extra) { _, new in new }
        let lines = headers.filter { !$0.value.isEmpty }.map { "\($0.key): \($0.value)\r\n" }.sorted()
        return "\(method) \(path) HTTP/1.1\r\n\(lines.joined())\r\n"
    }

    /// - Parameter hangsUp: closes the connection as soon as the request is on its way
    func get(_ path: String, method: String = "GET", headers extra: [String: String] = [:], hangsUp: Bool = false) async throws
        -> Answer
    {
        let request = request(path, method: method, headers: extra)
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).connect(host: "127.0.0.1", port: port)
        { channel in
            channel.eventLoop.makeCompletedFuture {
                try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
            }
        }
        var received = ByteBuffer()
        var wasReset = false
        try await channel.executeThenClose { inbound, outbound in
            do {
                try await outbound.write(ByteBuffer(string: request))
                if hangsUp { return }
                for try await part in inbound { received.writeImmutableBuffer(part) }
            } catch {
                wasReset = true
            }
        }
        var answer = Self.parse(Array(buffer: received))
        answer.wasReset = wasReset
        return answer
    }

    /// Asks for a list with these parameters, percent-encoded here.
    func list(_ parameters: KeyValuePairs<String, String> = [:], headers: [String: String] = [:]) async throws -> Answer {
        try await list(parameters.map { ($0.key, $0.value) }, headers: headers)
    }

    func list(_ parameters: [(String, String)], headers: [String: String] = [:]) async throws -> Answer {
        let pairs = parameters.map { "\($0.0)=\($0.1.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "")" }
        return try await get("/api/conversations/?" + pairs.joined(separator: "&"), headers: headers)
    }

    private static func parse(_ bytes: [UInt8]) -> Answer {
        let blank = Array("\r\n\r\n".utf8)
        guard let end = bytes.indices.first(where: { bytes[$0...].starts(with: blank) }) else { return Answer() }
        let lines = String(decoding: bytes[..<end], as: UTF8.self).components(separatedBy: "\r\n")
        var answer = Answer(status: Int(lines[0].split(separator: " ")[1]))
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            answer.headers[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces)
        }
        answer.body = Array(bytes[(end + blank.count)...])
        return answer
    }
}
