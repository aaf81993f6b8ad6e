public import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A file outside of any destination that takes the place of another, or of none, once it is whole.
///
/// Where the path is a symbolic link, the file that the link names is replaced. The new file has the permissions of the old one.
public final class AtomicFile: Sendable {
    private let folder: Folder
    private let name: FileName
    private let file: TemporaryFile
    /// Where it goes, links followed.
    private let path: FilePath

    /// - Parameter permissions: Of the new file, whatever the old one has. Nil: those of the old one, or where there is none, those that
    ///   new files of this process have.
    /// - Throws: `StoreError.aFolder`, `notAFile`, `noFolder`, `system`.
    init(of path: FilePath, permissions: FilePermissions? = nil) throws {
        let target = try Target(path)
        (folder, name, self.path) = (target.folder, target.name, target.path)
        let permissions = permissions ?? target.permissions
        // Never more than new files have, until it is what it is to be.
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

    /// Puts the file in its place. It is finished, and on the disk.
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
        // Without a name, it is gone with the last descriptor.
        if let name = file.name { try? folder.remove(name) }
    }
}

extension AtomicFile {
    /// Refuses a path that is a folder or lies in none, and a device or a pipe, whose place the file would take. Nothing is changed.
    /// - Throws: `StoreError.aFolder`, `notAFile`, `noFolder`, `system`.
    public static func check(_ path: String) throws { _ = try Target(FilePath(path)) }

    /// The folder that a file is put into, links followed.
    static func folder(of path: FilePath) throws -> Folder { try Target(path).folder }

    /// In bytes: 1 MiB, which no file of metrics has.
    private static let largestText = 1 << 20

    /// The content of a small file that is to be replaced; nil if there is none, or it is not text.
    /// - Throws: As `init`; `StoreError.system`, also where the file is larger than `largestText`.
    public static func text(of path: String) throws -> String? {
        let target = try Target(FilePath(path))
        return try target.folder.read(target.name, atMost: largestText).flatMap { String(validating: $0, as: UTF8.self) }
    }

    /// Writes a small file whole, or leaves what is there as it is.
    /// - Throws: As `init`; `StoreError.system`.
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

    /// The file that is to be replaced: where it is, links followed.
    private struct Target {
        let folder: Folder
        let name: FileName
        let path: FilePath
        /// The permissions of the file that is there. Nil where there is none.
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
    /// Where a link leads, as it says.
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
