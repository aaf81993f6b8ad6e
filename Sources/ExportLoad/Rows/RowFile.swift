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

/// A temporary file of rows that only this user can read. A lock on it, which ends with the process, shows that a load uses it.
struct RowFile {
    let path: String
    private let descriptor: FileDescriptor

    /// - Throws: `LoadError.temporaryFile`.
    init(in folder: String) throws {
        var attempts = 0
        while true {
            let path = "\(folder)/\(Self.prefix)\(UInt64.random(in: 0 ... .max))\(Self.suffix)"
            let descriptor: FileDescriptor
            do {
                descriptor = try FileDescriptor.open(
                    FilePath(path), .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec, .noFollow],
                    permissions: .ownerReadWrite)
            } catch {
                throw LoadError.temporaryFile(path: path, reason: "\(error)")
            }
            // Another load may have removed the file as a leftover before it was locked.
            if Self.lock(descriptor) != false, Self.isOwnFile(descriptor) {
                (self.path, self.descriptor) = (path, descriptor)
                return
            }
            try? descriptor.close()
            attempts += 1
            guard attempts < 10 else { throw LoadError.temporaryFile(path: path, reason: "it cannot be locked") }
        }
    }

    private static let prefix = "agentsight-rows-"
    private static let suffix = ".csv"

    /// Whether this process now holds the lock; false if another one does. `nil` if files cannot be locked.
    private static func lock(_ descriptor: FileDescriptor) -> Bool? {
        if flock(descriptor.rawValue, LOCK_EX | LOCK_NB) == 0 { return true }
        return errno == EWOULDBLOCK ? false : nil
    }

    /// Whether it is a regular file that this user owns and that is not unlinked.
    private static func isOwnFile(_ descriptor: FileDescriptor) -> Bool {
        guard let status = try? descriptor.stat() else { return false }
        return status.type == .regular && status.linkCount > 0 && status.userID.rawValue == geteuid()
    }

    /// Removes the files of killed loads, which no process has locked.
    static func removeLeftovers(in folder: String) {
        // Failures do not matter: the next load tries again.
        for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
            guard let number = name.tail(afterExactly: prefix)?.head(beforeExactly: suffix), !number.isEmpty,
                number.utf8.allSatisfy({ (0x30...0x39).contains($0) })
            else { continue }
            let path = "\(folder)/\(name)"
            let opened = try? FileDescriptor.open(
                FilePath(path), .readOnly, options: [.closeOnExec, .noFollow, .nonBlocking])
            guard let opened else { continue }
            if isOwnFile(opened), lock(opened) == true { _ = unlink(path) }
            try? opened.close()
        }
    }

    /// Writes rows.
    /// - Throws: `LoadError.temporaryFile`, for example if the disk is full.
    func write(_ bytes: [UInt8]) throws {
        do { _ = try descriptor.writeAll(bytes) } catch { throw LoadError.temporaryFile(path: path, reason: "\(error)") }
    }

    /// Closes and removes the file.
    func remove() {
        // Failures do not matter: the file is in the temporary folder.
        try? descriptor.close()
        try? FileManager.default.removeItem(atPath: path)
    }
}
