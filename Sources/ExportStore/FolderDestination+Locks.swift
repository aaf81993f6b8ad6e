public import ExportCore
import SystemPackage

/// Several runs may work on one folder whose shares of the windows do not overlap. Each has a lock of its own: it takes that, and then
/// looks whether another is held that it must not meet. Of two that begin together, one at least sees the other.
extension FolderDestination {
    private func path(of lock: StateLayout.Lock) -> FilePath { root.appending(lock.path) }

    /// Of all locks, whether they are held or not.
    private func locks() throws -> [StateLayout.Lock] {
        try FileSystem.names(in: state).compactMap { StateLayout.Lock(path: "\(Self.stateName)/\($0)") }
    }

    public func withLock<Result: Sendable>(
        holder: String, share: Share, _ body: () async throws -> Result
    ) async throws -> Result {
        let made = try FileSystem.makeFolders(state)
        let lock: FolderLock
        do {
            lock = try await take(share, holder: holder)
        } catch {
            removeIfEmpty(made, share)
            throw error
        }
        let outcome: Swift.Result<Result, any Error>
        do {
            try FileSystem.makeFolders(windows)
            try await recover(share)
            outcome = .success(try await body())
        } catch {
            outcome = .failure(error)
        }
        // What cannot be cleared up now is cleared up by the next run; what `body` did counts.
        try? await recover(share)
        removeIfEmpty([windows, root.appending(StateLayout.rows)], share)
        lock.release()
        removeIfEmpty(made, share)
        return try outcome.get()
    }

    private func take(_ share: Share, holder: String) async throws -> FolderLock {
        let own = StateLayout.Lock.share(share)
        let lock = try await FolderLock.take(
            path(of: own), destination: root.string, FolderLock.Claim(holder: holder, units: share.unitNames ?? []))
        do {
            for other in try locks() where other.path != own.path { try await check(other, against: share) }
        } catch {
            lock.release()
            throw error
        }
        return lock
    }

    /// - Throws: `StoreError.locked` where a run holds the lock whose share overlaps.
    private func check(_ lock: StateLayout.Lock, against share: Share) async throws {
        // Who has just taken a lock needs a moment to write down for what.
        var looks = 50
        while let occupation = FolderLock.occupation(path: path(of: lock)), occupation.isAtWork {
            switch lock {
            case .columns: return
            case .share(let other): guard other.overlaps(share) else { return }
            case .someUnits:
                let claim = FolderLock.claim(path(of: lock))
                if claim == nil, looks > 0 {
                    looks -= 1
                    try await Task.sleep(for: .milliseconds(20))
                    continue
                }
                if let claim, !Share.units(Set(claim.units)).overlaps(share) { return }
            }
            throw StoreError.locked(path: root.string, holder: occupation.holder)
        }
    }

    public func withColumns<Result: Sendable>(holder: String, _ body: () async throws -> Result) async throws -> Result {
        let lock = try await takeColumns(FolderLock.Claim(holder: holder))
        defer { lock.release() }
        // A window that settled them and was decided.
        for key in try FileSystem.names(in: staging)
        where FileSystem.kind(of: staging.appending(key).appending("columns.json")) != .nothing { try recover(key) }
        return try await body()
    }

    private func takeColumns(_ claim: FolderLock.Claim) async throws -> FolderLock {
        while true {
            do {
                return try await FolderLock.take(path(of: .columns), destination: root.string, claim)
            } catch StoreError.locked {
                try await Task.sleep(for: .milliseconds(50))
            }
        }
    }

    public func clearUp(_ share: Share) async {
        let leftovers = try? [staging, spools].flatMap { try FileSystem.names(in: $0) }.filter(share.covers)
        let hasLocks = try? locks().contains { share == .whole || $0.path == StateLayout.Lock.share(share).path }
        // Nothing depends on it: what stays is cleared up by a run that has something to do.
        if leftovers?.isEmpty == false || hasLocks == true || share == .whole && FileSystem.kind(of: staging) != .nothing {
            try? await withLock(holder: "clearing up", share: share) { try removeSpools(of: share) }
        }
    }

    public func occupations() throws -> [Occupation] {
        try locks().filter { $0 != .columns }.compactMap {
            FolderLock.occupation(path: path(of: $0), isOfAll: $0 == .share(.whole))
        }
        .sorted { $0.isAtWork && !$1.isAtWork }
    }

    /// A run that committed nothing leaves no folders behind. A folder that holds something stays, and so does one that another run may
    /// be about to use.
    private func removeIfEmpty(_ folders: [FilePath], _ share: Share) {
        guard share == .whole else { return }
        for folder in folders.reversed() { try? FileSystem.remove(folder) }
    }

    /// Completes the commits that a dead run of the share had decided, and removes what else it left.
    private func recover(_ share: Share) async throws {
        if share == .whole {
            for name in try FileSystem.names(in: staging) { try recover(name) }
            try FileSystem.remove(staging)
            try removeOutlivedSpools(of: share)
            // Nobody else is at work: what is held by nobody was left by the dead.
            for lock in try locks() where lock != .share(.whole) {
                try? await FolderLock.take(path(of: lock), destination: root.string, .init(holder: "clearing up"))
                    .release()
            }
            return
        }
        // Another run may be at a window of this share, to settle the columns.
        try await withColumns(holder: "clearing up") {
            for key in try FileSystem.names(in: staging) where share.covers(key) && !key.startsExactly(with: Self.partName) {
                try recover(key)
            }
            try removeOutlivedSpools(of: share)
        }
    }
}
