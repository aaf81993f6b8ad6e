import ExportCore
import ExportHTTP
import ExportStore
import NIOCore
import NIOHTTP1

/// A multipart upload in progress.
struct MultipartUpload: Sendable, Hashable, Codable {
    var key: String
    var id: String
}

/// A part of a file that was uploaded.
struct UploadedPart: Sendable, Equatable {
    /// The number of the part, from 1.
    let number: Int
    let etag: String
    let sha256: String
}

extension StoreClient {
    /// Begins a multipart upload. Nothing is visible until it is completed. There must be no other upload of this key in progress.
    /// - Parameter sha256: SHA-256 of the whole file.
    func beginUpload(_ key: String, sha256: String) async throws -> MultipartUpload {
        var request = StoreRequest(method: .POST, key: key, query: [(name: "uploads", value: "")])
        request.headers = [
            (name: "Content-Type", value: "application/octet-stream"), (name: Self.hashHeader, value: sha256),
        ]
        request.checksum = [(name: "x-amz-checksum-algorithm", value: "SHA256")]
        let outcome = try await send(request)
        guard outcome.kind == .done else { throw unexpected(outcome) }
        let begun = try? XMLElement(parsing: outcome.response.body.readableBytesView)
        guard let begun, begun.name == "InitiateMultipartUploadResult", let id = begun["UploadId"]?.text, !id.isEmpty else {
            throw unreadable(outcome)
        }
        let upload = MultipartUpload(key: key, id: id)
        // An earlier attempt may have begun an upload whose id was lost with the response.
        if outcome.attempts > 1 {
            for other in (try? await uploads(key)) ?? [] where other.key.utf8.elementsEqual(key.utf8) && other.id != id {
                try? await abort(other)
            }
        }
        return upload
    }

    func put(part number: Int, _ bytes: ByteBuffer, sha256: String, of upload: MultipartUpload) async throws -> UploadedPart {
        var request = StoreRequest(method: .PUT, key: upload.key, body: bytes, payloadHash: sha256)
        request.query = [(name: "partNumber", value: String(number)), (name: "uploadId", value: upload.id)]
        request.checksum = Self.checksum(sha256)
        let outcome = try await send(request)
        guard outcome.kind == .done, let etag = outcome.response.head.header("ETag"), !etag.isEmpty else {
            throw unexpected(outcome)
        }
        return UploadedPart(number: number, etag: etag, sha256: sha256)
    }

    /// Completes an upload, and verifies that the object exists. A response with status 200 may be truncated or from a proxy, and the
    /// upload may be unknown because an earlier attempt completed it.
    /// - Parameter size: The expected size of the object.
    func complete(_ upload: MultipartUpload, _ parts: [UploadedPart], size: Int, sha256: String) async throws {
        var request = StoreRequest(method: .POST, key: upload.key, query: [(name: "uploadId", value: upload.id)])
        request.body = ByteBuffer(string: Self.completion(parts, withChecksums: sharedState.supportsChecksums))
        request.headers = [(name: "Content-Type", value: "application/xml")]
        var attempts = 0
        while true {
            let outcome = try await send(request)
            attempts += outcome.attempts
            let isSaidDone = outcome.kind == .done
            guard isSaidDone || [.noUpload, .notFound].contains(outcome.kind) && attempts > 1 else { throw unexpected(outcome) }
            let found = try await head(upload.key)
            if found?.size == size, found?.sha256 == sha256 { return }
            guard isSaidDone, attempts < Self.maximumWrites else {
                throw try await notWritten(outcome, key: upload.key, bytes: size, found: found)
            }
            try await pauseForWrite(upload.key, attempts)
        }
    }

    static func completion(_ parts: [UploadedPart], withChecksums: Bool = true) -> String {
        let list = parts.sorted { $0.number < $1.number }.map { part in
            "<Part><PartNumber>\(part.number)</PartNumber><ETag>\(XMLText.escaped(part.etag))</ETag>"
                + (withChecksums ? "<ChecksumSHA256>\(base64(part.sha256))</ChecksumSHA256>" : "") + "</Part>"
        }
        return """
            <CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">\(list.joined())</CompleteMultipartUpload>
            """
    }

