import FoundationEssentials
import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A lock on a destination. The system holds it for the process, so that it ends with it, however that comes.
struct FolderLock {
    private let file: FileDescriptor
    private let path: FilePath

    /// - Throws: `StoreError.locked` where another run holds it.
    init(path: FilePath, destination: String, holder: String) throws {
        while true {
            let file = try StoreError.wrap(.open, path) {
                try FileDescriptor.open(
                    path, .readWrite, options: [.create, .closeOnExec], permissions: .ownerReadWriteOthersRead)
            }
            guard flock(file.rawValue, LOCK_EX | LOCK_NB) == 0 else {
                let reason = Errno(rawValue: errno)
                let other = try? FileSystem.read(path).map { String(decoding: $0, as: UTF8.self) }
                try file.close()
                guard reason == .wouldBlock else { throw StoreError.system(.lock, path: path.string, reason) }
                throw StoreError.locked(path: destination, holder: other.flatMap { $0.isEmpty ? nil : $0 })
            }
            // The run before may have removed the file between the two calls: then this lock is on a file that nobody sees.
            guard let mine = try? file.stat(), let seen = try? path.stat(), mine.inode == seen.inode else {
                try file.close()
                continue
            }
            (self.file, self.path) = (file, path)
            do {
                try file.resize(to: 0)
                _ = try file.writeAll(Array(holder.utf8))
            } catch let error as Errno {
                release()
                throw StoreError.system(.write, path: path.string, error)
            }
            return
        }
    }

    /// Refuses to go on while another run holds the lock. Nothing is changed, and the lock is not kept.
    /// - Throws: `StoreError.locked`.
    static func check(path: FilePath, destination: String) throws {
        guard let file = try? FileDescriptor.open(path, .readOnly, options: [.closeOnExec]) else { return }
        defer { try? file.close() }
        guard flock(file.rawValue, LOCK_SH | LOCK_NB) != 0, errno == EWOULDBLOCK else { return }
        let holder = try? FileSystem.read(path).map { String(decoding: $0, as: UTF8.self) }
        throw StoreError.locked(path: destination, holder: holder.flatMap { $0.isEmpty ? nil : $0 })
    }

    /// Removes the file while it is held, so that no other run can hold it then.
    func release() {
        // A file that stays does no harm: the lock on it ends here.
        try? FileSystem.remove(path)
        try? file.close()
    }
}
