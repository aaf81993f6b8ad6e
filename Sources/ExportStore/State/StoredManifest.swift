import ExportCore
import SystemPackage

/// What stands under the name of a manifest.
enum StoredManifest {
    case nothing
    /// Damaged, of no exporter, or what the disk does not give back.
    case unreadable
    case manifest(Manifest)

    /// - Throws: `StoreError` where another user, a full table of open files or the like is why it cannot be read: it may be fine then.
    init(_ name: FileName, in folder: Folder) throws {
        do {
            guard let content = try folder.read(name, atMost: Manifest.largestFile) else {
                self = .nothing
                return
            }
            guard let manifest = try StateFile.value(Manifest.self, in: content, at: folder.path(of: name)) else {
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
