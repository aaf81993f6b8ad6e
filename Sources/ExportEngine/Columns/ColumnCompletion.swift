import Crypto
import ExportCore
import ExportFormats
import ExportStore

/// Gives windows that several runs have exported the columns that a single run would have given them: each those that the windows before
/// it brought. Nothing is fetched again: the rows stand there, as they came.
///
/// Done again from any point, it comes to the same: what the windows brought stays in their manifests, and counts until the
/// columns are stored, which comes last.
struct ColumnCompletion: Sendable {
    private let plan: ExportPlan
    private let destination: any PersistentDestination
    private let policy: WindowPolicy
    private let needsAll: Bool

    /// - Parameter needsAll: Whether it waits until all windows stand, since another run may bring what is missing. A run that was alone
    ///   leaves out what failed, as a single run does.
    init(of plan: ExportPlan, in destination: any PersistentDestination, needsAll: Bool) throws {
        self.needsAll = needsAll
        self.plan = plan
        self.destination = destination
        policy = try plan.policy
    }

    /// Whether the windows are there, and some have not got their columns. Nothing is changed.
    /// - Parameter known: How windows stood that the run has looked at, and has left alone. None: all are looked at.
    /// - Throws: `StoreError`, `LayoutError`, `CancellationError`.
    func isDue(known: [WindowState] = []) async throws -> Bool {
        guard plan.discoversColumns else { return false }
        let keys = try await destination.windowKeys()
        if needsAll, keys.count < plan.windows.count { return false }
        let stored = try await destination.columns()
        // A plan that was narrowed does not know what the windows outside it bring.
        let (digest, planned) = (try stored.digest, Set(plan.windows.map(\.key)))
        for key in keys where !planned.contains(key) {
            if try await destination.manifest(ofWindow: key)?.newKeys?.columns == digest { return false }
        }
        var (stand, isDue) = (true, false)
        let catalog = try await forEachWindow(from: stored, known: known) { _, found in
            switch found {
            case .nothing: stand = false
            case .complete: break
            case .newKeys(let manifest, let sealed): isDue = try isDue || isToBeWritten(manifest, sealed, over: stored)
            }
        }
        return (stand || !needsAll) && (isDue || catalog != stored)
    }

    /// - Throws: `StoreError`, `EncodingError`, `LayoutError`, `CancellationError`.
    func run() async throws {
        let stored = try await destination.columns()
        let catalog = try await forEachWindow(from: stored) { window, found in
            if case .newKeys(let manifest, let sealed) = found, try isToBeWritten(manifest, sealed, over: stored) {
                try await write(manifest, of: window, sealed)
            }
        }
        if catalog != stored { try await destination.store(catalog) }
    }

    /// What stands for a window, as far as its columns go.
    private enum Found {
        /// It is not exported.
        case nothing
        /// It has its columns: a run wrote it that was alone, or they were completed.
        case complete
        /// It brought keys, and what it comes to with the columns of the windows before it.
        case newKeys(Manifest, ColumnPlan.Sealed)
    }

    /// Goes through the windows in the order of time, as a single run seals them.
    /// - Returns: The columns behind the last.
    private func forEachWindow(
        from stored: ColumnCatalog, known: [WindowState] = [], _ body: (Window, Found) async throws -> Void
    ) async throws -> ColumnCatalog {
        let digest = try stored.digest
        let complete = Set(known.lazy.filter { $0.need == .nothing && $0.columnsDigest != digest }.map(\.window.key))
        var columns = ColumnPlan(of: plan, stored)
        try await forEachInOrder(plan.windows, width: WindowLook.width) { window in
            let isComplete = complete.contains(window.key)
            return (window, isComplete, isComplete ? nil : try await destination.manifest(ofWindow: window.key))
        } deliver: { (window: Window, isComplete: Bool, manifest: Manifest?) in
            if isComplete { return try await body(window, .complete) }
            guard let manifest, policy.wrote(manifest) else { return try await body(window, .nothing) }
            guard let newKeys = manifest.newKeys, newKeys.columns == digest else { return try await body(window, .complete) }
            try await body(window, .newKeys(manifest, try columns.seal(window.key, keys: newKeys.keys, agent: window.agent)))
        }
        return columns.catalog
    }

    /// Whether a window's files are not yet as they are to be.
    private func isToBeWritten(_ manifest: Manifest, _ sealed: ColumnPlan.Sealed, over stored: ColumnCatalog) throws -> Bool {
        guard let newKeys = manifest.newKeys, !newKeys.isFinal else { return false }
        if manifest.files.count > plan.outputs.count { return true }
        var fixed = ColumnPlan(of: plan, stored, isFixed: true)
        let agent = Window.parts(ofKey: manifest.window.key).agent
        return try fixed.seal(manifest.window.key, keys: newKeys.keys, agent: agent).layouts.map { $0?.columns }
            != sealed.layouts.map { $0?.columns }
    }

    private func write(_ manifest: Manifest, of window: Window, _ sealed: ColumnPlan.Sealed) async throws {
        var window = window
        window.range = manifest.window.range
        let file = manifest.files[plan.keepingRows.rowsOutput ?? 0]
        let (spool, rows) = try await rows(of: file, window)
        let walked = WalkedWindow(
            window: window, outcome: WalkOutcome(pieces: [], isProved: manifest.status == .proved, proof: manifest.proof),
            requests: manifest.requests, keys: [], spool: spool, rows: rows, ids: nil, keepsSpool: false)
        let encoder = WindowEncoder(
            outputs: plan.outputs, rowEncoders: sealed.encoders, hasHeader: true, destination: destination,
            digests: DigestCoverage(of: plan))
        var manifest = manifest
        let written = try await encoder.encode(walked)
        (manifest.files, manifest.digests, manifest.sums) = (written.files, written.digests, written.sums)
        manifest.newKeys?.isFinal = true
        try await destination.commit(manifest, columns: nil)
    }

    /// In bytes; more than the largest answer of the service.
    private static let maximumRowLength = 128 << 20

    /// The rows of a window, from its file into a spool.
    private func rows(of file: Manifest.File, _ window: Window) async throws -> (Spool?, [Spool.Extent]) {
        guard file.rows > 0 else { return (nil, []) }
        let spool = try destination.makeSpool(for: window, fingerprint: policy.fingerprint)
        var (hash, extents, rest, end, failure) = (SHA256(), [Spool.Extent](), [UInt8](), spool.start, nil as (any Error)?)
        let fault = try await FileReading.read(
            file, from: try await destination.openFile(file.path), bytes: { hash.update(data: $0) }
        ) {
            // An extent ends with a row.
            guard failure == nil else { return }
            guard rest.count + $0.count >= FileEncoder.blockSize, let last = $0.lastIndex(of: UInt8(ascii: "\n")) else {
                rest += $0
                // No row is so long: it is not what was written.
                if rest.count > Self.maximumRowLength { failure = StoreError.changed(path: file.path) }
                return
            }
            do {
                let extent = try spool.append(rest + $0[...last], SpoolRecord(), at: end)
                extents.append(extent)
                (end, rest) = (extent.end, Array($0[(last + 1)...]))
            } catch {
                failure = error
            }
        } row: { _ in
        }
        if let failure { throw failure }
        guard fault == nil, hash.finalize().hexadecimal == file.sha256 else {
            throw StoreError.changed(path: file.path)
        }
        if !rest.isEmpty { extents.append(try spool.append(rest, SpoolRecord(), at: end)) }
        return (spool, extents)
    }
}
