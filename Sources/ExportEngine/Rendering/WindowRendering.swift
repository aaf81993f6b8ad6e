import ExportCore
import ExportFormats
import ExportStore

/// Writes the files of committed windows anew from the rows that stand in the destination. The service is not asked.
///
/// Files that stay as they are are not touched. Where the file with the rows is replaced or removed, they stand in another place until
/// the commit is done, unless the destination completes every commit itself.
struct WindowRendering: Sendable {
    /// With the kept rows among its outputs, where rows are to be kept.
    let plan: ExportPlan
    let destination: any PersistentDestination

    /// A window whose files are to be written anew.
    struct Job: Sendable {
        /// The committed manifest.
        let old: Manifest
        /// The manifest to commit, without its files.
        var new: Manifest
        /// With the span that stands.
        let window: Window
        /// One for each output.
        let encoders: [any RowEncoder]

        /// - Parameter window: Of the plan, with a path for each output.
        init(_ old: Manifest, as new: Manifest, _ window: Window, _ encoders: [any RowEncoder]) {
            var window = window
            window.range = old.window.range
            (self.old, self.new, self.window, self.encoders) = (old, new, window, encoders)
        }
    }

    /// A window whose files are written, and not committed.
    struct Rendered: Sendable {
        let manifest: Manifest
        /// Places of files that stay as they are.
        let kept: Set<Int>
        let columnUse: ColumnUse
    }

    /// Writes the files of a window that change.
    /// - Throws: `StoreError`, `EncodingError`, `RowsUnfit`, `CancellationError`.
    func write(_ job: Job) async throws -> Rendered {
        let standing = Dictionary(job.old.files.map { (Array($0.path.utf8), $0) }) { first, _ in first }
        var files: [Manifest.File?] = []
        for place in plan.outputs.indices {
            let file = try standing[Array(job.window.paths[place].utf8)].flatMap {
                try staying($0, plan.outputs[place], job.encoders[place].layout)
            }
            if let file, try await isThere(file) { files.append(file) } else { files.append(nil) }
        }
        var kept = Set(files.indices.filter { files[$0] != nil })
        let places = files.indices.filter { files[$0] == nil }
        var use = ColumnUse()
        var digests = job.old.digests
        // The rows stay the same, but their digests must not cover what no output holds any more.
        var remakesDigests = plan.outputs.contains { $0.privacy.changesRows } || job.old.files.contains { $0.altered == true }
        if !remakesDigests { remakesDigests = try await coverOtherKeys(job.old) }
        if !places.isEmpty || remakesDigests {
            let walked = try await walked(job)
            let encoder = WindowEncoder(
                outputs: places.map { plan.outputs[$0] }, rowEncoders: places.map { job.encoders[$0] }, hasHeader: true,
                destination: destination, places: places, digests: remakesDigests ? DigestCoverage.kept(of: plan) : nil,
                digestsPlace: files.count)
            let written = try await encoder.encode(walked)
            use = written.columnUse
            for (place, file) in zip(places, written.files) {
                files[place] = file
                if let old = standing[Array(file.path.utf8)], old.sha256 == file.sha256, old.bytes == file.bytes,
                    try await isThere(old)
                {
                    kept.insert(place)
                }
            }
            if remakesDigests { digests = written.digests }
        }
        var manifest = job.new
        manifest.files = files.compactMap(\.self)
        manifest.digests = digests
        // Digests that are damaged are replaced, though their new ones have the checksum that they should have had.
        if digests != nil, digests == job.old.digests, !remakesDigests { kept.insert(files.count) }
        return Rendered(manifest: manifest, kept: kept, columnUse: use)
    }

    /// Whether a file can be read in the destination: it may have been removed since it was committed, or its permissions changed.
    private func isThere(_ file: Manifest.File) async throws -> Bool {
        do {
            guard try await destination.size(ofFile: file.path) == file.bytes else { return false }
            _ = try await destination.openFile(file.path)
            return true
        } catch let error as StoreError where error.isSingleFile {
            return false
        }
    }

    /// Whether the digests of a window cover other keys of its rows than those of an export would, or are damaged.
    private func coverOtherKeys(_ manifest: Manifest) async throws -> Bool {
        guard manifest.digests != nil, let coverage = DigestCoverage.kept(of: plan) else { return false }
        guard let digests = try await Baseline.digests(of: manifest, from: destination) else { return true }
        return !coverage.hasKeys(of: digests)
    }

