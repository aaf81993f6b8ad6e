import ExportCore
import ExportFormats
import ExportStore

/// Patches committed windows in which a look found that only some rows differ. The other rows are taken from the destination, so that the
/// walk fetches only the ranges between them.
struct WindowPatching: Sendable {
    let plan: ExportPlan
    let destination: any PersistentDestination
    /// The patches by the keys of their windows.
    let patches: [String: WindowPatch]

    /// Writes the rows that a window keeps to a spool, after comparing each with the digest that the look used.
    /// - Returns: `nil` if the window has to be exported whole, because the rows do not match or a patch is not worthwhile.
    /// - Throws: `StoreError`, `CancellationError`.
    func prepare(
        _ window: Window, fingerprint: String, discoveries: [KeyDiscovery]
    ) async throws -> PreparedPatch? {
        guard let patch = patches[window.key], let manifest = try await destination.manifest(ofWindow: window.key),
            manifest.status == .proved, manifest.rowsIdentity == patch.rowsIdentity, manifest.window.range == window.range,
            let file = manifest.rowsFile, file.rows == manifest.proof.distinctIDs,
            let digests = try await Baseline.digests(of: manifest, from: destination),
            let coverage = DigestCoverage(of: digests, in: plan), case let declared = DigestCoverage(of: plan),
            coverage.leavesOutTheSame(as: declared), declared.hasKeys(of: digests)
        else { return nil }
        do {
            var kept = KeptWindowRows(
                patch, digests.rows, coverage, DigestPart(of: patch.look, plan), discoveries,
                in: try destination.makeSpool(for: window, fingerprint: fingerprint))
            try await StoredRows(file: file, destination: destination).forEachPiece { try kept.add($0) }
            guard let pieces = try kept.pieces(of: window.range, patch), patch.isWorthwhile(pieces, plan) else { return nil }
            return PreparedPatch(
                checkpoint: WalkCheckpoint(pieces: pieces.pieces.map(\.piece), countBefore: patch.rows, isPatch: true),
                spool: kept.spool, end: kept.end, extents: kept.extents(of: pieces), keys: kept.keys.keys,
                basis: PatchBasis(
                    look: patch.look, exportedAt: patch.look == .full ? nil : manifest.rowsExportedAt, coverage: coverage,
                    served: Set(patch.served.keys), went: patch.went,
                    keptRows: Dictionary(uniqueKeysWithValues: pieces.pieces.map { ($0.piece.id, $0.rows.count) })))
        } catch {
            // Unusable rows are only a reason to export the window whole.
            guard RowsUnfit(error) != nil else { throw error }
            return nil
        }
    }
}

/// A window whose kept rows are in its spool.
struct PreparedPatch: Sendable {
    let checkpoint: WalkCheckpoint
    let spool: Spool
    let end: Int
    /// The extents of the kept rows, by the pieces of the checkpoint.
    let extents: [Int: [Spool.Extent]]
    /// The keys of these rows below the flattened fields.
    let keys: [DiscoveredKey]
    let basis: PatchBasis
}

/// The basis of a patched window: its kept rows, and the conditions that the fetched rows must meet.
struct PatchBasis: Sendable {
    let look: LookKind
    /// When the kept rows were exported. `nil` if the look saw all of their fields.
    let exportedAt: Instant?
    /// The coverage of the window's digests: that of the digests of the kept rows.
    let coverage: DigestCoverage
    /// Ids that must be among the fetched rows.
    let served: Set<Int64>
    /// Ids that must not be among the fetched rows.
    let went: Set<Int64>
    /// The number of kept rows in each piece of the walk.
    let keptRows: [Int: Int]

    /// Whether the result of a walk agrees with the look.
    func holds(_ walked: WalkedWindow) -> Bool {
        guard walked.outcome.isProved, let ids = walked.ids else { return false }
        var missing = served
        var cameBack = false
        do {
            try ids.forEach(of: Set(walked.outcome.pieces).subtracting(keptRows.keys), in: walked.spool) { id in
                missing.remove(id)
                cameBack = cameBack || went.contains(id)
            }
        } catch { return false }
        return missing.isEmpty && !cameBack
    }

