import CFolder
import Synchronization
import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// An open folder, and what stands in it by name.
///
/// Names are looked up in the folder itself, wherever its path leads meanwhile, and no symbolic link is followed: who can put links
/// into a destination cannot make the exporter read, write or remove anything outside it.
final class Folder: Sendable {
    let descriptor: FileDescriptor
    /// For messages.
    let path: String
    /// Told where the file system cannot bring the names in a folder to the disk.
    private let unsynced: UnsyncedFolders?
    /// False of one that may be entered and not read: then its names cannot be brought to the disk either.
    private let isReadable: Bool

    private init(_ descriptor: FileDescriptor, path: String, _ unsynced: UnsyncedFolders?, isReadable: Bool = true) {
        (self.descriptor, self.path, self.unsynced, self.isReadable) = (descriptor, path, unsynced, isReadable)
    }

    deinit {
        // Nothing was written through it.
        try? descriptor.close()
    }

    /// Opens a folder by its path. Links on the way are followed, and so is the path itself where it is one.
    /// - Returns: Nil where nothing is there.
    /// - Throws: `StoreError.notAFolder`, `StoreError.system`.
    static func open(_ path: FilePath, _ unsynced: UnsyncedFolders? = nil) throws -> Folder? {
        do {
            let descriptor = try FileDescriptor.open(path.isEmpty ? "." : path, .readOnly, options: [.directory, .closeOnExec])
            return Folder(descriptor, path: path.string, unsynced)
        } catch Errno.noSuchFileOrDirectory {
            return nil
        } catch Errno.notDirectory {
            guard try FileSystem.status(of: path) != nil else { return nil }
            throw StoreError.notAFolder(path: path.string)
        } catch let error as Errno {
            let place: FilePath = path.isEmpty ? "." : path
            let mayEnter = error == .permissionDenied && place.withPlatformString { access($0, X_OK) } == 0
            if mayEnter, let descriptor = entered({ flags in place.withPlatformString { openat(AT_FDCWD, $0, flags) } }) {
                return Folder(descriptor, path: path.string, unsynced, isReadable: false)
            }
            throw StoreError.failed(.open, path: path.string, error)
        }
    }

    /// A folder that may be entered, and not read: names in it can be looked up, made and changed. Nil where the system has no such thing.
    private static func entered(_ open: (CInt) -> CInt) -> FileDescriptor? {
        #if os(Linux)
            // O_PATH, which is no part of the module Glibc.
            let flags = 0o10_000_000 | O_DIRECTORY | O_CLOEXEC
            return (try? FileSystem.retrying { open(flags) }).map(FileDescriptor.init(rawValue:))
        #else
            return nil
        #endif
    }

    /// The path of what stands under a name, for messages.
    func path(of name: FileName) -> String { path.isEmpty ? name.string : "\(path)/\(name.string)" }

    // MARK: What is there

    /// The status of the object under a name; nil if there is none.
    /// - Throws: `StoreError.system` where it cannot be looked at.
    func status(of name: FileName) throws -> Stat? {
        do {
            var status = CInterop.Stat()
            _ = try FileSystem.retrying { fstatat(descriptor.rawValue, name.bytes, &status, AT_SYMLINK_NOFOLLOW) }
            return Stat(rawValue: status)
        } catch Errno.noSuchFileOrDirectory {
            return nil
        } catch let error as Errno {
            throw StoreError.failed(.look, path: path(of: name), error)
        }
    }

    /// The folder of a name, or below a row of names; nil where nothing is there.
    /// - Throws: `StoreError.obstructed` where something else is, `StoreError.system`.
    func folder(_ names: FileName...) throws -> Folder? { try folder(names) }

    func folder(_ names: [FileName]) throws -> Folder? {
        var folder = self
        for name in names {
            guard let next = try folder.openFolder(name) else { return nil }
            folder = next
        }
        return folder
    }

    private func openFolder(_ name: FileName) throws -> Folder? {
        do {
            let descriptor = try open(name, .readOnly, [.directory])
            return Folder(descriptor, path: path(of: name), unsynced)
        } catch Errno.noSuchFileOrDirectory {
            return nil
        } catch Errno.notDirectory {
            throw try obstacle(under: name) ?? StoreError.system(.open, path: path(of: name), .notDirectory)
        } catch let error as Errno {
            let mayEnter = error == .permissionDenied && faccessat(descriptor.rawValue, name.bytes, X_OK, 0) == 0
            if mayEnter,
                let inner = Self.entered({ openat(descriptor.rawValue, name.bytes, $0 | O_NOFOLLOW) })
            {
                return Folder(inner, path: path(of: name), unsynced, isReadable: false)
            }
            throw StoreError.failed(.open, path: path(of: name), error)
        }
    }

    /// The error for an object of the wrong kind under a name; nil if there is none any more.
    func obstacle(under name: FileName) throws -> StoreError? {
        try status(of: name).map { StoreError.obstructed(FileKind($0.type), path: path(of: name)) }
    }

    /// Opens what stands under a name, without following it where it is a link.
    /// - Throws: `Errno`.
    func open(
        _ name: FileName, _ mode: FileDescriptor.AccessMode, _ options: FileDescriptor.OpenOptions,
        permissions: FilePermissions = []
    ) throws -> FileDescriptor {
        let flags = mode.rawValue | options.union([.noFollow, .closeOnExec]).rawValue
        return FileDescriptor(
            rawValue: try FileSystem.retrying { openat(descriptor.rawValue, name.bytes, flags, permissions.rawValue) })
    }