    /// The entry in the new manifest for a committed file that needs no change. Nil if the file has to be written first.
    private func staying(_ file: Manifest.File, _ output: Output, _ layout: TableLayout?) throws -> Manifest.File? {
        if output.isKeptRows { return file }
        guard file.table == output.table.rawValue, file.format == output.format.rawValue else { return nil }
        if output.dependsOnDiscovery, !file.has(layout) { return nil }
        let fingerprint = try ExportPlan.fingerprint(of: output)
        // Manifests of 0.1.0 do not tell of columns.
        let isRows = file.output == nil && output.columns == nil && file.hasRowsAsTheyCame
        guard file.output == fingerprint || isRows && file.encoder == FileEncoder.name(of: output) else { return nil }
        var file = file
        file.output = fingerprint
        return file
    }

    /// The rows of a window, as if they had just been fetched.
    private func walked(_ job: Job) async throws -> WalkedWindow {
        guard let file = job.old.rowsFile else { throw RowsUnfit(reason: "no file has them as they came") }
        let rows = StoredRows(file: file, destination: destination)
        let spooled = try await rows.spooled(for: job.window, fingerprint: job.new.fingerprint, discoveries: [])
        return WalkedWindow(
            window: job.window,
            outcome: WalkOutcome(pieces: [], isProved: job.old.status == .proved, proof: job.old.proof),
            requests: job.old.requests, keys: [], spool: spooled.spool, rows: spooled.rows, ids: nil, keepsSpool: false)
    }

    /// Whether the rows have to stand in another place before the window is committed.
    func needsCopy(_ job: Job) throws -> Bool {
        guard !destination.completesCommits, job.old.keptRows == nil, let rows = job.old.rowsFile else { return false }
        for (output, path) in zip(plan.outputs, job.window.paths) where path == rows.path {
            return try staying(rows, output, nil) == nil
        }
        return true
    }

    /// Puts the rows in another place, where the window still has them if its commit is cut short.
    /// - Returns: What stands for the window then.
    func copyRows(_ job: Job) async throws -> Manifest {
        let output = Output.keptRows
        let window = job.window.with(paths: job.old.files.map(\.path) + [DestinationPath.rows(job.window.key)])
        let place = job.old.files.count
        let encoder = WindowEncoder(
            outputs: [output], rowEncoders: [output.rowEncoder(nil)], hasHeader: true, destination: destination, places: [place])
        let walked = try await self.walked(Job(job.old, as: job.old, window, []))
        var copy = job.old
        copy.files += try await encoder.encode(walked).files
        let kept = Set(copy.committedFiles.indices).subtracting([place])
        try await destination.commit(copy, columns: nil, keeping: kept)
        return copy
    }
}

/// Rows that a window cannot be written from: it is due.
struct RowsUnfit: Error, Hashable {
    /// The reason why the rows cannot be used.
    let reason: String

    init(reason: String) { self.reason = reason }

    /// Nil where the error says nothing of the rows.
    init?(_ error: any Error) {
        switch error {
        case let unfit as RowsUnfit: self = unfit
        case StoreError.changed(let path): reason = "\(path.shown()) has been changed"
        case let error as StoreError where error.isSingleFile: reason = "\(error)"
        case is EncodingError, is JSONError: reason = "the file with its rows does not have those that were proved"
        default: return nil
        }
    }
}

extension Manifest.File {
    /// Whether it has the columns of a layout, with their types. Names decide: a column that was found once keeps its name for good.
    fileprivate func has(_ layout: TableLayout?) -> Bool {
        guard let layout, let columns, let types, columns.count == layout.columns.count, types.count == columns.count else {
            return false
        }
        return layout.columns.indices.allSatisfy { place in
            let column = layout.columns[place]
            return columns[place].equalsExactly(column.name) && types[place] == column.content.typeName
        }
    }
}

extension Output {
    /// Whether the keys of rows, or the kinds of their values, decide what is written.
    fileprivate var dependsOnDiscovery: Bool {
        columns?.contains { selector in
            switch selector {
            case .every: true
            case .column(let column): column.type == nil && column.path.count > 1
            case .agent, .rest: false
            }
        } ?? false
    }
}
