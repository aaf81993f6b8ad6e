import ExportCore
import ExportFormats
import ExportStore

/// Writes all files of a walked window in one pass over its rows.
struct WindowEncoder: Sendable {
    let outputs: [Output]
    /// The encoders, one for each output.
    let rowEncoders: [any RowEncoder]
    /// Whether files get a header. A stream has only one, before its first window.
    let hasHeader: Bool
    let destination: any Destination
    /// The indices of the files among the window's. If `nil`, all of them are written, in their order.
    var places: [Int]?
    /// The coverage of the digests of the rows. `nil` if no digests are kept, as for a stream.
    var digests: DigestCoverage?
    /// The index of the file of digests among the window's. If `nil`, it follows the outputs.
    var digestsPlace: Int?
    /// The predicates by which the rows are counted. `nil` if there are none.
    var sums: Set<CountPredicate>?

    /// The number of blocks that are compressed at the same time.
    private static let width = 4

    private struct Block: Sendable {
        let file: Int
        let index: Int
        let packed: FileEncoder.Packed
    }

    /// The tables whose rows are parts of conversations.
    private var partTables: [Table] {
        Table.allCases.filter { table in table != .conversations && outputs.contains { $0.table == table } }
    }

    /// Writes the files of a window.
    /// - Throws: `StoreError`, `EncodingError`, `CancellationError`.
    func encode(_ walked: WalkedWindow) async throws -> WrittenWindow {
        let repeated = try RepeatedIDs.find(in: walked)
        return try await encode(walked, leavingOut: repeated)
    }

    private func encode(_ walked: WalkedWindow, leavingOut repeated: RepeatedIDs) async throws -> WrittenWindow {
        var onceOnly = DuplicateFilter(repeated)
        let expected = walked.outcome.leavingOut(repeated).proof.distinctIDs
        let partTables = partTables
        // The kept rows of a patched window lack the keys that a later release has added.
        let coverage = walked.patch.flatMap { patch in digests.map { _ in patch.coverage } } ?? digests
        let covered = expected <= WindowDigests.maximumRows ? coverage : nil
        var collector = sums == nil && covered == nil ? nil : DigestCollector(covered, sums: sums != nil)
        var encoders = zip(outputs, rowEncoders).map { FileEncoder($0, rowEncoder: $1, hasHeader: hasHeader) }
        let files = try outputs.indices.map { index in
            try PackedFile(destination.makeFile(places?[index] ?? index, of: walked.window), outputs[index].fileCompression)
        }
        try await withThrowingTaskGroup(of: Block.self) { group in
            var inFlight = 0
            func pack(_ content: [UInt8], _ file: Int, _ index: Int) async throws {
                // For zstd, the file's own encoder compresses in parallel. The pages of row groups are already compressed.
                guard case .gzip(let level) = outputs[file].fileCompression else {
                    return try files[file].write(.plain(content), at: index)
                }
                if inFlight == Self.width, let block = try await group.next() {
                    try files[block.file].write(block.packed, at: block.index)
                    inFlight -= 1
                }
                group.addTask {
                    Block(file: file, index: index, packed: .gzip(try GzipBlock(compressing: content.span, level: level)))
                }
                inFlight += 1
            }
            func packBlock(of file: Int) async throws {
                if let block = encoders[file].nextBlock() { try await pack(block, file, encoders[file].blocks - 1) }
            }
            var (parts, ends): ([UInt8], [Int]) = ([], [])
            for extent in walked.rows {
                try Task.checkCancellation()
                // Rows end with a line feed, which does not occur within a minified row.
                let rows = try walked.spool?.read(extent) ?? []
                var start = 0
                while let end = rows.span.firstIndex(of: UInt8(ascii: "\n"), in: start..<rows.count) {
                    defer { start = end + 1 }
                    guard try onceOnly.takes(rows.span.extracting(start..<end)) else { continue }
                    try collector?.add(rows.span.extracting(start..<end))
                    for file in encoders.indices where outputs[file].table == .conversations {
                        try encoders[file].append(row: rows.span.extracting(start..<end))
                        try await packBlock(of: file)
                    }
                    for table in partTables {
                        parts.removeAll(keepingCapacity: true)
                        ends.removeAll(keepingCapacity: true)
                        try TableRows(of: table).append(of: rows.span.extracting(start..<end), to: &parts, ends: &ends)
                        for file in encoders.indices where outputs[file].table == table {
                            var part = 0
                            for end in ends {
                                try encoders[file].append(row: parts.span.extracting(part..<end))
                                try await packBlock(of: file)
                                part = end
                            }
                        }
                    }
                }
            }
            for file in encoders.indices {
                if let block = try encoders[file].lastBlock() { try await pack(block, file, encoders[file].blocks - 1) }
            }
            for try await block in group { try files[block.file].write(block.packed, at: block.index) }
        }
        var use = ColumnUse()
        for encoder in encoders { use.add(encoder.use) }
        let written = try zip(encoders, files).enumerated().map { index, pair -> Manifest.File in
            let (encoder, file) = pair
            let isExact = encoder.output.table != .conversations || encoder.rows == expected
            guard isExact, let digest = try file.finish() else {
                throw EncodingError.rowsDiffer(written: encoder.rows, proved: expected)
            }
            var written = Manifest.File(
                path: walked.window.paths[places?[index] ?? index], table: encoder.output.table.rawValue,
                format: encoder.output.format.rawValue,
                rows: encoder.rows, bytes: digest.bytes, sha256: digest.sha256,
                contentSHA256: encoder.contentSHA256 ?? digest.sha256,
                encoder: FileEncoder.name(of: encoder.output), keys: encoder.output.keyColumns,
                columns: encoder.columns, types: encoder.types, misfits: encoder.misfitsByName)
            written.cut = encoder.cutsByName
            if encoder.output.privacy.changesRows { written.altered = true }
            if !encoder.output.isKeptRows { written.output = try ExportPlan.fingerprint(of: encoder.output) }
            return written
        }
        return WrittenWindow(
            files: written,
            digests: try collector?.write(for: walked.window, at: digestsPlace ?? outputs.count, to: destination),
            sums: collector.flatMap { collector in sums.map { collector.sums.limited(to: $0) } }, repeated: repeated, columnUse: use
        )
    }
}

