import SystemPackage

/// The kind of an object under a name where something else belongs.
public enum FileKind: Sendable, Hashable, CaseIterable {
    case file, folder, link, pipe, socket, device
    /// A file with further names, under which it would be changed too.
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

    /// The kind of the object at a path, or of the target of a link. `nil` if there is none.
    /// - Throws: `StoreError` if its status cannot be read.
    public static func at(_ path: String) throws -> FileKind? {
        try FileSystem.status(of: FilePath(path)).map { FileKind($0.type) }
    }
}