    /// The record for the manifest.
    func record(_ outcome: WalkOutcome) -> Manifest.Patch {
        let kept = outcome.pieces.reduce(0) { $0 + (keptRows[$1] ?? 0) }
        return Manifest.Patch(look: look, fetched: max(0, outcome.proof.distinctIDs - kept))
    }
}

/// The rows of a window, read from the destination into a spool, with what is needed to take some of them over.
private struct KeptWindowRows {
    let spool: Spool
    private(set) var end: Int
    private(set) var keys: RowKeys
    private let patch: WindowPatch
    private let digests: [RowDigest]
    private let part: DigestPart
    private var digester: RowDigester
    private var startedAt: [Instant] = []
    /// The extent of each row in the spool.
    private var extents: [Spool.Extent] = []
    /// The instants at which rows came, went or changed, with the number of rows that came.
    private var differing: [Instant: Int]
    private var left: Set<Int64>

    init(
        _ patch: WindowPatch, _ digests: [RowDigest], _ coverage: DigestCoverage, _ part: DigestPart, _ discoveries: [KeyDiscovery],
        in spool: Spool
    ) {
        (self.patch, self.digests, self.part, self.spool) = (patch, digests, part, spool)
        end = spool.start
        keys = RowKeys(discoveries)
        digester = coverage.digester()
        differing = [:]
        for (id, instant) in patch.served { differing[instant, default: 0] += patch.came.contains(id) ? 1 : 0 }
        left = patch.went
    }

    /// Adds rows of the window.
    /// - Throws: `RowsUnfit` if a row is not the one that the look compared.
    mutating func add(_ rows: [UInt8]) throws {
        try Task.checkCancellation()
        try keys.collect(rows)
        // No later run continues from these rows, since it has not verified them.
        let extent = try spool.append(rows, SpoolRecord(), at: end)
        end = extent.end
        var start = 0
        while let end = rows.span.firstIndex(of: UInt8(ascii: "\n"), in: start..<rows.count) {
            let row = rows.span.extracting(start..<end)
            let object = try JSONText.validate(row)
            guard let digest = digester.add(row),
                let instant = JSONText.value(at: ["started_at"], of: object, in: row)
                    .flatMap({ JSONText.instant(row, $0) }), startedAt.last.map({ $0 <= instant }) ?? true
            else { throw RowsUnfit(reason: "its rows are not in order") }
            if left.remove(digest.id) != nil {
                differing[instant, default: 0] += 0
            } else if let served = patch.served[digest.id] {
                guard served == instant, !patch.came.contains(digest.id) else { throw RowsUnfit(reason: "a row has moved") }
            } else if known(digest.id)?[part] != digest[part] {
                throw RowsUnfit(reason: "its rows are not those that were compared")
            }
            startedAt.append(instant)
            extents.append(Spool.Extent(offset: extent.offset + start, length: end + 1 - start))
            start = end + 1
        }
    }

    private func known(_ id: Int64) -> RowDigest? {
        let place = digests.sortedIndex { $0.id < id }
        return place < digests.count && digests[place].id == id ? digests[place] : nil
    }

    /// Divides the window into pieces that are kept and ranges that are fetched.
    /// - Throws: `RowsUnfit` if rows are missing.
    func pieces(of window: TimeRange, _ patch: WindowPatch) throws -> PatchPieces? {
        guard startedAt.count == digests.count, left.isEmpty else { throw RowsUnfit(reason: "rows that were compared are missing") }
        return PatchPieces(of: window, rows: startedAt, differing: differing, edges: patch.edges)
    }

    /// The extents of the rows of each piece, with adjacent ones joined.
    func extents(of pieces: PatchPieces) -> [Int: [Spool.Extent]] {
        var found: [Int: [Spool.Extent]] = [:]
        for piece in pieces.pieces where !piece.rows.isEmpty {
            var own: [Spool.Extent] = []
            for extent in extents[piece.rows] {
                if let last = own.last, last.end == extent.offset, last.length < FileEncoder.blockSize {
                    own[own.count - 1] = Spool.Extent(offset: last.offset, length: last.length + extent.length)
                } else {
                    own.append(extent)
                }
            }
            found[piece.piece.id] = own
        }
        return found
    }
}
