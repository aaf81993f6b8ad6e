import ExportCore
import SystemPackage

/// Listing of files.
extension FolderDestination {
    /// Calls `body` with the relative path of every file below the destination except those of `_agentsight`.
    ///
    /// A link counts as a file, whatever its target. Folders are visited one after the other, so that only the names in the current folder
    /// and its parents are in memory.
    /// - Parameter unreadable: Called with each folder that cannot be listed, and the reason.
    /// - Throws: `StoreError`, and what the closures throw.
    public func forEachFile(
        _ body: (String) async throws -> Void, unreadable: (String, StoreError) async throws -> Void
    ) async throws {
        guard let root = try open() else { return }
        try await walk(root, root.names(), below: "", body, unreadable)
    }

    /// The maximum length of a path that the system accepts.
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

    /// A folder and the names in it. `nil` if the object is not a folder.
    private static func contents(
        of name: FileName, in folder: Folder
    ) throws -> (folder: Folder, names: [FileName])? {
        guard try folder.status(of: name)?.type == .directory, let below = try folder.folder(name) else { return nil }
        return (below, try below.names())
    }

    /// Files under `_agentsight` that do not belong there: leftovers of crashed runs, and files of others.
    public func unknownStateFiles() throws -> [String] {
        guard let state = try state() else { return [] }
        var known = ["windows", "runs", "columns.json", "spool", "rows", "digests", "looks.json", "limits.json"]
        // Files that runs of shares leave for each other.
        if try staging()?.names().isEmpty ?? true { known.append("staging") }
        func names(in folder: Folder?) throws -> [String] { try folder?.names().map(\.string).sorted() ?? [] }
        // Locks of a copied bucket are known, too.
        let top = try names(in: state).filter { !known.contains($0) && !StateLayout.isLock("\(StateLayout.folder)/\($0)") }
        let below = try [Self.windowsName, Self.runsName].flatMap { folder in
            try names(in: state.folder(folder)).filter { !$0.endsExactly(with: StateLayout.suffix) }.map {
                "\(folder.string)/\($0)"
            }
        }
        return (top + below).map { "\(StateLayout.folder)/\($0)" }
    }
}
