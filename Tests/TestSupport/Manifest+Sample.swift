import Crypto
public import ExportCore

extension Manifest {
    /// A manifest of a window, with as many ids as rows, and all else as it does not matter.
    public static func sample(
        _ window: Window, status: Status = .proved, rows: Int = 1, distinctIDs: Int? = nil, files: [File] = []
    ) -> Manifest {
        Manifest(
            pipeline: "p", fingerprint: "f", status: status, window: Span(window), query: [:],
            proof: Proof(
                walk: "ranges", countBefore: rows, countAfter: rows, distinctIDs: distinctIDs ?? rows, rounds: 1, repaired: 0),
            requests: 1, run: "r", committedAt: Instant(seconds: 0), version: "0", files: files)
    }
}

extension Manifest.File {
    /// A file that nobody reads.
    public static func sample(
        _ path: String, table: Table = .conversations, format: Output.Format = .ndjson, columns: [String]? = nil
    ) -> Manifest.File {
        Manifest.File(
            path: path, table: table.rawValue, format: format.rawValue, rows: 1, bytes: 1, sha256: "", contentSHA256: "",
            encoder: "zlib", columns: columns)
    }

    /// A file that holds these bytes, not compressed.
    public static func sample(_ path: String, content: String) -> Manifest.File {
        let hash = SHA256.hash(data: Array(content.utf8)).map { byte in
            String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
        }.joined()
        return Manifest.File(
            path: path, table: "conversations", format: "ndjson", rows: 0, bytes: content.utf8.count, sha256: hash,
            contentSHA256: "", encoder: "none")
    }
}
