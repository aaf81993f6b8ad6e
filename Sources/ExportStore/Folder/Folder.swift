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

/// An open folder, with access to its contents by name.
///
/// Names are looked up in the open folder, even if its path changes meanwhile, and symbolic links are not followed. So links in a
/// destination cannot make the exporter read, write or remove anything outside it.
final class Folder: Sendable {
    let descriptor: FileDescriptor
    /// The path in messages.
    let path: String
    /// Notified if the file system cannot sync the names in a folder to the disk.
    private let unsynced: UnsyncedFolders?
    /// Whether the folder may be read. If it may only be entered, its names cannot be synced either.
    private let isReadable: Bool

    private init(_ descriptor: FileDescriptor, path: String, _ unsynced: UnsyncedFolders?, isReadable: Bool = true) {
        (self.descriptor, self.path, self.unsynced, self.isReadable) = (descriptor, path, unsynced, isReadable)
    }

    deinit {
        // Nothing was written through this descriptor.
        try? descriptor.close()
    }

    /// Opens a folder by its path. Symbolic links are followed.
    /// - Returns: `nil` if it does not exist.
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

    /// Opens a folder that may be entered but not read. Names in it can be looked up, created and changed. `nil` if the system does not
    /// support that.
    private static func entered(_ open: (CInt) -> CInt) -> FileDescriptor? {
        #if os(Linux)
            // O_PATH, which the module Glibc lacks.
            let flags = 0o10_000_000 | O_DIRECTORY | O_CLOEXEC
            return (try? FileSystem.retrying { open(flags) }).map(FileDescriptor.init(rawValue:))
        #else
            return nil
        #endif
    }

    /// The path of a name in the folder, for messages.
    func path(of name: FileName) -> String { path.isEmpty ? name.string : "\(path)/\(name.string)" }

    // MARK: What is there

    /// The status of the object under a name. `nil` if there is none.
    /// - Throws: `StoreError.system` if the status cannot be read.
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

    /// Opens the folder at a path of names. `nil` if it does not exist.
    /// - Throws: `StoreError.obstructed` if there is another object, `StoreError.system`.
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

    /// The error for an object of the wrong kind under a name. `nil` if it no longer exists.
    func obstacle(under name: FileName) throws -> StoreError? {
        try status(of: name).map { StoreError.obstructed(FileKind($0.type), path: path(of: name)) }
    }

    /// Opens the object under a name, without following a link.
    /// - Throws: `Errno`.
    func open(
        _ name: FileName, _ mode: FileDescriptor.AccessMode, _ options: FileDescriptor.OpenOptions,
        permissions: FilePermissions = []
    ) throws -> FileDescriptor {
        let flags = mode.rawValue | options.union([.noFollow, .closeOnExec]).rawValue
        return FileDescriptor(
            rawValue: try FileSystem.retrying { openat(descriptor.rawValue, name.bytes, flags, permissions.rawValue) })
    }

    /// The names in the folder, in no particular order.
    /// - Throws: `StoreError.system`.
    func names() throws -> [FileName] {
        // Opened once more, because each descriptor has its own position in the list of names.
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

    /// Opens the folder at a path of names. If it does not exist, it is created and synced to the disk.
    /// - Throws: `StoreError.obstructed` if there is another object, `StoreError.system`.
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
                // The next run creates it again. Otherwise it would assume that the folder is on the disk.
                try? remove(name)
                throw error
            }
        }
        guard let folder = try openFolder(name) else {
            throw StoreError.system(.open, path: path(of: name), .noSuchFileOrDirectory)
        }
        return (folder, isNew)
    }

    /// Syncs the names in the folder to the disk.
    /// - Throws: `StoreError.system`. If the file system does not support it, or the folder may not be read, that is reported but not an
    ///   error.
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

    /// Removes a file or an empty folder, if it exists. Links are removed, not their targets.
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

    /// The maximum depth of folders that are removed, more than any leftovers of an export have.
    private static let maximumDepth = 64

    /// Removes a folder with its contents, or a file, if it exists.
    /// - Throws: `StoreError.system`.
    func removeAll(_ name: FileName, depth: Int = 0) throws {
        guard try status(of: name)?.type == .directory else { return try remove(name, 0) }
        guard depth < Self.maximumDepth else { throw StoreError.system(.remove, path: path(of: name), .fileNameTooLong) }
        if let folder = try openFolder(name) {
            for name in try folder.names() { try folder.removeAll(name, depth: depth + 1) }
        }
        try remove(name, AT_REMOVEDIR)
    }

    /// Moves a file, atomically replacing an existing one.
    /// - Throws: `StoreError.system`.
    func move(_ name: FileName, to folder: Folder, as new: FileName) throws {
        try StoreError.wrap(.rename, folder.path(of: new)) {
            _ = try FileSystem.retrying {
                renameat(descriptor.rawValue, name.bytes, folder.descriptor.rawValue, new.bytes)
            }
        }
    }
}

/// Reports once that the names in a folder cannot be synced to the disk, as on some network file systems, or if it may not be read.
final class UnsyncedFolders: Sendable {
    private let isTold = Atomic(false)
    private let tell: @Sendable (String) -> Void

    /// Creates a reporter.
    /// - Parameter tell: Called with the path of a folder, once.
    init(_ tell: @escaping @Sendable (String) -> Void) {
        self.tell = tell
    }

    fileprivate func add(_ path: String) {
        if !isTold.exchange(true, ordering: .relaxed) { tell(path) }
    }
}
