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

/// A lock on a share of a destination. The system holds it for the process and releases it when the process ends, for whatever reason.
struct FolderLock {
    private let file: FileDescriptor
    private let folder: Folder
    private let name: FileName

    /// The content of the lock's file: a line for the holder, one for its declaration, and one for each unit if the share is `units`.
    struct Claim: Sendable {
        let holder: String
        let units: [String]
        /// The declaration. `nil` for an older version, or a run that writes no windows.
        let declaration: LockDeclaration?

        init(holder: String, units: [String] = [], declaration: LockDeclaration? = nil) {
            (self.holder, self.units, self.declaration) = (holder, units, declaration)
        }

        /// Parses a claim. `nil` if it has not been written yet.
        init?(_ content: String) {
            let lines = content.splitExactly(at: "\n").map(String.init)
            guard let holder = lines.first else { return nil }
            // Units contain no spaces.
            self.init(
                holder: holder, units: lines.dropFirst().filter { !$0.containsExactly(" ") },
                declaration: lines.dropFirst().compactMap(LockDeclaration.init).first)
        }

        var content: String { ([holder] + [declaration?.line].compactMap(\.self) + units).map { "\($0)\n" }.joined() }
    }

    private init(file: FileDescriptor, _ name: FileName, in folder: Folder) {
        (self.file, self.name, self.folder) = (file, name, folder)
    }

    /// Takes a lock.
    /// - Throws: `StoreError.locked` if another run holds it; `StoreError.obstructed` if there is an object that is not a lock's file;
    ///   `StoreError.system`, `CancellationError`.
    static func take(
        _ name: FileName, in folder: Folder, destination: String, _ claim: Claim
    ) async throws -> FolderLock {
        var attempts = 0
        while true {
            switch try attempt(name, in: folder) {
            case .held(let lock):
                try lock.write(claim)
                return lock
            case .removed: continue
            case .busy:
                // Runs that only check the lock hold it for a moment.
                attempts += 1
                guard attempts < 10 else {
                    throw StoreError.locked(path: destination, holder: try? Self.claim(name, in: folder)?.holder)
                }
                try await Task.sleep(for: .milliseconds(1))
            }
        }
    }

    private enum Attempt {
        case held(FolderLock), busy
        /// An earlier run removed the file between two calls, so that a lock on it would have no effect.
        case removed
    }

    private static func attempt(_ name: FileName, in folder: Folder) throws -> Attempt {
        let file: Folder.OpenFile
        do {
            file = try folder.openOrCreate(name)
        } catch let error as StoreError where error.isDenied {
            return try clearAway(name, in: folder, error)
        }
        do {
            if try hold(file.descriptor, LOCK_EX, folder.path(of: name)) {
                if try folder.status(of: name)?.inode == file.status.inode {
                    return .held(FolderLock(file: file.descriptor, name, in: folder))
                }
                try? file.descriptor.close()
                return .removed
            }
            try? file.descriptor.close()
            return .busy
        } catch {
            try? file.descriptor.close()
            throw error
        }
    }

    /// Removes the lock's file if another user left it, no longer holds it, and allows others only to read it.
    /// - Throws: `denied` if it cannot be read either, `StoreError.denied` if the permissions of its folder do not allow the removal.
    private static func clearAway(_ name: FileName, in folder: Folder, _ denied: StoreError) throws -> Attempt {
        let file: Folder.OpenFile?
        do { file = try folder.openFile(name) } catch let error as StoreError where error.isDenied { throw denied }
        guard let file else { throw denied }
        defer { try? file.descriptor.close() }
        guard try hold(file.descriptor, LOCK_EX, folder.path(of: name)) else { return .busy }
        // This process now holds the lock, so no run has it or can take it before the file is removed.
        if try folder.status(of: name)?.inode == file.status.inode { try folder.remove(name) }
        return .removed
    }

    /// Tries to lock a file.
    /// - Returns: Whether the lock is now held; false if another process has it.
    private static func hold(_ file: FileDescriptor, _ kind: CInt, _ path: String) throws -> Bool {
        do {
            _ = try FileSystem.retrying { flock(file.rawValue, kind | LOCK_NB) }
            return true
        } catch Errno.wouldBlock {
            return false
        } catch let error as Errno {
            throw StoreError.failed(.lock, path: path, error)
        }
    }

    private func write(_ claim: Claim) throws {
        do {
            try StoreError.wrap(.write, folder.path(of: name)) {
                try file.resize(to: 0)
                _ = try file.writeAll(toAbsoluteOffset: 0, Array(claim.content.utf8))
            }
        } catch {
            release()
            throw error
        }
    }

    /// The run that holds the lock, or crashed while it held it. Changes nothing, and does not keep the lock.
    /// - Throws: `StoreError.obstructed`, and `StoreError.system` if the lock cannot be checked.
    static func lockHolder(_ name: FileName, in folder: Folder, holdsAll: Bool = true) throws -> LockHolder? {
        guard let file = try folder.openFile(name) else { return nil }
        defer { try? file.descriptor.close() }
        guard try hold(file.descriptor, LOCK_SH, folder.path(of: name)) else {
            return LockHolder(holder: try claim(name, in: folder)?.holder, isActive: true, holdsAll: holdsAll)
        }
        _ = flock(file.descriptor.rawValue, LOCK_UN)
        // A run that has just released the lock, or has just begun, has not crashed.
        guard try folder.status(of: name)?.inode == file.status.inode, let claim = try claim(name, in: folder) else { return nil }
        return LockHolder(holder: claim.holder, isActive: false, holdsAll: holdsAll)
    }

    /// The maximum size of a claim, more than a command line can hold of units.
    private static let largestClaim = 4 << 20

    /// The claim of the run that holds the lock. `nil` if it has not written one yet, or the content is not a claim.
    /// - Throws: `StoreError.system`.
    static func claim(_ name: FileName, in folder: Folder) throws -> Claim? {
        do {
            guard let content = try folder.read(name, atMost: largestClaim, isOwn: true), !content.isEmpty else { return nil }
            return Claim(String(decoding: content, as: UTF8.self))
        } catch let error as StoreError where error.isDamage {
            return nil
        }
    }

    /// Releases the lock. Its file is removed while the lock is held, so that no other run can take a lock on it.
    func release() {
        // A file that stays is harmless, since its lock ends here.
        try? folder.remove(name)
        try? file.close()
    }
}
