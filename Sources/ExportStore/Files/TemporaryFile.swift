import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A file that nobody else can open by a name: it has none, or one that nobody can guess, in a file that was made by this call alone.
struct TemporaryFile {
    /// For reading and writing; it is its owner's to close.
    let descriptor: FileDescriptor
    /// Nil: it has none, and is gone with the process.
    let name: FileName?

    /// - Parameters:
    ///   - mayBeUnnamed: False where the file system is to be taken for one that has no files without a name.
    /// - Throws: `StoreError.system`.
    init(in folder: Folder, permissions: FilePermissions = .ownerReadWrite, mayBeUnnamed: Bool = true) throws {
        if mayBeUnnamed, let descriptor = try Self.unnamed(in: folder, permissions) {
            (self.descriptor, name) = (descriptor, nil)
        } else {
            let name = Self.newName()
            (descriptor, self.name) = (try folder.createFile(name, .readWrite, permissions: permissions), name)
        }
    }

    /// A name that nobody can guess.
    static func newName() -> FileName {
        FileName(stringLiteral: ".agentsight-export-\(UInt64.random(in: 0 ... .max)).part")
    }

    /// Gives the file a name in its folder, where it has none.
    /// - Returns: The name that it has now.
    /// - Throws: `StoreError.system`.
    func named(in folder: Folder) throws -> FileName {
        if let name { return name }
        let name = Self.newName()
        try StoreError.wrap(.create, folder.path(of: name)) {
            _ = try FileSystem.retrying {
                linkat(
                    AT_FDCWD, "\(Self.descriptors)/\(descriptor.rawValue)", folder.descriptor.rawValue, name.bytes,
                    AT_SYMLINK_FOLLOW)
            }
        }
        return name
    }

    private static let descriptors = "/proc/self/fd"

    /// Nil where the system or the file system has no such files, or no name can be given to one.
    private static func unnamed(in folder: Folder, _ permissions: FilePermissions) throws -> FileDescriptor? {
        #if os(Linux)
            guard access(descriptors, X_OK) == 0 else { return nil }
            // O_TMPFILE, which is no part of the module Glibc.
            let flags = 0o20_000_000 | O_DIRECTORY | O_RDWR | O_CLOEXEC
            do {
                return FileDescriptor(
                    rawValue: try FileSystem.retrying { openat(folder.descriptor.rawValue, ".", flags, permissions.rawValue) })
            } catch let error as Errno
                where [.notSupported, .isDirectory, .invalidArgument, .noSuchFileOrDirectory].contains(error)
            {
                return nil
            } catch let error as Errno {
                throw StoreError.failed(.create, path: folder.path, error)
            }
        #else
            return nil
        #endif
    }
}

extension TemporaryFile {
    /// A file without a name: where the file system has none, its name is removed at once.
    static func nameless(in folder: Folder, mayBeUnnamed: Bool = true) throws -> FileDescriptor {
        let file = try TemporaryFile(in: folder, mayBeUnnamed: mayBeUnnamed)
        if let name = file.name { try folder.remove(name) }
        return file.descriptor
    }
}
