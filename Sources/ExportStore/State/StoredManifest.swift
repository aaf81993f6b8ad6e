import ExportCore
import SystemPackage

/// The content under the name of a manifest.
enum StoredManifest {
    case nothing
    /// Damaged, of no exporter, of another window, or what the disk does not give back.
    case unreadable
    case manifest(Manifest)

    /// - Throws: `StoreError` where another user, a full table of open files or the like is why it cannot be read: it may be fine then.
    /// - Parameter key: Of the window whose manifest it is to be: another's would give this window the other's rows and files. Nil: of any.
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
    /// Whether the disk does not give back what one file holds, however often it is asked.
    var isDamage: Bool {
        guard case .system(_, _, let reason) = self else { return false }
        // EUCLEAN, "structure needs cleaning", is Linux's alone.
        return [.ioError, .badMessage, .fileTooLarge, Errno(rawValue: 117)].contains(reason)
    }

    /// Whether one file alone cannot be read, and what is beside it may be fine.
    package var isSingleFile: Bool {
        switch self {
        case .system(_, _, let reason): isDamage || [.permissionDenied, .notPermitted, .noSuchFileOrDirectory].contains(reason)
        case .denied, .obstructed, .outside: true
        default: false
        }
    }
}
