import FoundationEssentials
import SystemPackage

/// Access to files in a folder. Only regular files are read or written, never the targets of links, pipes or devices.
extension Folder {
    /// An open file, and its status.
    struct OpenFile {
        let descriptor: FileDescriptor
        let status: Stat
        var size: Int { Int(status.size) }
    }

    /// Opens a file. `nil` if it does not exist.
    /// - Parameter isOwn: Whether the file will be written, so that it must not have another name.
    /// - Throws: `StoreError.obstructed` if it is not a file, `StoreError.system`.
    func openFile(_ name: FileName, isOwn: Bool = false) throws -> OpenFile? {
        do {
            // Opened without blocking, so that a pipe opens at once and can be recognized.
            return try checked(open(name, isOwn ? .readWrite : .readOnly, .nonBlocking), name, isOwn: isOwn)
        } catch Errno.noSuchFileOrDirectory {
            return nil
        } catch let error as Errno {
            throw try failure(error, name)
        }
    }

    /// Opens a file for reading and writing that has no other name, and creates it if necessary.
    /// - Throws: `StoreError.obstructed` if there is an object that is not such a file, `StoreError.system`.
    func openOrCreate(_ name: FileName) throws -> OpenFile {
        do {
            return try checked(
                open(name, .readWrite, [.create, .nonBlocking], permissions: .readWriteLessUmask), name, isOwn: true)
        } catch let error as Errno {
            throw try failure(error, name)
        }
    }

    private func checked(_ descriptor: FileDescriptor, _ name: FileName, isOwn: Bool) throws -> OpenFile {
        do {
            let status = try descriptor.stat()
            let kind = FileKind(status.type)
            guard kind == .file else { throw StoreError.obstructed(kind, path: path(of: name)) }
            // A count of 0 means that the file was removed in between.
            if isOwn, status.linkCount > 1 { throw StoreError.obstructed(.hardLink, path: path(of: name)) }
            return OpenFile(descriptor: descriptor, status: status)
        } catch {
            try? descriptor.close()
            throw error
        }
    }

    /// The error of a failed call, which says so if the name is not that of a file.
    private func failure(_ error: Errno, _ name: FileName) throws -> StoreError {
        let mayBeNoFile: [Errno] = [.tooManySymbolicLinkLevels, .isDirectory, .noSuchAddressOrDevice]
        if mayBeNoFile.contains(error), let obstacle = try obstacle(under: name) { return obstacle }
        return StoreError.failed(.open, path: path(of: name), error)
    }

    /// Creates a file that must not exist yet.
    /// - Throws: `StoreError.system`.
    func createFile(
        _ name: FileName, _ mode: FileDescriptor.AccessMode = .writeOnly,
        permissions: FilePermissions = .readWriteLessUmask
    ) throws -> FileDescriptor {
        try StoreError.wrap(.create, path(of: name)) {
            try open(name, mode, [.create, .exclusiveCreate], permissions: permissions)
        }
    }

    /// The content of a small file. `nil` if it does not exist.
    /// - Parameters:
    ///   - limit: The maximum size in bytes. Larger files are not read into memory.
    ///   - isOwn: Whether a file with another name, which others may have created, is refused.
    /// - Throws: `StoreError.obstructed` if it is not a file, `StoreError.system`.
    func read(_ name: FileName, atMost limit: Int, isOwn: Bool = false) throws -> Data? {
        guard let file = try openFile(name) else { return nil }
        defer { try? file.descriptor.close() }
        let path = path(of: name)
        if isOwn, file.status.linkCount > 1 { throw StoreError.obstructed(.hardLink, path: path) }
        guard file.size <= limit else { throw StoreError.system(.read, path: path, .fileTooLarge) }
        return Data(try FileSystem.read(file.size, of: file.descriptor, at: 0, path: path))
    }

    /// Writes a small file completely, first under a temporary name, which is left behind if that fails.
    /// - Parameter place: The folder of the temporary name. If `nil`, this folder.
    /// - Throws: `StoreError.system`.
    func replace(
        _ name: FileName, with content: [UInt8], through temporary: FileName, in place: Folder? = nil
    ) throws {
        let place = place ?? self
        try place.remove(temporary)
        var file = OutputFile(try place.createFile(temporary), path: place.path(of: temporary))
        try file.write(content)
        _ = try file.finish()
        try place.move(temporary, to: self, as: name)
        try sync()
    }
}
