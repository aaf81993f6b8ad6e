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
        var tries = 0
        while true {
            let file = try StoreError.wrap(.open, path) {
                try FileDescriptor.open(
                    path, .readWrite, options: [.create, .closeOnExec], permissions: .ownerReadWriteOthersRead)
            }
            guard flock(file.rawValue, LOCK_EX | LOCK_NB) == 0 else {
                let reason = Errno(rawValue: errno)
                let other = Self.holder(path)
                try file.close()
                guard reason == .wouldBlock else { throw StoreError.system(.lock, path: path.string, reason) }
                // Those who only look hold it for a moment.
                tries += 1
                if tries < 3 { continue }
                throw StoreError.locked(path: destination, holder: other)
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

    /// Who holds the lock, or died with it. Nothing is changed, and the lock is not kept.
    static func occupation(path: FilePath) -> Occupation? {
        guard let file = try? FileDescriptor.open(path, .readOnly, options: [.closeOnExec]) else { return nil }
        defer { try? file.close() }
        guard flock(file.rawValue, LOCK_SH | LOCK_NB) == 0 else {
            return errno == EWOULDBLOCK ? Occupation(holder: holder(path), isAtWork: true) : nil
        }
        _ = flock(file.rawValue, LOCK_UN)
        // A run that has just given it back, or has just begun, has not died.
        guard let mine = try? file.stat(), let seen = try? path.stat(), mine.inode == seen.inode, let holder = holder(path) else {
            return nil
        }
        return Occupation(holder: holder, isAtWork: false)
    }

    /// What the run says of itself. Nil where it has not come to that.
    private static func holder(_ path: FilePath) -> String? {
        guard let content = try? FileSystem.read(path), !content.isEmpty else { return nil }
        return String(decoding: content, as: UTF8.self)
    }

    /// Removes the file while it is held, so that no other run can hold it then.
    func release() {
        // A file that stays does no harm: the lock on it ends here.
        try? FileSystem.remove(path)
        try? file.close()
    }
}