    /// Aborts an upload, which discards its parts.
    func abort(_ upload: MultipartUpload) async throws {
        try checkRemoval(
            try await send(StoreRequest(method: .DELETE, key: upload.key, query: [(name: "uploadId", value: upload.id)])))
    }

    /// The uploads in progress of keys that begin with `prefix`. Other uploads, listed by stores that ignore the prefix, are skipped, since
    /// they are foreign.
    /// - Throws: `StoreError.objectStore`, also for an inconsistent list.
    func uploads(_ prefix: String) async throws -> [MultipartUpload] {
        var seen: Set<MultipartUpload> = []
        var own: [MultipartUpload] = []
        var marker: MultipartUpload?
        var pages = 0
        while true {
            let page = try await uploadPage(prefix, after: marker)
            pages += 1
            for upload in page.uploads {
                guard seen.insert(upload).inserted else { throw fault(.list(.repeated(key: upload.key.shown()), of: prefix)) }
                if upload.key.utf8.starts(with: prefix.utf8) { own.append(upload) }
            }
            guard page.isTruncated else { return own }
            guard let last = page.next ?? page.uploads.last else { throw fault(.list(.noToken, of: prefix)) }
            guard last != marker else { throw fault(.list(.sameToken, of: prefix)) }
            guard seen.count <= Self.maximumUploads, pages <= Self.maximumUploadPages else {
                throw fault(.list(.endless(pages: pages, keys: seen.count), of: prefix))
            }
            marker = last
        }
    }

    /// The maximum number of uploads in a list. A killed run leaves a few dozen, which the next one aborts.
    private static let maximumUploads = 20_000
    private static let maximumUploadPages = 500

    private func uploadPage(_ prefix: String, after marker: MultipartUpload?) async throws -> UploadPage {
        var request = StoreRequest(method: .GET, limit: StoreRequest.listLimit)
        request.query = [
            (name: "uploads", value: ""), (name: "encoding-type", value: "url"), (name: "prefix", value: prefix),
        ]
        if let marker {
            request.query += [(name: "key-marker", value: marker.key), (name: "upload-id-marker", value: marker.id)]
        }
        let outcome = try await send(request)
        guard outcome.kind == .done else { throw unexpected(outcome) }
        do { return try UploadPage(outcome.response.body.readableBytesView) } catch is XMLElement.Unreadable {
            throw unreadable(outcome)
        }
    }
}

/// A page of a list of uploads in progress, not yet checked.
struct UploadPage: Equatable, Sendable {
    var uploads: [MultipartUpload]
    var isTruncated: Bool
    /// The marker for the next page. `nil` if the page does not have one.
    var next: MultipartUpload?

    /// Parses a response to ListMultipartUploads.
    /// - Throws: `XMLElement.Unreadable`.
    init(_ body: some Collection<UInt8>) throws {
        let root = try XMLElement(parsing: body)
        guard root.name == "ListMultipartUploadsResult" else { throw XMLElement.Unreadable() }
        let isEncoded = root["EncodingType"]?.text == "url"
        func decoded(_ key: String) -> String { isEncoded ? PercentEncoding.decode(key) ?? key : key }
        uploads = root.all("Upload").compactMap { upload in
            guard let key = upload["Key"]?.text, let id = upload["UploadId"]?.text, !id.isEmpty else { return nil }
            return MultipartUpload(key: decoded(key), id: id)
        }
        isTruncated = root["IsTruncated"]?.text == "true"
        if let key = root["NextKeyMarker"]?.text, let id = root["NextUploadIdMarker"]?.text, !key.isEmpty {
            next = MultipartUpload(key: decoded(key), id: id)
        }
    }
}
