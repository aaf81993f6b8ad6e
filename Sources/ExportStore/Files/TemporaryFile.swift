import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A file that no other process can open by name: it has no name, or an unpredictable one under which this call created it.
struct TemporaryFile {
    /// The descriptor for reading and writing, which the owner has to close.
    let descriptor: FileDescriptor
    /// The name. `nil` if the file has none, so that it is removed with the process.
    let name: FileName?

    /// Creates a file.
    /// - Parameters:
    ///   - mayBeUnnamed: False to treat the file system as one without unnamed files.
    /// - Throws: `StoreError.system`.
    init(in folder: Folder, permissions: FilePermissions = .ownerReadWrite, mayBeUnnamed: Bool = true) throws {
        if mayBeUnnamed, let descriptor = try Self.unnamed(in: folder, permissions) {
            (self.descriptor, name) = (descriptor, nil)
        } else {
            let name = Self.newName()
            (descriptor, self.name) = (try folder.createFile(name, .readWrite, permissions: permissions), name)
        }
    }

    /// Returns an unpredictable name.
    static func newName() -> FileName {
        FileName(stringLiteral: ".agentsight-export-\(UInt64.random(in: 0 ... .max)).part")
    }

    /// Gives the file a name in its folder, if it has none.
    /// - Returns: The file's name.
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

    /// Creates a file without a name. `nil` if the system or the file system does not support that, or cannot name it later.
    private static func unnamed(in folder: Folder, _ permissions: FilePermissions) throws -> FileDescriptor? {
        #if os(Linux)
            guard access(descriptors, X_OK) == 0 else { return nil }
            // O_TMPFILE, which the module Glibc lacks.
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
    /// Creates a file without a name. If the file system does not support that, its name is removed at once.
    static func nameless(in folder: Folder, mayBeUnnamed: Bool = true) throws -> FileDescriptor {
        let file = try TemporaryFile(in: folder, mayBeUnnamed: mayBeUnnamed)
        if let name = file.name { try folder.remove(name) }
        return file.descriptor
    }
}
