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
}
