import ExportCore
import ExportHTTP
import ExportStore
import NIOCore
import NIOHTTP1

extension StoreClient {
    private func page(_ prefix: String, after token: String?, limit: Int = 1000) async throws -> KeyPage {
        var request = StoreRequest(method: .GET, limit: StoreRequest.listLimit)
        request.query = [
            (name: "list-type", value: "2"), (name: "encoding-type", value: "url"), (name: "max-keys", value: String(limit)),
            (name: "prefix", value: prefix),
        ]
        if let token { request.query.append((name: "continuation-token", value: token)) }
        let outcome = try await send(request)
        // A list for a prefix always exists, so it is the bucket that is missing.
        if outcome.kind == .notFound { throw fault(.noBucket) }
        guard outcome.kind == .done else { throw unexpected(outcome) }
        do { return try KeyPage(outcome.response.body.readableBytesView) } catch is XMLElement.Unreadable {
            throw unreadable(outcome)
        }
    }

    /// Whether there is a key that begins with `prefix`.
    func hasKeys(_ prefix: String) async throws -> Bool {
        var reading = ListingCheck(prefix: prefix)
        var token: String?
        while true {
            let page = try await page(prefix, after: token, limit: 1)
            token = try take(page, after: token, &reading)
            if !page.keys.isEmpty { return true }
            if token == nil { return false }
        }
    }

    /// Calls `body` with every key that begins with `prefix`, in byte order. Only one page at a time is held in memory.
    /// - Parameter most: The maximum number of keys.
    /// - Throws: `StoreError.objectStore`, also for an inconsistent list; `CancellationError`, and what `body` throws.
    func forEachKey(
        _ prefix: String, most: Int = ListingCheck.maximumFiles, _ body: (String) async throws -> Void
    ) async throws {
        var reading = ListingCheck(prefix: prefix, most: most)
        var token: String?
        repeat {
            let page = try await page(prefix, after: token)
            token = try take(page, after: token, &reading)
            for key in page.keys { try await body(key) }
        } while token != nil
    }

    private func take(_ page: KeyPage, after token: String?, _ reading: inout ListingCheck) throws -> String? {
        do {
            return try reading.take(page, after: token)
        } catch {
            throw fault(.list(error, of: reading.prefix))
        }
    }
}
