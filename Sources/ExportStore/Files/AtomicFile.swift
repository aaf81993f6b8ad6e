public import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A file outside of any destination that replaces an existing one, if any, once it is complete.
///
/// If the path is a symbolic link, the file that it leads to is replaced. The new file has the permissions of the old one.
public final class AtomicFile: Sendable {
    private let folder: Folder
    private let name: FileName
    private let file: TemporaryFile
    /// The path of the file, with links resolved.
    private let path: FilePath

    /// Creates the temporary file.
    /// - Parameter permissions: The permissions of the new file. If `nil`, those of the old one, or the default for new files of this
    ///   process if there is none.
    /// - Throws: `StoreError.aFolder`, `notAFile`, `noFolder`, `system`.
    init(of path: FilePath, permissions: FilePermissions? = nil) throws {
        let target = try Target(path)
        (folder, name, self.path) = (target.folder, target.name, target.path)
        let permissions = permissions ?? target.permissions
        // No more than the default permissions until the file is complete.
        file = try TemporaryFile(
            in: folder, permissions: permissions?.intersection(.readWriteLessUmask) ?? .readWriteLessUmask)
        guard let permissions else { return }
        do {
            try StoreError.wrap(.create, target.path) {
                _ = try FileSystem.retrying { fchmod(file.descriptor.rawValue, permissions.rawValue) }
            }
        } catch {
            discard()
            try? file.descriptor.close()
            throw error
        }
    }

    deinit { try? file.descriptor.close() }

    /// Opens the temporary file, which holds the new content until it is complete.
    func output() throws -> OutputFile {
        OutputFile(try FileSystem.duplicate(file.descriptor, path: path.string), path: path.string)
    }

    /// Moves the file to its path. It must be finished and on the disk.
    func commit() throws {
        let temporary = try file.named(in: folder)
        do {
            try folder.move(temporary, to: folder, as: name)
        } catch {
            try? folder.remove(temporary)
            throw error
        }
        try folder.sync()
    }

    /// Removes what was written.
    func discard() {
        // An unnamed file is removed with its last descriptor.
        if let name = file.name { try? folder.remove(name) }
    }
}

extension AtomicFile {
    /// Refuses a path that is a folder, is not in a folder, or is a device or a pipe, which the file would replace. Changes nothing.
    /// - Throws: `StoreError.aFolder`, `notAFile`, `noFolder`, `system`.
    public static func check(_ path: String) throws { _ = try Target(FilePath(path)) }

    /// The folder of a file, with links resolved.
    static func folder(of path: FilePath) throws -> Folder { try Target(path).folder }

    /// The maximum size of a file that is read: 1 MiB, more than any file of metrics has.
    private static let largestText = 1 << 20

    /// The content of a small file that will be replaced. `nil` if there is none, or it is not text.
    /// - Throws: The errors of `init`; `StoreError.system`, also if the file is larger than `largestText`.
    public static func text(of path: String) throws -> String? {
        let target = try Target(FilePath(path))
        return try target.folder.read(target.name, atMost: largestText).flatMap { String(validating: $0, as: UTF8.self) }
    }

    /// Writes a small file completely, or leaves the existing one unchanged.
    /// - Throws: The errors of `init`; `StoreError.system`.
    public static func write(_ content: [UInt8], to path: String, permissions: FilePermissions? = nil) throws {
        let replacement = try AtomicFile(of: FilePath(path), permissions: permissions)
        do {
            var output = try replacement.output()
            try output.write(content)
            _ = try output.finish()
        } catch {
            replacement.discard()
            throw error
        }
        try replacement.commit()
    }

    /// The file to replace, with links resolved.
    private struct Target {
        let folder: Folder
        let name: FileName
        let path: FilePath
        /// The permissions of the existing file. `nil` if there is none.
        let permissions: FilePermissions?

        private static let ordinary = FilePermissions(rawValue: 0o777)

        init(_ path: FilePath) throws {
            let asked = path.string
            var path = path
            var links = 0
            while true {
                let parent = path.removingLastComponent()
                guard let folder = try Self.folder(parent) else {
                    throw StoreError.noFolder(path: parent.isEmpty ? "." : parent.string)
                }
                guard let name = path.lastComponent.flatMap({ FileName($0.string.utf8) }) else {
                    throw StoreError.aFolder(path: asked)
                }
                let status = try folder.status(of: name)
                switch status?.type {
                case .symbolicLink:
                    links += 1
                    guard links < 40 else { throw StoreError.system(.open, path: asked, .tooManySymbolicLinkLevels) }
                    path = parent.pushing(try folder.destination(ofLink: name))
                case .directory: throw StoreError.aFolder(path: asked)
                case nil, .regular:
                    (self.folder, self.name, self.path) = (folder, name, path)
                    permissions = status?.permissions.intersection(Self.ordinary)
                    return
                default: throw StoreError.notAFile(path: asked)
                }
            }
        }

        private static func folder(_ path: FilePath) throws -> Folder? {
            do {
                return try Folder.open(path)
            } catch StoreError.notAFolder {
                return nil
            }
        }
    }
}

extension Folder {
    /// The target of a link, as written in it.
    fileprivate func destination(ofLink name: FileName) throws -> FilePath {
        var bytes = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let length = try StoreError.wrap(.read, path(of: name)) {
            try FileSystem.retrying {
                readlinkat(descriptor.rawValue, name.bytes, &bytes, bytes.count)
            }
        }
        return FilePath(platformString: bytes[..<length].map(CChar.init(bitPattern:)) + [0])
    }
}