/// The files of a window, before they are committed.
struct WrittenWindow: Sendable {
    let files: [Manifest.File]
    var digests: Manifest.Digests?
    var sums: RowSums?
    var repeated = RepeatedIDs.none
    var columnUse = ColumnUse()
}

/// Filters out all but the first of several rows with the same id.
private struct DuplicateFilter {
    private let repeated: Set<Int64>
    private var taken: Set<Int64> = []

    init(_ repeated: RepeatedIDs) {
        self.repeated = Set(repeated.ids)
    }

    mutating func takes(_ row: Span<UInt8>) throws -> Bool {
        guard !repeated.isEmpty else { return true }
        let id = try RowID.read(row)
        return !repeated.contains(id) || taken.insert(id).inserted
    }
}

/// An error that prevents the files of a window from being written, detected before anything is committed.
public enum EncodingError: Error, Sendable, Hashable, CustomStringConvertible {
    case rowsDiffer(written: Int, proved: Int)
    case noID
    case tooManyRepeatedIDs(most: Int)

    public var description: String {
        switch self {
        case .rowsDiffer(let written, let proved):
            """
            \(written) rows were written, but \(proved) were proved. This is a bug in agentsight-export: the window was not \
            committed; please report it.
            """
        case .noID:
            "a spooled row has no id. This is a bug or a disk error: the window was not committed; run again."
        case .tooManyRepeatedIDs(let most):
            """
            the service lists more than \(most) ids with two values of started_at each. The started_at of a conversation never \
            changes, so the list contradicts itself: the window was not committed.
            """
        }
    }
}
