import ExportCore
import FoundationEssentials
import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A lock on a share of a destination. The system holds it for the process, so that it ends with it, however that comes.
struct FolderLock {
    private let file: FileDescriptor
    private let path: FilePath

    /// What stands in the lock's file: the holder's line, and a line for each unit where it is on some.
    struct Claim: Sendable {
        let holder: String
        let units: [String]

        init(holder: String, units: [String] = []) {
            (self.holder, self.units) = (holder, units)
        }

        /// Nil where it has not been written yet.
        init?(_ content: String) {
            let lines = content.splitExactly(at: "\n").map(String.init)
            guard let holder = lines.first else { return nil }
            self.init(holder: holder, units: Array(lines.dropFirst()))
        }

        var content: String { ([holder] + units).map { "\($0)\n" }.joined() }
    }

    private init(file: FileDescriptor, path: FilePath) {
        (self.file, self.path) = (file, path)
    }

    /// - Throws: `StoreError.locked` where another run holds it, `CancellationError`.
    static func take(_ path: FilePath, destination: String, _ claim: Claim) async throws -> FolderLock {
        var tries = 0
        while true {
            let file = try StoreError.wrap(.open, path) {
                try FileDescriptor.open(
                    path, .readWrite, options: [.create, .closeOnExec], permissions: .ownerReadWriteOthersRead)
            }
            guard flock(file.rawValue, LOCK_EX | LOCK_NB) == 0 else {
                let reason = Errno(rawValue: errno)
                let other = Self.claim(path)?.holder
                try file.close()
                guard reason == .wouldBlock else { throw StoreError.system(.lock, path: path.string, reason) }
                // Those who only look hold it for a moment.
                tries += 1
                guard tries < 10 else { throw StoreError.locked(path: destination, holder: other) }
                try await Task.sleep(for: .milliseconds(1))
                continue
            }
            // The run before may have removed the file between the two calls: then this lock is on a file that nobody sees.
            guard let mine = try? file.stat(), let seen = try? path.stat(), mine.inode == seen.inode else {
                try file.close()
                continue
            }
            let lock = FolderLock(file: file, path: path)
            do {
                try file.resize(to: 0)
                _ = try file.writeAll(Array(claim.content.utf8))
            } catch let error as Errno {
                lock.release()
                throw StoreError.system(.write, path: path.string, error)
            }
            return lock
        }
    }

    /// Who holds the lock, or died with it. Nothing is changed, and the lock is not kept.
    static func occupation(path: FilePath, isOfAll: Bool = true) -> Occupation? {
        guard let file = try? FileDescriptor.open(path, .readOnly, options: [.closeOnExec]) else { return nil }
        defer { try? file.close() }
        guard flock(file.rawValue, LOCK_SH | LOCK_NB) == 0 else {
            return errno == EWOULDBLOCK ? Occupation(holder: claim(path)?.holder, isAtWork: true, isOfAll: isOfAll) : nil
        }
        _ = flock(file.rawValue, LOCK_UN)
        // A run that has just given it back, or has just begun, has not died.
        guard let mine = try? file.stat(), let seen = try? path.stat(), mine.inode == seen.inode, let claim = claim(path) else {
            return nil
        }
        return Occupation(holder: claim.holder, isAtWork: false, isOfAll: isOfAll)
    }

    /// What the run says of itself. Nil where it has not come to that.
    static func claim(_ path: FilePath) -> Claim? {
        guard let content = try? FileSystem.read(path), !content.isEmpty else { return nil }
        return Claim(String(decoding: content, as: UTF8.self))
    }

    /// Removes the file while it is held, so that no other run can hold it then.
    func release() {
        // A file that stays does no harm: the lock on it ends here.
        try? FileSystem.remove(path)
        try? file.close()
    }
}
