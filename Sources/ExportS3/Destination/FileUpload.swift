import Crypto
import ExportCore
import ExportStore
import NIOCore

/// The upload of a file to a store. A large file is uploaded in invisible parts, a small one as a whole at the end.
struct FileUpload: Sendable {
    private let file: Manifest.CommittedFile
    private let staged: StagedFile
    private let key: String
    private let parted: (upload: MultipartUpload, parts: [UploadedPart])?

    /// The minimum size of a part in bytes, and the maximum size of a file that is uploaded as a whole.
    static let partSize = 8 << 20
    /// The number of parts that are held in memory and sent at the same time.
    static let width = 4
    /// The maximum number of parts that a store accepts.
    private static let maximumParts = 10_000

    /// The size of the parts of a file, increased if there would be too many.
    static func partSize(of bytes: Int) -> Int {
        let least = (bytes + maximumParts - 1) / maximumParts
        let mebibyte = 1 << 20
        return max(partSize, (least + mebibyte - 1) / mebibyte * mebibyte)
    }

    /// Uploads the parts of a large file. Nothing is visible.
    ///
    /// At most `width` parts are in memory at a time.
    /// - Throws: `StoreError`, `CancellationError`. The upload is then aborted.
    static func begin(
        _ file: Manifest.CommittedFile, _ staged: StagedFile, key: String, to client: StoreClient
    ) async throws -> FileUpload {
        guard file.bytes > partSize else { return FileUpload(file: file, staged: staged, key: key, parted: nil) }
        let upload = try await client.beginUpload(key, sha256: file.sha256)
        do {
            let parts = try await send(file, staged, as: upload, to: client)
            return FileUpload(file: file, staged: staged, key: key, parted: (upload, parts))
        } catch {
            // An upload that cannot be aborted now is aborted by the next run.
            try? await client.uncancelled.abort(upload)
            throw error
        }
    }

    private static func send(
        _ file: Manifest.CommittedFile, _ staged: StagedFile, as upload: MultipartUpload, to client: StoreClient
    ) async throws -> [UploadedPart] {
        let size = partSize(of: file.bytes)
        return try await withThrowingTaskGroup(of: UploadedPart.self) { group in
            var parts: [UploadedPart] = []
            var whole = SHA256()
            for (index, offset) in stride(from: 0, to: file.bytes, by: size).enumerated() {
                if index >= width, let part = try await group.next() { parts.append(part) }
                let read = try staged.read(min(size, file.bytes - offset), at: offset)
                whole.update(data: read)
                let (bytes, hash) = (ByteBuffer(bytes: read), SHA256.hash(data: read).hexadecimal)
                group.addTask { try await client.put(part: index + 1, bytes, sha256: hash, of: upload) }
            }
            for try await part in group { parts.append(part) }
            guard whole.finalize().hexadecimal == file.sha256 else { throw client.fault(.corruptedInTransit(file: file.path)) }
            return parts
        }
    }

    /// Makes the file visible.
    func finish(_ client: StoreClient) async throws {
        if let parted {
            return try await client.complete(parted.upload, parted.parts, size: file.bytes, sha256: file.sha256)
        }
        let bytes = try staged.read(file.bytes, at: 0)
        guard SHA256.hash(data: bytes).hexadecimal == file.sha256 else {
            throw client.fault(.corruptedInTransit(file: file.path))
        }
        guard
            case .stored = try await client.put(key, bytes, sha256: file.sha256, type: "application/octet-stream")
        else { throw client.fault(.malformed) }
    }

    /// Aborts the upload.
    func abandon(_ client: StoreClient) async throws {
        if let parted { try await client.abort(parted.upload) }
    }
}
