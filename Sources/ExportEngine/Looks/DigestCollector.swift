import ExportCore
import ExportFormats
import ExportStore

/// Collects the digests and the sums of a window's rows while its files are written.
struct DigestCollector {
    private var digester: RowDigester
    private var rows: [RowDigest] = []
    private let keepsDigests: Bool

    /// - Parameter coverage: What the digests cover. Nil: none are kept, and only sums are.
    init(_ coverage: DigestCoverage?) {
        digester = RowDigester(covering: coverage?.keys)
        keepsDigests = coverage != nil
    }

    /// The counts that the service should have, as far as the rows show them.
    var sums: RowSums { digester.sums }

    /// The digests of the rows so far.
    var digests: WindowDigests { WindowDigests(keys: digester.coveredKeys, rows: rows) }

    /// - Throws: `EncodingError` where the row has no id: every row that was kept had one.
    mutating func add(_ row: Span<UInt8>) throws {
        guard let digest = digester.add(row) else { throw EncodingError.noID }
        if keepsDigests { rows.append(digest) }
    }

    /// Writes the file of digests, behind those of the outputs.
    /// - Parameter outputs: How many files the window has beside.
    /// - Returns: Nil where none are kept.
    func write(for window: Window, after outputs: Int, to destination: any Destination) throws -> Manifest.Digests? {
        guard keepsDigests else { return nil }
        var file = try destination.makeFile(outputs, of: window)
        try file.write(digests.encoded())
        let written = try file.finish()
        return Manifest.Digests(path: DestinationPath.digests(window.key), bytes: written.bytes, sha256: written.sha256)
    }
}
