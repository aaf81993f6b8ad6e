import SystemPackage

/// The kind of an object under a name where something else belongs.
public enum FileKind: Sendable, Hashable, CaseIterable {
    case file, folder, link, pipe, socket, device
    /// A file with another name, or more of them, which would be changed under all of them.
    case hardLink

    init(_ type: FileType) {
        self =
            switch type {
            case .regular: .file
            case .directory: .folder
            case .symbolicLink: .link
            case .fifo: .pipe
            case .socket: .socket
            default: .device
            }
    }

    /// The kind of what a path names, or of the target of a link. Nil where there is nothing.
    /// - Throws: `StoreError` where it cannot be looked at.
    public static func at(_ path: String) throws -> FileKind? {
        try FileSystem.status(of: FilePath(path)).map { FileKind($0.type) }
    }
}
