import ExportCore
import SystemPackage

/// The content under the name of a manifest.
enum StoredManifest {
    case nothing
    /// The file is damaged, not a manifest, the manifest of another window, or on a damaged part of the disk.
    case unreadable
    case manifest(Manifest)

    /// Reads a manifest.
    /// - Parameter key: The key of the expected window, since the manifest of another one would lead to wrong rows and files. `nil` for any
    ///   window.
    /// - Throws: `StoreError` if it cannot be read although it may be intact, for example because of permissions or too many open files.
    init(_ name: FileName, ofWindow key: String?, in folder: Folder) throws {
        do {
            guard let content = try folder.read(name, atMost: Manifest.largestFile) else {
                self = .nothing
                return
            }
            guard let manifest = try StateFile.value(Manifest.self, in: content, at: folder.path(of: name)),
                key.map(manifest.isOf) ?? true
            else {
                self = .unreadable
                return
            }
            self = .manifest(manifest)
        } catch let error as StoreError where error.isDamage {
            self = .unreadable
        }
    }
}

extension StoreError {
    /// Whether the error shows that the disk cannot read a file.
    var isDamage: Bool {
        guard case .system(_, _, let reason) = self else { return false }
        // EUCLEAN, "structure needs cleaning", exists only in Linux.
        return [.ioError, .badMessage, .fileTooLarge, Errno(rawValue: 117)].contains(reason)
    }

    /// Whether the error concerns a single file, so that others may be readable.
    package var isSingleFile: Bool {
        switch self {
        case .system(_, _, let reason): isDamage || [.permissionDenied, .notPermitted, .noSuchFileOrDirectory].contains(reason)
        case .denied, .obstructed, .outside: true
        default: false
        }
    }
}
