import ExportCore
import ExportStore
import NIOCore
import NIOHTTP1

extension StoreClient {
    /// Keys of a page of a list.
    struct KeyPage: Equatable, Sendable {
        var keys: [String]
        /// What the next page is asked for with. Nil: there is none.
        var next: String?

        /// Reads an answer to ListObjectsV2 with `encoding-type=url`.
        /// - Throws: `XMLElement.Unreadable`.
        init(_ body: some Collection<UInt8>) throws {
            let root = try XMLElement(parsing: body)
            guard root.name == "ListBucketResult" else { throw XMLElement.Unreadable() }
            keys = try root.all("Contents").map { object in
                guard let key = object["Key"].flatMap({ PercentEncoding.decode($0.text) }) else { throw XMLElement.Unreadable() }
                return key
            }
            next = root["IsTruncated"]?.text == "true" ? root["NextContinuationToken"]?.text : nil
            if root["IsTruncated"]?.text == "true", next == nil { throw XMLElement.Unreadable() }
        }
    }

    /// One page of the keys that begin with `prefix`, in order.
    func keys(_ prefix: String, after token: String? = nil, limit: Int = 1000) async throws -> KeyPage {
        var request = StoreRequest(method: .GET)
        request.query = [
            (name: "list-type", value: "2"), (name: "encoding-type", value: "url"), (name: "max-keys", value: String(limit)),
            (name: "prefix", value: prefix),
        ]
        if let token { request.query.append((name: "continuation-token", value: token)) }
        let outcome = try await send(request)
        // A list of what begins so is never missing: the bucket is.
        if outcome.kind == .notFound { throw fault(.noBucket) }
        guard outcome.kind == .done else { throw unexpected(outcome) }
        do { return try KeyPage(outcome.answer.body.readableBytesView) } catch is XMLElement.Unreadable { throw fault(.garbled) }
    }

    /// Calls `body` with every key that begins with `prefix`. One page at a time is held.
    /// - Throws: `StoreError.objectStore`, `CancellationError`, and what `body` throws.
    func forEachKey(_ prefix: String, _ body: (String) async throws -> Void) async throws {
        var token: String?
        while true {
            let page = try await keys(prefix, after: token)
            for key in page.keys { try await body(key) }
            // The same token again would never end.
            guard let next = page.next, next != token else { return }
            token = next
        }
    }
}
