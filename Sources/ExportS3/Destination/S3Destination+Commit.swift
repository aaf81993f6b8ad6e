public import ExportCore
import ExportStore
import Foundation

extension S3Destination {
    /// Commits a window. A committed window with the same rows is left unchanged, so that loaders of changed files do not load it again.
    ///
    /// The files are not read for this check: a file counts as unchanged if it has the same size and, in its metadata, the same SHA-256. An
    /// object written by another tool has no such metadata.
    public func commit(_ manifest: Manifest, columns: ColumnCatalog?, keeping kept: Set<Int>) async throws {
        // Checks that the manifest can be read back later.
        _ = try StateFile.encode(manifest)
        let held = try locks.current(name)
        let window = manifest.window.key
        let place = key(StateLayout.manifest(window))
        let storedManifest = try await client.get(place)?.content
        let old = try self.manifest(ofWindow: window, in: storedManifest)
        if columns == nil, let old, try await stands(old, manifest) { return staged.remove(window) }

        var uploads: [FileUpload] = []
        do {
            for (index, file) in manifest.committedFiles.enumerated() where !kept.contains(index) {
                uploads.append(
                    try await FileUpload.begin(file, try staged.file(index, of: window), key: key(file.path), to: client))
            }
            try Task.checkCancellation()
            let paths = ((old?.committedFiles ?? []) + manifest.committedFiles).map(\.path).uniqueExactly()
            let known = columns == nil ? nil : try await self.columns()
            try await held.begin(.init(window: window, paths: paths.sorted(), columns: known))
        } catch {
            // Nothing of them is visible. Uploads that cannot be aborted now are aborted by the next run.
            for upload in uploads { try? await upload.abandon(client.uncancelled) }
            throw error
        }
        let written = manifest.committedFiles.enumerated().filter { !kept.contains($0.offset) }.map { Array($0.element.path.utf8) }
        try await publish(
            manifest, uploads, in: place, over: storedManifest, of: old, rest: old?.rest(keeping: kept, of: manifest, Set(written)),
            columns: columns, held)
        await held.end()
        staged.remove(window)
    }

    /// Removes a window. Its files are removed before the manifest, which lists them, so that an interrupted removal can be continued.
    public func remove(_ manifest: Manifest) async throws {
        let held = try locks.current(name)
        let store = client.held(by: held)
        for path in manifest.committedFiles.map(\.path) + [StateLayout.manifest(manifest.window.key)] {
            try await held.ensure()
            try await store.delete(key(path))
        }
    }

    /// Whether a window's files already exist with the same content.
    private func stands(_ old: Manifest, _ manifest: Manifest) async throws -> Bool {
        guard old.hasSameContent(as: manifest) else { return false }
        for file in old.committedFiles {
            guard let head = try await client.head(key(file.path)), head.size == file.bytes, head.sha256 == file.sha256 else {
                return false
            }
        }
        return true
    }

    /// Makes an uploaded window visible. From here on even a cancelled run completes the commit, as long as it holds the lock.
    /// - Parameter rest: The old manifest without the files that are replaced or removed. `nil` if nothing is left.
    private func publish(
        _ manifest: Manifest, _ uploads: [FileUpload], in place: String, over storedManifest: Data?, of old: Manifest?,
        rest: Manifest?, columns: ColumnCatalog?, _ held: ObjectLock
    ) async throws {
        let store = client.held(by: held)
        try await held.ensure()
        // Written before any file, so that a manifest never lists files that are not its own.
        if let rest {
            _ = try await store.put(place, StateFile.encode(rest))
        } else if storedManifest != nil {
            try await store.delete(place)
        }
        for upload in uploads {
            try await held.ensure()
            try await upload.finish(store)
        }
        let named = Set(manifest.committedFiles.map { Array($0.path.utf8) })
        let rows = rest?.keptRows?.path
        for file in old?.committedFiles ?? [] where !named.contains(Array(file.path.utf8)) && file.path != rows {
            try await held.ensure()
            try await store.delete(key(file.path))
        }
        if let columns {
            try await held.ensure()
            _ = try await store.put(key(StateLayout.columns), StateFile.encode(columns))
        }
        try await held.ensure()
        if rest == nil {
            try await write(StateFile.encode(manifest), to: place, over: storedManifest, store)
        } else {
            _ = try await store.put(place, StateFile.encode(manifest))
        }
        // Until here the window could have been rewritten from these rows.
        if let rows, !named.contains(Array(rows.utf8)) {
            try await held.ensure()
            try await store.delete(key(rows))
        }
    }

    /// Writes the manifest if none exists. This run has removed the old one, so an existing manifest is that of a run that has taken over.
    private func write(_ content: [UInt8], to place: String, over old: Data?, _ store: StoreClient) async throws {
        switch try await store.put(place, content, onlyIfAbsent: true) {
        case .stored: return
        case .notImplemented: throw store.fault(.noConditionalWrites)
        case .conditionFailed(let attempts):
            let found = try await store.get(place)?.content
            // An earlier attempt may have succeeded although its response was lost.
            if attempts > 1, found == Data(content) { return }
            guard found == nil || found != old else { throw store.fault(.notRemoved(key: place)) }
            throw StoreError.lockLost(path: name)
        }
    }
}

extension Manifest {
    /// The manifest of a window while another commit replaces it: the files that the commit does not touch, and the kept rows. It has no
    /// declaration, so that it never counts as the requested export. `nil` if nothing is left.
    /// - Parameter written: The paths that the commit writes.
    fileprivate func rest(keeping kept: Set<Int>, of new: Manifest, _ written: Set<[UInt8]>) -> Manifest? {
        let committed = new.committedFiles
        let standing = Set(kept.map { Array(committed[$0].path.utf8) })
        var rest = self
        rest.files = files.filter { file in
            let path = Array(file.path.utf8)
            return standing.contains(path) || file.path == keptRows?.path && !written.contains(path)
        }
        rest.fingerprint = ""
        if let digests, !standing.contains(Array(digests.path.utf8)) { rest.digests = nil }
        rest.fingerprints?.outputs = ""
        return rest.files.isEmpty ? nil : rest
    }
}
