import ExportCore
import SystemPackage

/// Files that are there.
extension FolderDestination {
    /// Calls `body` with every file below the destination but those of `_agentsight`: its path from the destination on.
    ///
    /// A link is a file here, whatever it leads to. Folders are gone through one after the other, so that no more than the names of
    /// those on the way are held.
    /// - Parameter unreadable: Called with a folder whose names cannot be read, and why.
    /// - Throws: `StoreError`, and what the closures throw.
    public func forEachFile(
        _ body: (String) async throws -> Void, unreadable: (String, StoreError) async throws -> Void
    ) async throws {
        guard let root = try open() else { return }
        try await walk(root, root.names(), below: "", body, unreadable)
    }

    /// A path that is longer cannot be given to the system, by anybody.
    private static let maximumPathLength = 4096

    private func walk(
        _ folder: Folder, _ names: [FileName], below prefix: String, _ body: (String) async throws -> Void,
        _ unreadable: (String, StoreError) async throws -> Void
    ) async throws {
        for name in names.sorted(by: { $0.string < $1.string }) where !prefix.isEmpty || name != Self.stateName {
            let path = prefix + name.string
            let below: (folder: Folder, names: [FileName])?
            do {
                below = path.utf8.count > Self.maximumPathLength ? nil : try Self.contents(of: name, in: folder)
            } catch let error as StoreError where error.isSingleFile {
                try await unreadable(path, error)
                continue
            }
            if let below {
                try await walk(below.folder, below.names, below: path + "/", body, unreadable)
            } else {
                try await body(path)
            }
        }
    }

    /// A folder and the names in it; nil for what is no folder.
    private static func contents(
        of name: FileName, in folder: Folder
    ) throws -> (folder: Folder, names: [FileName])? {
        guard try folder.status(of: name)?.type == .directory, let below = try folder.folder(name) else { return nil }
        return (below, try below.names())
    }

    /// Files under `_agentsight` that are no part of it: leftovers of dead runs, and files of others.
    public func unknownStateFiles() throws -> [String] {
        guard let state = try state() else { return [] }
        var known = ["windows", "runs", "columns.json", "spool", "rows", "digests", "looks.json", "limits.json"]
        // Files that partial runs leave for one another.
        if try staging()?.names().isEmpty ?? true { known.append("staging") }
        func names(in folder: Folder?) throws -> [String] { try folder?.names().map(\.string).sorted() ?? [] }
        // The locks of a bucket that was copied are known, too.
        let top = try names(in: state).filter { !known.contains($0) && !StateLayout.isLock("\(StateLayout.folder)/\($0)") }
        let below = try [Self.windowsName, Self.runsName].flatMap { folder in
            try names(in: state.folder(folder)).filter { !$0.endsExactly(with: StateLayout.suffix) }.map {
                "\(folder.string)/\($0)"
            }
        }
        return (top + below).map { "\(StateLayout.folder)/\($0)" }
    }
}
