public import ExportCore
import SystemPackage

/// What a destination holds, for those who look at it and change nothing.
extension FolderDestination {
    /// Whether an export was ever begun there.
    public func isDestination() -> Bool {
        FileSystem.kind(of: state) == .folder
    }

    /// The keys of the windows that have a manifest, readable or not, in order.
    public func windowKeys() throws -> [String] {
        // Of file names the order would be another: `T02+0100.json` comes before `T02.json`.
        try FileSystem.names(in: windows).compactMap(StateLayout.name).sorted()
    }

    /// The manifest of a window; nil where it cannot be read, or is not what was written.
    /// - Throws: `StoreError` where the file system fails.
    public func manifest(ofWindow key: String) throws -> Manifest? {
        guard FileSystem.kind(of: manifestPath(key)) != .folder, let content = try FileSystem.read(manifestPath(key)) else {
            return nil
        }
        return try? StateFile.decode(Manifest.self, from: content)
    }

    /// The names of the runs that left a record, in the order of time.
    public func runNames() throws -> [String] {
        try FileSystem.names(in: runs).compactMap(StateLayout.name)
    }

    /// What a run did; nil where its record cannot be read, or is not what was written.
    /// - Throws: `StoreError` where the file system fails.
    public func runRecord(named name: String) throws -> RunRecord? {
        let path = runs.appending(name + StateLayout.suffix)
        guard FileSystem.kind(of: path) != .folder, let content = try FileSystem.read(path) else { return nil }
        return try? StateFile.decode(RunRecord.self, from: content)
    }

    /// The size of a file of a window; nil where there is no such file.
    public func size(ofFile path: String) -> Int? {
        FileSystem.size(of: root.appending(path))
    }

    /// A file of a window, for reading.
    /// - Throws: `StoreError.system`.
    public func openFile(_ path: String) throws -> any ReadableFile {
        try InputFile(opening: root.appending(path))
    }
}

// MARK: Files that are there

extension FolderDestination {
    /// Calls `body` with every file below the destination but those of `_agentsight`: its path from the destination on.
    ///
    /// Folders are gone through one after the other, so that no more than the names of those on the way are held.
    /// - Throws: `StoreError`, and what `body` throws.
    public func forEachFile(_ body: (String) async throws -> Void) async throws {
        try await walk(root, below: "", ancestors: [], body)
    }

    private func walk(
        _ folder: FilePath, below prefix: String, ancestors: [Place], _ body: (String) async throws -> Void
    ) async throws {
        let place = try StoreError.wrap(.read, folder) { try Place(folder.stat()) }
        // A link that leads back up would never end.
        guard !ancestors.contains(place) else { return }
        for name in try FileSystem.names(in: folder) where !prefix.isEmpty || name != Self.stateName {
            let path = folder.appending(name)
            if FileSystem.kind(of: path) == .folder {
                try await walk(path, below: "\(prefix)\(name)/", ancestors: ancestors + [place], body)
            } else {
                try await body(prefix + name)
            }
        }
    }

    private struct Place: Equatable {
        let device: DeviceID
        let inode: Inode

        init(_ status: Stat) {
            (device, inode) = (status.deviceID, status.inode)
        }
    }

    /// What lies under `_agentsight` and is no part of it: leftovers of runs that died, and what others put there.
    public func strangeState() throws -> [String] {
        var known = ["windows", "runs", "columns.json", "spool", "rows"]
        // What runs of parts leave to one another.
        if try FileSystem.names(in: staging).isEmpty { known.append("staging") }
        // Of a bucket that was copied, its locks, too.
        let top = try FileSystem.names(in: state).filter { !known.contains($0) && !StateLayout.isLock("\(Self.stateName)/\($0)") }
        let below = try ["windows", "runs"].flatMap { folder in
            try FileSystem.names(in: state.appending(folder)).filter { !$0.endsExactly(with: StateLayout.suffix) }.map {
                "\(folder)/\($0)"
            }
        }
        return (top + below).map { "\(Self.stateName)/\($0)" }
    }
}