    /// The names in the folder, in no order.
    /// - Throws: `StoreError.system`.
    func names() throws -> [FileName] {
        // Opened once more: the place up to which names were read belongs to a descriptor.
        let own = try StoreError.wrap(.read, path) {
            try FileSystem.retrying { openat(descriptor.rawValue, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        }
        guard let entries = fdopendir(own) else {
            let reason = Errno(rawValue: errno)
            try? FileDescriptor(rawValue: own).close()
            throw StoreError.system(.read, path: path, reason)
        }
        defer { closedir(entries) }
        var names: [FileName] = []
        var name = [UInt8](repeating: 0, count: 4096)
        while true {
            let length = folder_next_name(entries, &name, UInt(name.count))
            guard length >= 0 else { throw StoreError.system(.read, path: path, Errno(rawValue: errno)) }
            guard length > 0 else { return names }
            if let name = FileName(name[..<length]) { names.append(name) }
        }
    }

    // MARK: Changing it

    /// The folder of a name, or below a row of names, made where it is not there, and brought to the disk by its name then.
    /// - Throws: `StoreError.obstructed` where something else is, `StoreError.system`.
    func makeFolder(_ names: FileName...) throws -> Folder { try makeFolder(names) }

    func makeFolder(_ names: [FileName]) throws -> Folder {
        var folder = self
        for name in names { folder = try folder.makeFolder(named: name).folder }
        return folder
    }

    func makeFolder(named name: FileName) throws -> (folder: Folder, isNew: Bool) {
        if let folder = try openFolder(name) { return (folder, false) }
        var isNew = true
        do {
            _ = try FileSystem.retrying { mkdirat(descriptor.rawValue, name.bytes, 0o777) }
        } catch Errno.fileExists {
            isNew = false
        } catch let error as Errno {
            throw StoreError.failed(.create, path: path(of: name), error)
        }
        if isNew {
            do {
                try sync()
            } catch {
                // Made again by the next run, which would else take it for one that the disk has.
                try? remove(name)
                throw error
            }
        }
        guard let folder = try openFolder(name) else {
            throw StoreError.system(.open, path: path(of: name), .noSuchFileOrDirectory)
        }
        return (folder, isNew)
    }

    /// Brings the names in the folder to the disk.
    /// - Throws: `StoreError.system`. A file system that has no such call is told of, and a folder that may not be read, and no error.
    func sync() throws {
        guard isReadable else {
            unsynced?.add(path.isEmpty ? "." : path)
            return
        }
        do {
            _ = try FileSystem.retrying { fsync(descriptor.rawValue) }
        } catch let error as Errno where [.invalidArgument, .notSupported].contains(error) {
            unsynced?.add(path)
        } catch let error as Errno {
            throw StoreError.failed(.sync, path: path, error)
        }
    }

    /// Removes a file or an empty folder, if it is there. A link is removed, and not what it leads to.
    /// - Throws: `StoreError.system`.
    func remove(_ name: FileName) throws {
        try remove(name, try status(of: name)?.type == .directory ? AT_REMOVEDIR : 0)
    }

    private func remove(_ name: FileName, _ flags: CInt) throws {
        do {
            _ = try FileSystem.retrying { unlinkat(descriptor.rawValue, name.bytes, flags) }
        } catch Errno.noSuchFileOrDirectory {
            return
        } catch let error as Errno {
            throw StoreError.failed(.remove, path: path(of: name), error)
        }
    }

    /// Folders within one another that are removed; nobody nests what an exporter leaves so deep.
    private static let maximumDepth = 64

    /// Removes a folder and all below it, or a file, if it is there.
    /// - Throws: `StoreError.system`.
    func removeAll(_ name: FileName, depth: Int = 0) throws {
        guard try status(of: name)?.type == .directory else { return try remove(name, 0) }
        guard depth < Self.maximumDepth else { throw StoreError.system(.remove, path: path(of: name), .fileNameTooLong) }
        if let folder = try openFolder(name) {
            for name in try folder.names() { try folder.removeAll(name, depth: depth + 1) }
        }
        try remove(name, AT_REMOVEDIR)
    }

    /// Puts a file in the place of another, at once.
    /// - Throws: `StoreError.system`.
    func move(_ name: FileName, to folder: Folder, as new: FileName) throws {
        try StoreError.wrap(.rename, folder.path(of: new)) {
            _ = try FileSystem.retrying {
                renameat(descriptor.rawValue, name.bytes, folder.descriptor.rawValue, new.bytes)
            }
        }
    }
}

/// Tells once that the names in a folder cannot be brought to the disk, as on some file systems of networks, or where it may not be read.
final class UnsyncedFolders: Sendable {
    private let isTold = Atomic(false)
    private let tell: @Sendable (String) -> Void

    /// - Parameter tell: Called with the path of a folder, once.
    init(_ tell: @escaping @Sendable (String) -> Void) {
        self.tell = tell
    }

    fileprivate func add(_ path: String) {
        if !isTold.exchange(true, ordering: .relaxed) { tell(path) }
    }
}
