import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// System calls by path, for files that the user names, and by descriptor. Files below a destination are accessed through its `Folder`.
enum FileSystem {
    /// Repeats a system call that was interrupted by a signal.
    /// - Throws: `Errno`.
    static func retrying<Result: SignedInteger>(_ call: () -> Result) throws -> Result {
        while true {
            let result = call()
            if result >= 0 { return result }
            let reason = Errno(rawValue: errno)
            if reason != .interrupted { throw reason }
        }
    }

    /// The status of the object at a path, or of the target of a link. `nil` if there is none.
    /// - Throws: `StoreError.system` if the status cannot be read.
    static func status(of path: FilePath) throws -> Stat? {
        do {
            return try path.stat()
        } catch {
            if [.noSuchFileOrDirectory, .notDirectory].contains(error) { return nil }
            throw StoreError.failed(.look, path: path.string, error)
        }
    }

    /// Creates a folder and its parents, and syncs their names to the disk.
    /// - Returns: The folders that were created, the outermost first.
    @discardableResult
    static func makeFolders(_ path: FilePath, _ unsynced: UnsyncedFolders? = nil) throws -> [FilePath] {
        if let status = try status(of: path) {
            guard status.type == .directory else { throw StoreError.notAFolder(path: path.string) }
            return []
        }
        let parent = path.removingLastComponent()
        var made = parent.isEmpty ? [] : try makeFolders(parent, unsynced)
        do {
            _ = try retrying { path.withPlatformString { mkdir($0, 0o777) } }
        } catch Errno.fileExists {
            return made
        } catch let error as Errno {
            throw StoreError.failed(.create, path: path.string, error)
        }
        made.append(path)
        do {
            try Folder.open(parent, unsynced)?.sync()
        } catch {
            // The next run creates it again. Otherwise it would assume that the folder is on the disk.
            try? removeFolder(path)
            throw error
        }
        return made
    }

    /// Removes an empty folder, if it exists.
    static func removeFolder(_ path: FilePath) throws {
        try StoreError.wrap(.remove, path) { _ = try retrying { path.withPlatformString { rmdir($0) } } }
    }

    /// Returns another descriptor of the same file, which has to be closed separately.
    static func duplicate(_ descriptor: FileDescriptor, path: String) throws -> FileDescriptor {
        try StoreError.wrap(.open, path) {
            FileDescriptor(rawValue: try retrying { fcntl(descriptor.rawValue, F_DUPFD_CLOEXEC, 0) })
        }
    }

    static func sync(_ descriptor: FileDescriptor, path: String) throws {
        try StoreError.wrap(.sync, path) { _ = try retrying { fsync(descriptor.rawValue) } }
    }

    /// Reads a number of bytes from an offset of a file; fewer if the file ends before.
    static func read(_ count: Int, of descriptor: FileDescriptor, at offset: Int, path: String) throws -> [UInt8] {
        var bytes = try readSome(count, of: descriptor, at: offset, path: path)
        // The system may return fewer bytes than available.
        while bytes.count < count {
            let more = try readSome(count - bytes.count, of: descriptor, at: offset + bytes.count, path: path)
            if more.isEmpty { break }
            bytes += more
        }
        return bytes
    }

    private static func readSome(_ count: Int, of descriptor: FileDescriptor, at offset: Int, path: String) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let read = try StoreError.wrap(.read, path) {
            try retrying { pread(descriptor.rawValue, &bytes, count, off_t(offset)) }
        }
        bytes.removeLast(count - read)
        return bytes
    }
}

extension StoreError {
    /// Runs a system call, and adds the path to its error.
    static func wrap<Value>(_ action: Action, _ path: String, _ body: () throws -> Value) throws -> Value {
        do { return try body() } catch let error as Errno { throw StoreError.failed(action, path: path, error) }
    }

    static func wrap<Value>(_ action: Action, _ path: FilePath, _ body: () throws -> Value) throws -> Value {
        try wrap(action, path.string, body)
    }
}
