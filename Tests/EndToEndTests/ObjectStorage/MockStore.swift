import Foundation
import Hummingbird
import Logging
import NIOCore
import Synchronization

/// An imitation of an S3-compatible store, in memory, that goes wrong on request. Lists have pages of three keys.
///
/// Signatures are not looked at: the checks in `integration/object_storage` do that, and use another store.
final class MockStore: Sendable {
    struct Object: Sendable {
        var content: [UInt8]
        var etag: String
        var sha256: String?
        var modified = Date.now
    }

    struct Upload: Sendable {
        var key: String
        var sha256: String?
        var parts: [Int: [UInt8]] = [:]
    }

    struct State: Sendable {
        var objects: [String: Object] = [:]
        var uploads: [String: Upload] = [:]
        var calls: [StoreCall] = []
        var written = 0
        var ignoresPrefixOfUploads = false
        /// So many seconds older is everything than it is: a lease has passed at once.
        var age = 0.0
        var fault: @Sendable (StoreCall) -> StoreFault? = { _ in nil }
    }

    private let state = Mutex(State())

    func withState<Result>(_ body: (inout sending State) throws -> sending Result) rethrows -> sending Result {
        try state.withLock(body)
    }

    var calls: [StoreCall] { withState { $0.calls } }
    var uploads: Int { withState { $0.uploads.count } }

    /// Every object below a prefix, by its path from there on.
    func files(below prefix: String) -> [String: Data] {
        let found = withState { $0.objects.filter { $0.key.hasPrefix("\(prefix)/") } }
        return Dictionary(uniqueKeysWithValues: found.map { (String($0.key.dropFirst(prefix.count + 1)), Data($0.value.content)) })
    }

    /// Forgets what was asked, and goes wrong in another way.
    func reset(age: Double = 0, fault: @escaping @Sendable (StoreCall) -> StoreFault? = { _ in nil }) {
        withState { ($0.calls, $0.age, $0.fault) = ([], age, fault) }
    }

    /// Serves while `body` runs, on 127.0.0.1.
    static func with<Value>(
        isolation: isolated (any Actor)? = #isolation, _ body: (_ endpoint: String, MockStore) async throws -> Value
    ) async throws -> Value {
        let store = MockStore()
        let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { continuation.finish() }
                let application = Application(
                    responder: StoreResponder(store: store), configuration: .init(address: .hostname("127.0.0.1", port: 0)),
                    onServerRunning: { continuation.yield($0.localAddress?.port ?? 0) },
                    logger: Logger(label: "store") { _ in SwiftLogNoOpLogHandler() })
                do { try await application.run() } catch { if !Task.isCancelled { throw error } }
            }
            defer { group.cancelAll() }
            for await port in ports { return try await body("http://127.0.0.1:\(port)", store) }
            throw CancellationError()
        }
    }
}

/// What goes wrong with a request.
enum StoreFault: Sendable {
    /// With the store's word for it; nothing is done.
    case status(Int, String)
    /// The connection ends before anything is done.
    case reset
    /// It ends after all is done.
    case lostAnswer
    /// The conditions of a write are not heeded.
    case noConditions
    /// Waits until this returns, and goes on.
    case after(@Sendable () async throws -> Void)
    /// Answers this, whether what was asked for is done or not.
    case instead(StoreResponse, isDone: Bool)
    /// Does what is asked for, and answers otherwise.
    case changed(@Sendable (inout StoreResponse) -> Void)
    /// Keeps something else than what came, and says nothing of it.
    case keeping(@Sendable ([UInt8]) -> [UInt8])
}

/// A request, as it came.
struct StoreCall: Sendable {
    /// From 0.
    var number = 0
    let method: String
    let key: String
    let query: [String: String]
    let headers: [String: String]

    /// The operation, in a word.
    var kind: String {
        if query["uploads"] != nil { return method == "POST" ? "begin" : "uploads" }
        if query["uploadId"] != nil { return ["PUT": "part", "POST": "complete"][method] ?? "abort" }
        return query["list-type"] == nil ? method.lowercased() : "list"
    }

    var isOfManifest: Bool { kind == "put" && key.contains("/_agentsight/windows/") }
}

private struct StoreResponder: HTTPResponder {
    struct Context: InitializableFromSource, Sendable {
        let channel: any Channel

        init(source: ApplicationRequestContextSource) { channel = source.channel }
    }

    let store: MockStore

    func respond(to request: Request, context: Context) async throws -> Response {
        var call = StoreCall(request)
        let (found, fault) = store.withState { [call] state in
            var call = call
            call.number = state.calls.count
            state.calls.append(call)
            return (call, state.fault(call))
        }
        call = found
        switch fault {
        case .status(let status, let code):
            return answer(status, "<Error><Code>\(code)</Code><Message>on purpose</Message></Error>")
        // What follows is a body that is cut where it is being sent.
        case .reset: try await context.channel.close()
        case .after(let wait): try await wait()
        case .lostAnswer, .noConditions, .instead, .changed, .keeping, nil: break
        }
        if case .reset = fault { return Response(status: .ok) }
        var body = Array(try await request.body.collect(upTo: 1 << 26).readableBytesView)
        if case .instead(let made, isDone: false) = fault { return whole(made, to: call) }
        if case .keeping(let kept) = fault { body = kept(body) }
        let ignoresConditions = if case .noConditions = fault { true } else { false }
        var response = store.withState { [body] in $0.answer(call, body, ignoresConditions: ignoresConditions) }
        switch fault {
        case .lostAnswer: try await context.channel.close()
        case .instead(let made, _): response = made
        case .changed(let change): change(&response)
        default: break
        }
        return whole(response, to: call)
    }

    private func whole(_ response: StoreResponse, to call: StoreCall) -> Response {
        let whole = answer(response.status, response.body, response.headers)
        return call.method == "HEAD" ? whole.createHeadResponse() : whole
    }

    private func answer(_ status: Int, _ body: some Sequence<UInt8>, _ headers: [String: String] = [:]) -> Response {
        var fields = HTTPFields()
        for (name, value) in headers { if let name = HTTPFields.Element.Name(name) { fields[name] = value } }
        return Response(status: .init(code: status), headers: fields, body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
    }

    private func answer(_ status: Int, _ text: String) -> Response { answer(status, text.utf8) }
}

extension StoreCall {
    fileprivate init(_ request: Request) {
        method = request.method.rawValue
        key = request.uri.path.split(separator: "/", maxSplits: 1).dropFirst().first.map { $0.removingPercentEncoding ?? "" } ?? ""
        let pairs = (request.uri.query ?? "").split(separator: "&").map { pair -> (String, String) in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            return (parts[0], parts.count > 1 ? parts[1].removingPercentEncoding ?? "" : "")
        }
        query = Dictionary(pairs) { $1 }
        headers = Dictionary(request.headers.map { ($0.name.canonicalName, $0.value) }) { $1 }
    }
}
