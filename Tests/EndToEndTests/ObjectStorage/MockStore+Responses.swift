import Foundation

/// An answer in the making.
struct StoreResponse: Sendable {
    var status = 200
    var headers: [String: String] = [:]
    var body: [UInt8] = []

    /// As a proxy answers of its own.
    static func page(_ status: Int) -> StoreResponse {
        StoreResponse(status: status, headers: ["Content-Type": "text/html"], body: Array("<html><body>hello</body></html>".utf8))
    }

    static func error(_ status: Int, _ code: String) -> StoreResponse {
        StoreResponse(status: status, body: Array("<Error><Code>\(code)</Code></Error>".utf8))
    }
}

extension MockStore.State {
    mutating func answer(_ call: StoreCall, _ body: [UInt8], ignoresConditions: Bool) -> StoreResponse {
        switch call.kind {
        case "list": return list(call)
        case "uploads": return listUploads(call)
        case "begin":
            let id = "u/\(written)="
            written += 1
            uploads[id] = .init(key: call.key, sha256: call.headers["x-amz-meta-sha256"])
            return .init(
                body: Array("<InitiateMultipartUploadResult><UploadId>\(id)</UploadId></InitiateMultipartUploadResult>".utf8))
        case "part": return put(part: call, body)
        case "complete": return complete(call)
        case "abort":
            guard uploads.removeValue(forKey: call.query["uploadId"] ?? "") != nil else { return .error(404, "NoSuchUpload") }
            return .init(status: 204)
        case "put":
            if !ignoresConditions, let refusal = refusal(of: call) { return refusal }
            return .init(headers: ["ETag": store(body, call.headers["x-amz-meta-sha256"], at: call.key)])
        case "delete":
            objects[call.key] = nil
            // With the type of a page that is not there, as moto.
            return .init(status: 204, headers: ["Content-Type": "text/html; charset=utf-8"])
        default: return get(call)
        }
    }

    private func refusal(of call: StoreCall) -> StoreResponse? {
        let found = objects[call.key]
        if call.headers["if-none-match"] == "*", found != nil { return .error(412, "PreconditionFailed") }
        guard let etag = call.headers["if-match"] else { return nil }
        guard let found else { return .error(404, "NoSuchKey") }
        return found.etag == etag ? nil : .error(412, "PreconditionFailed")
    }

    private mutating func store(_ content: [UInt8], _ sha256: String?, at key: String) -> String {
        written += 1
        let etag = "\"e\(written)\""
        objects[key] = .init(content: content, etag: etag, sha256: sha256)
        return etag
    }

    private func get(_ call: StoreCall) -> StoreResponse {
        guard let object = objects[call.key] else { return .error(404, "NoSuchKey") }
        if let refusal = refusal(of: call) { return refusal }
        var answer = StoreResponse(
            headers: ["ETag": object.etag, "Last-Modified": Self.time(object.modified - age)], body: object.content)
        answer.headers["x-amz-meta-sha256"] = object.sha256
        if let range = call.headers["range"]?.dropFirst(6).split(separator: "-").compactMap({ Int($0) }), range.count == 2 {
            answer.status = 206
            answer.body = Array(object.content[range[0]...range[1]])
        }
        return answer
    }

    private static func time(_ date: Date) -> String {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(secondsFromGMT: 0)
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        return formatter.string(from: date)
    }

    private func list(_ call: StoreCall) -> StoreResponse {
        let (prefix, after) = (call.query["prefix"] ?? "", call.query["continuation-token"] ?? "")
        let keys = objects.keys.filter { $0.utf8.starts(with: prefix.utf8) && after.utf8.lexicographicallyPrecedes($0.utf8) }
            .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        let page = keys.prefix(min(3, call.query["max-keys"].flatMap { Int($0) } ?? 3))
        let next = page.count < keys.count ? page.last : nil
        let contents = page.map { key in
            let encoded = key.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
            return "<Contents><Key>\(encoded)</Key></Contents>"
        }
        let more = next.map { "<NextContinuationToken>\($0.replacing("&", with: "&amp;"))</NextContinuationToken>" } ?? ""
        let text = "<ListBucketResult><IsTruncated>\(next != nil)</IsTruncated>\(contents.joined())\(more)</ListBucketResult>"
        return .init(body: Array(text.utf8))
    }

    private func listUploads(_ call: StoreCall) -> StoreResponse {
        let prefix = ignoresPrefixOfUploads ? "" : call.query["prefix"] ?? ""
        let found = uploads.filter { $0.value.key.hasPrefix(prefix) }
        let list = found.map { "<Upload><Key>\($0.value.key)</Key><UploadId>\($0.key)</UploadId></Upload>" }.joined()
        return .init(body: Array("<ListMultipartUploadsResult>\(list)</ListMultipartUploadsResult>".utf8))
    }

    private mutating func put(part call: StoreCall, _ body: [UInt8]) -> StoreResponse {
        let id = call.query["uploadId"] ?? ""
        guard uploads[id] != nil, let number = call.query["partNumber"].flatMap({ Int($0) }) else {
            return .error(404, "NoSuchUpload")
        }
        uploads[id]?.parts[number] = body
        return .init(headers: ["ETag": "\"p\(number)\""])
    }

    private mutating func complete(_ call: StoreCall) -> StoreResponse {
        guard let upload = uploads.removeValue(forKey: call.query["uploadId"] ?? "") else { return .error(404, "NoSuchUpload") }
        let whole = upload.parts.sorted { $0.key < $1.key }.flatMap(\.value)
        _ = store(whole, upload.sha256, at: upload.key)
        let result = "<CompleteMultipartUploadResult><Key>\(upload.key)</Key><ETag>e</ETag></CompleteMultipartUploadResult>"
        return .init(body: Array(result.utf8))
    }
}
