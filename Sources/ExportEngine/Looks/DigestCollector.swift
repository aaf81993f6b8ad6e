import ExportCore
import ExportFormats
import ExportStore

/// Collects the digests and the sums of a window's rows while its files are written.
struct DigestCollector {
    private var digester: RowDigester
    /// Sums up whole rows if the digests leave something out, because the service counts whole rows. Nil: the digester sums up, or nobody.
    private var counter: RowDigester?
    private var rows: [RowDigest] = []
    private let coverage: DigestCoverage?

    /// - Parameters:
    ///   - coverage: What the digests cover. Nil: none are kept, and only sums are.
    ///   - sums: Whether the sums are needed.
    init(_ coverage: DigestCoverage?, sums: Bool) {
        digester = coverage?.digester() ?? RowDigester(covering: nil)
        self.coverage = coverage
        if sums, let coverage, coverage.leftOut != .none { counter = RowDigester(covering: coverage.keys) }
    }

    /// The counts that the service should have, as far as the rows show them.
    var sums: RowSums { counter?.sums ?? digester.sums }

    /// The digests of the rows so far.
    var digests: WindowDigests {
        WindowDigests(
            keys: digester.coveredKeys, leftOut: coverage?.leftOut ?? .none, keyDigest: coverage?.key?.digest, rows: rows)
    }

    /// - Throws: `EncodingError` where the row has no id: every row that was kept had one.
    mutating func add(_ row: Span<UInt8>) throws {
        guard let digest = digester.add(row) else { throw EncodingError.noID }
        _ = counter?.add(row)
        if coverage != nil { rows.append(digest) }
    }

    /// Writes the file of digests.
    /// - Parameter place: The number of files that are staged before it.
    /// - Returns: Nil where none are kept.
    func write(for window: Window, at place: Int, to destination: any Destination) throws -> Manifest.Digests? {
        guard coverage != nil else { return nil }
        var file = try destination.makeFile(place, of: window)
        try file.write(digests.encoded())
        let written = try file.finish()
        return Manifest.Digests(path: DestinationPath.digests(window.key), bytes: written.bytes, sha256: written.sha256)
    }
}
