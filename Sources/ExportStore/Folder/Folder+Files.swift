import FoundationEssentials
import SystemPackage

/// Files in a folder: only what is a file of its own is read or written, never what a link leads to, a pipe or a device.
extension Folder {
    /// A file that is open, and what the system says of it.
    struct OpenFile {
        let descriptor: FileDescriptor
        let status: Stat
        var size: Int { Int(status.size) }
    }

    /// Opens a file that is there; nil where nothing is.
    /// - Parameter isOwn: Whether it is to be written, and so may have no other name.
    /// - Throws: `StoreError.obstructed` where something else than a file is there, `StoreError.system`.
    func openFile(_ name: FileName, isOwn: Bool = false) throws -> OpenFile? {
        do {
            // Without waiting: a pipe opens at once, and is looked at then.
            return try checked(open(name, isOwn ? .readWrite : .readOnly, .nonBlocking), name, isOwn: isOwn)
        } catch Errno.noSuchFileOrDirectory {
            return nil
        } catch let error as Errno {
            throw try failure(error, name)
        }
    }

    /// Opens a file for reading and writing that has no other name, and makes it where it is not there.
    /// - Throws: `StoreError.obstructed` where something else than such a file is there, `StoreError.system`.
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
            // None at all: somebody has removed it in between.
            if isOwn, status.linkCount > 1 { throw StoreError.obstructed(.hardLink, path: path(of: name)) }
            return OpenFile(descriptor: descriptor, status: status)
        } catch {
            try? descriptor.close()
            throw error
        }
    }

    /// The error of a failed call: that the name is not a file's, if that is the reason.
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

    /// The whole of a small file; nil where nothing is there.
    /// - Parameters:
    ///   - limit: What is larger is not read into memory.
    ///   - isOwn: Whether a file with another name, which may be anybody's, is refused.
    /// - Throws: `StoreError.obstructed` where something else than a file is there, `StoreError.system`.
    func read(_ name: FileName, atMost limit: Int, isOwn: Bool = false) throws -> Data? {
        guard let file = try openFile(name) else { return nil }
        defer { try? file.descriptor.close() }
        let path = path(of: name)
        if isOwn, file.status.linkCount > 1 { throw StoreError.obstructed(.hardLink, path: path) }
        guard file.size <= limit else { throw StoreError.system(.read, path: path, .fileTooLarge) }
        return Data(try FileSystem.read(file.size, of: file.descriptor, at: 0, path: path))
    }

    /// Writes a small file whole, under another name first, which is left behind where that fails.
    /// - Parameter place: Where that is; nil: in this folder.
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
