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
    private let folder: Folder
    private let name: FileName

    /// The content of the lock's file: the holder's line, one for its declaration, and one for each unit if it is on some.
    struct Claim: Sendable {
        let holder: String
        let units: [String]
        /// Nil: an older version's, or one that writes no windows.
        let declaration: LockDeclaration?

        init(holder: String, units: [String] = [], declaration: LockDeclaration? = nil) {
            (self.holder, self.units, self.declaration) = (holder, units, declaration)
        }

        /// Nil where it has not been written yet.
        init?(_ content: String) {
            let lines = content.splitExactly(at: "\n").map(String.init)
            guard let holder = lines.first else { return nil }
            // Units have no spaces.
            self.init(
                holder: holder, units: lines.dropFirst().filter { !$0.containsExactly(" ") },
                declaration: lines.dropFirst().compactMap(LockDeclaration.init).first)
        }

        var content: String { ([holder] + [declaration?.line].compactMap(\.self) + units).map { "\($0)\n" }.joined() }
    }

    private init(file: FileDescriptor, _ name: FileName, in folder: Folder) {
        (self.file, self.name, self.folder) = (file, name, folder)
    }

    /// - Throws: `StoreError.locked` where another run holds it; `StoreError.obstructed` where something else than a file of its own
    ///   stands there; `StoreError.system`, `CancellationError`.
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
                // Those who only look hold it for a moment.
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
        /// The run before has removed the file between two calls: a lock on it would be on a file that nobody sees.
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

    /// Removes the lock's file where another user left it, who lets others read it alone, and holds it no more.
    /// - Throws: `denied` where it cannot be read either, `StoreError.denied` where its folder does not let this user remove it.
    private static func clearAway(_ name: FileName, in folder: Folder, _ denied: StoreError) throws -> Attempt {
        let file: Folder.OpenFile?
        do { file = try folder.openFile(name) } catch let error as StoreError where error.isDenied { throw denied }
        guard let file else { throw denied }
        defer { try? file.descriptor.close() }
        guard try hold(file.descriptor, LOCK_EX, folder.path(of: name)) else { return .busy }
        // Held: no run has it, and none can take it before it is gone.
        if try folder.status(of: name)?.inode == file.status.inode { try folder.remove(name) }
        return .removed
    }

    /// - Returns: Whether the lock is held now; false where another has it.
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

    /// The run that holds the lock, or died with it. Nothing is changed, and the lock is not kept.
    /// - Throws: `StoreError.obstructed`, and `StoreError.system` where it cannot be looked at.
    static func lockHolder(_ name: FileName, in folder: Folder, holdsAll: Bool = true) throws -> LockHolder? {
        guard let file = try folder.openFile(name) else { return nil }
        defer { try? file.descriptor.close() }
        guard try hold(file.descriptor, LOCK_SH, folder.path(of: name)) else {
            return LockHolder(holder: try claim(name, in: folder)?.holder, isActive: true, holdsAll: holdsAll)
        }
        _ = flock(file.descriptor.rawValue, LOCK_UN)
        // A run that has just given it back, or has just begun, has not died.
        guard try folder.status(of: name)?.inode == file.status.inode, let claim = try claim(name, in: folder) else { return nil }
        return LockHolder(holder: claim.holder, isActive: false, holdsAll: holdsAll)
    }

    /// More than a command line holds of units.
    private static let largestClaim = 4 << 20

    /// The claim of the run that holds the lock. Nil if it has not written one yet, or the content is not a run's.
    /// - Throws: `StoreError.system`.
    static func claim(_ name: FileName, in folder: Folder) throws -> Claim? {
        do {
            guard let content = try folder.read(name, atMost: largestClaim, isOwn: true), !content.isEmpty else { return nil }
            return Claim(String(decoding: content, as: UTF8.self))
        } catch let error as StoreError where error.isDamage {
            return nil
        }
    }

    /// Removes the file while it is held, so that no other run can hold it then.
    func release() {
        // A file that stays does no harm: the lock on it ends here.
        try? folder.remove(name)
        try? file.close()
    }
}
