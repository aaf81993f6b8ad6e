import ExportCore
import ExportHTTP
import ExportStore
import NIOCore
import NIOHTTP1

/// An upload in parts that was begun.
struct MultipartUpload: Sendable, Hashable, Codable {
    var key: String
    var id: String
}

/// A part of a file that the store has taken.
struct UploadedPart: Sendable, Equatable {
    /// From 1.
    let number: Int
    let etag: String
    let sha256: String
}

extension StoreClient {
    /// Begins an upload in parts. Nothing is visible until it is completed. No other one of this key must be under way.
    /// - Parameter sha256: Of the whole file.
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
        // An earlier try may have been heard, and its answer lost: what it began has no name that anybody knows.
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

    /// Makes the object of its parts, and looks whether it stands there: an answer of 200 may be cut, or a proxy's, and one that knows
    /// of no upload may come after an earlier try that was heard and its answer lost.
    /// - Parameter size: What it must have then.
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

    /// Gives an upload up, with the parts that the store has.
    func abort(_ upload: MultipartUpload) async throws {
        try checkRemoval(
            try await send(StoreRequest(method: .DELETE, key: upload.key, query: [(name: "uploadId", value: upload.id)])))
    }

    /// The uploads under way of keys that begin with `prefix`. Others that a store gives, since it takes no notice of the prefix, are
    /// passed over: they are not ours.
    /// - Throws: `StoreError.objectStore` for a list that contradicts itself too.
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

    /// Uploads in one list at most. A run that is killed leaves a few dozen, and the next one gives them up.
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

/// A page of a list of uploads under way, as it came.
struct UploadPage: Equatable, Sendable {
    var uploads: [MultipartUpload]
    var isTruncated: Bool
    /// The marker for the next page; nil if the page does not name one.
    var next: MultipartUpload?

    /// Reads an answer to ListMultipartUploads.
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
