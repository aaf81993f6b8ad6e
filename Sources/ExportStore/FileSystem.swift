import FoundationEssentials
import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The few calls that a commit is made of, each with an error that names its path.
enum FileSystem {
    /// Makes a folder and those above it, and brings their names to the disk.
    /// - Returns: the folders that were made, the outermost first.
    @discardableResult
    static func makeFolders(_ path: FilePath) throws -> [FilePath] {
        switch kind(of: path) {
        case .folder: return []
        case .other: throw StoreError.notAFolder(path: path.string)
        case .nothing: break
        }
        let parent = path.removingLastComponent()
        var made = parent.isEmpty ? [] : try makeFolders(parent)
        if mkdir(path.string, 0o777) != 0 {
            guard errno == EEXIST else { throw StoreError.system(.create, path: path.string, Errno(rawValue: errno)) }
            return made
        }
        made.append(path)
        try syncFolder(parent.isEmpty ? "." : parent)
        return made
    }

    enum Kind {
        case nothing, folder, other
    }

    static func kind(of path: FilePath) -> Kind {
        do {
            return try path.stat().type == .directory ? .folder : .other
        } catch {
            // What cannot be looked at is there: only so is nothing put in its place.
            return [Errno.noSuchFileOrDirectory, .notDirectory].contains(error) ? .nothing : .other
        }
    }

    /// The size of a file; nil where there is none.
    static func size(of path: FilePath) -> Int? {
        guard let status = try? path.stat(), status.type == .regular else { return nil }
        return Int(status.size)
    }

    static func sync(_ descriptor: FileDescriptor, path: String) throws {
        if fsync(descriptor.rawValue) != 0 { throw StoreError.system(.sync, path: path, Errno(rawValue: errno)) }
    }

    /// Brings the names in a folder to the disk.
    static func syncFolder(_ path: FilePath) throws {
        try StoreError.wrap(.open, path) {
            let folder = try FileDescriptor.open(path, .readOnly, options: [.directory, .closeOnExec])
            try folder.closeAfter { try sync(folder, path: path.string) }
        }
    }

    /// Puts a file in the place of another, at once.
    static func move(_ old: FilePath, to new: FilePath) throws {
        if rename(old.string, new.string) != 0 { throw StoreError.system(.rename, path: new.string, Errno(rawValue: errno)) }
    }

    /// Removes a file or an empty folder, if it is there.
    static func remove(_ path: FilePath) throws {
        if Self.kind(of: path) == .folder { return try removeEmptyFolder(path) }
        if unlink(path.string) != 0, errno != ENOENT { throw StoreError.system(.remove, path: path.string, Errno(rawValue: errno)) }
    }

    private static func removeEmptyFolder(_ path: FilePath) throws {
        if rmdir(path.string) != 0, errno != ENOENT { throw StoreError.system(.remove, path: path.string, Errno(rawValue: errno)) }
    }

    /// The names in a folder, in order; none where there is no folder.
    static func names(in path: FilePath) throws -> [String] {
        guard kind(of: path) == .folder else { return [] }
        do {
            return try FileManager.default.contentsOfDirectory(atPath: path.string).sorted()
        } catch {
            throw StoreError.system(.read, path: path.string, reason(error))
        }
    }

    /// The whole of a small file; nil where there is none.
    static func read(_ path: FilePath) throws -> Data? {
        guard kind(of: path) != .nothing else { return nil }
        do {
            return try Data(contentsOf: URL(filePath: path.string))
        } catch {
            throw StoreError.system(.read, path: path.string, reason(error))
        }
    }

    /// The system's reason behind an error of Foundation.
    private static func reason(_ error: any Error) -> Errno {
        switch (error as? CocoaError)?.code {
        case .fileReadNoPermission: .permissionDenied
        case .fileReadNoSuchFile: .noSuchFileOrDirectory
        default: ((error as? CocoaError)?.underlying as? POSIXError).map { Errno(rawValue: $0.code.rawValue) } ?? .ioError
        }
    }

    /// Reads so many bytes of a file from an offset on; less where the file ends before.
    static func read(_ count: Int, of descriptor: FileDescriptor, at offset: Int, path: String) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var read: Int
        repeat { read = pread(descriptor.rawValue, &bytes, count, off_t(offset)) } while read < 0 && errno == EINTR
        guard read >= 0 else { throw StoreError.system(.read, path: path, Errno(rawValue: errno)) }
        bytes.removeLast(count - read)
        return bytes
    }

    /// Removes a folder and all below it, if it is there.
    static func removeAll(_ path: FilePath) throws {
        if kind(of: path) == .folder {
            for name in try names(in: path) { try removeAll(path.appending(name)) }
        }
        try remove(path)
    }

    /// Writes a small file whole, under another name first, which is left behind where that fails.
    static func replace(_ path: FilePath, with content: [UInt8], through temporary: FilePath) throws {
        try remove(temporary)
        var file = try OutputFile(creating: temporary)
        try file.write(content)
        _ = try file.finish()
        try move(temporary, to: path)
        try syncFolder(path.removingLastComponent())
    }
}

extension StoreError {
    /// Runs a call of the system, and says where it failed.
    static func wrap<Value>(_ action: Action, _ path: String, _ body: () throws -> Value) throws -> Value {
        do { return try body() } catch let error as Errno { throw StoreError.system(action, path: path, error) }
    }

    static func wrap<Value>(_ action: Action, _ path: FilePath, _ body: () throws -> Value) throws -> Value {
        try wrap(action, path.string, body)
    }
}
