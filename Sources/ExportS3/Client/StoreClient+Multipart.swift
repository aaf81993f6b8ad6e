import ExportCore
import ExportStore
import NIOCore
import NIOHTTP1

/// An upload in parts that was begun.
struct PartedUpload: Sendable, Hashable, Codable {
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
    func beginUpload(_ key: String, sha256: String) async throws -> PartedUpload {
        var request = StoreRequest(method: .POST, key: key, query: [(name: "uploads", value: "")])
        request.headers = [
            (name: "Content-Type", value: "application/octet-stream"), (name: Self.hashHeader, value: sha256),
            (name: "x-amz-checksum-algorithm", value: "SHA256"),
        ]
        let outcome = try await send(request)
        guard outcome.kind == .done else { throw unexpected(outcome) }
        guard let id = (try? XMLElement(parsing: outcome.answer.body.readableBytesView))?["UploadId"]?.text, !id.isEmpty else {
            throw fault(.garbled)
        }
        let upload = PartedUpload(key: key, id: id)
        // An earlier try may have been heard, and its answer lost: what it began has no name that anybody knows.
        if outcome.tries > 1 {
            for other in (try? await uploads(key)) ?? [] where other.key == key && other != upload { try? await abort(other) }
        }
        return upload
    }

    func put(part number: Int, _ bytes: ByteBuffer, sha256: String, of upload: PartedUpload) async throws -> UploadedPart {
        var request = StoreRequest(method: .PUT, key: upload.key, body: bytes, payloadHash: sha256)
        request.query = [(name: "partNumber", value: String(number)), (name: "uploadId", value: upload.id)]
        request.headers = Self.checksum(sha256)
        let outcome = try await send(request)
        guard outcome.kind == .done, let etag = outcome.answer.header("ETag") else { throw unexpected(outcome) }
        return UploadedPart(number: number, etag: etag, sha256: sha256)
    }

    /// Makes the object of its parts.
    /// - Parameters:
    ///   - size: What it must have then, where the store no longer knows the upload, since an earlier try was heard and its answer lost.
    func complete(_ upload: PartedUpload, _ parts: [UploadedPart], size: Int, sha256: String) async throws {
        var request = StoreRequest(method: .POST, key: upload.key, query: [(name: "uploadId", value: upload.id)])
        request.body = ByteBuffer(string: Self.completion(parts))
        request.headers = [(name: "Content-Type", value: "application/xml")]
        let outcome = try await send(request)
        switch outcome.kind {
        case .done: return
        case .noUpload, .notFound:
            guard outcome.tries > 1, let head = try await head(upload.key), head.size == size, head.sha256 == sha256 else {
                throw unexpected(outcome)
            }
        default: throw unexpected(outcome)
        }
    }

    static func completion(_ parts: [UploadedPart]) -> String {
        let list = parts.sorted { $0.number < $1.number }.map { part in
            "<Part><PartNumber>\(part.number)</PartNumber><ETag>\(part.etag.replacing("\"", with: "&quot;"))</ETag>"
                + "<ChecksumSHA256>\(base64(part.sha256))</ChecksumSHA256></Part>"
        }
        return """
            <CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">\(list.joined())</CompleteMultipartUpload>
            """
    }

    /// Gives an upload up, with the parts that the store has.
    func abort(_ upload: PartedUpload) async throws {
        let outcome = try await send(
            StoreRequest(method: .DELETE, key: upload.key, query: [(name: "uploadId", value: upload.id)]))
        guard [.done, .notFound, .noUpload].contains(outcome.kind) else { throw unexpected(outcome) }
    }

    /// The uploads under way of keys that begin with `prefix`.
    func uploads(_ prefix: String) async throws -> [PartedUpload] {
        var uploads: [PartedUpload] = []
        var marker: PartedUpload?
        while true {
            var request = StoreRequest(method: .GET)
            request.query = [
                (name: "uploads", value: ""), (name: "encoding-type", value: "url"), (name: "prefix", value: prefix),
            ]
            if let marker {
                request.query += [
                    (name: "key-marker", value: marker.key), (name: "upload-id-marker", value: marker.id),
                ]
            }
            let outcome = try await send(request)
            guard outcome.kind == .done, let root = try? XMLElement(parsing: outcome.answer.body.readableBytesView) else {
                throw unexpected(outcome)
            }
            let isEncoded = root["EncodingType"]?.text == "url"
            uploads += root.all("Upload").compactMap { upload in
                guard let key = upload["Key"]?.text, let id = upload["UploadId"]?.text else { return nil }
                return PartedUpload(key: isEncoded ? PercentEncoding.decode(key) ?? key : key, id: id)
            }
            guard root["IsTruncated"]?.text == "true", let last = uploads.last, last != marker else { return uploads }
            marker = last
        }
    }
}
