public import ExportCore
import SystemPackage

/// Locks of the destination. Several runs may work on one folder if their shares of the windows do not overlap. Each run takes its own lock
/// and then checks whether a conflicting one is held. Of two runs that begin at the same time, at least one sees the other.
extension FolderDestination {
    private static func name(of lock: StateLayout.Lock, in state: Folder) throws -> FileName {
        try .init(String(lock.path.dropFirst(StateLayout.folder.count + 1)), in: state)
    }

    /// All locks, whether they are held or not.
    private static func locks(in state: Folder) throws -> [StateLayout.Lock] {
        try state.names().map(\.string).sorted().compactMap { StateLayout.Lock(path: "\(StateLayout.folder)/\($0)") }
    }

    public func withLock<Result: Sendable>(
        holder: String, share: Share, for declaration: LockDeclaration?, _ body: () async throws -> Result
    ) async throws -> Result {
        let held = try await hold(share, holder: holder, declaration)
        let outcome: Swift.Result<Result, any Error>
        do {
            _ = try held.state.makeFolder(Self.windowsName)
            // Sync names that an earlier run could not sync.
            try held.state.sync()
            try await clear(share, held.state, completing: true)
            outcome = .success(try await body())
        } catch {
            outcome = .failure(error)
        }
        // Files that cannot be removed now are removed by the next run. The result of `body` takes precedence.
        try? await clear(share, held.state, completing: false)
        if share == .whole {
            for name in [Self.windowsName, "rows"] { try? held.state.remove(name) }
        }
        held.lock.release()
        if share == .whole { held.removeIfEmpty() }
        return try outcome.get()
    }

    /// A lock, and the folders that were created for it.
    private struct Held {
        let lock: FolderLock
        let state: Folder
        let root: Folder
        let made: [FilePath]
        let isStateNew: Bool

        /// Removes the folders that were created, so that a run that committed nothing leaves none. A folder that is not empty stays, and
        /// so does one that another run may be about to use.
        func removeIfEmpty() { Self.remove(made, isStateNew ? root : nil) }

        static func remove(_ made: [FilePath], _ root: Folder?) {
            try? root?.remove(FolderDestination.stateName)
            for path in made.reversed() { try? FileSystem.removeFolder(path) }
        }
    }

    private func hold(_ share: Share, holder: String, _ declaration: LockDeclaration?) async throws -> Held {
        var attempts = 0
        while true {
            let made = try FileSystem.makeFolders(root)
            let root = try makeRoot()
            let (state, isNew) = try root.makeFolder(named: Self.stateName)
            do {
                let lock = try await take(share, holder: holder, declaration, in: state)
                return Held(lock: lock, state: state, root: root, made: made, isStateNew: isNew)
            } catch StoreError.system(.open, _, .noSuchFileOrDirectory) where attempts < 10 {
                // A run that ended removed the folder in between.
                attempts += 1
            } catch {
                if share == .whole { Held.remove(made, isNew ? root : nil) }
                throw error
            }
        }
    }

    private func take(
        _ share: Share, holder: String, _ declaration: LockDeclaration?, in state: Folder
    ) async throws -> FolderLock {
        let own = StateLayout.Lock.share(share)
        let claim = FolderLock.Claim(holder: holder, units: share.unitNames ?? [], declaration: declaration)
        let lock = try await FolderLock.take(Self.name(of: own, in: state), in: state, destination: root.string, claim)
        do {
            for other in try Self.locks(in: state) where other.path != own.path {
                try await check(other, against: share, declaration, in: state)
            }
        } catch {
            lock.release()
            throw error
        }
        return lock
    }

    /// Checks that no conflicting lock is held.
    /// - Throws: `StoreError.locked` if a run with an overlapping share holds its lock, `otherRun` if a run has another declaration.
    private func check(
        _ lock: StateLayout.Lock, against share: Share, _ declaration: LockDeclaration?, in state: Folder
    ) async throws {
        let name = try Self.name(of: lock, in: state)
        // A run that has just taken a lock needs a moment to write its claim.
        var looks = 50
        while let lockHolder = try FolderLock.lockHolder(name, in: state), lockHolder.isActive {
            let locked = StoreError.locked(path: root.string, holder: lockHolder.holder)
            switch lock {
            case .columns: return
            case .share(let other) where other.overlaps(share): throw locked
            case .share, .someUnits: break
            }
            let claim = try FolderLock.claim(name, in: state)
            if claim == nil, looks > 0 {
                looks -= 1
                try await Task.sleep(for: .milliseconds(20))
                continue
            }
            guard let claim else { throw locked }
            if case .someUnits = lock, Share.units(Set(claim.units)).overlaps(share) { throw locked }
            try declaration?.check(against: claim.declaration, at: root.string)
            return
        }
    }

    public func withColumnsLock<Result: Sendable>(holder: String, _ body: () async throws -> Result) async throws -> Result {
        let lock = try await takeColumns(FolderLock.Claim(holder: holder), in: makeState())
        defer { lock.release() }
        // Completes a decided window that settled the columns.
        if let staging = try staging() {
            for key in try staging.names() where try Self.settlesColumns(key, in: staging) { try recover(key, in: staging) }
        }
        return try await body()
    }

    private static func settlesColumns(_ key: FileName, in staging: Folder) throws -> Bool {
        guard try staging.status(of: key)?.type == .directory else { return false }
        return try staging.folder(key)?.status(of: columnsName) != nil
    }

    private func takeColumns(_ claim: FolderLock.Claim, in state: Folder) async throws -> FolderLock {
        let name = try Self.name(of: .columns, in: state)
        while true {
            do {
                return try await FolderLock.take(name, in: state, destination: root.string, claim)
            } catch StoreError.locked {
                try await Task.sleep(for: .milliseconds(50))
            }
        }
    }

    public func cleanUp(_ share: Share) async {
        // Failures do not matter: a later run removes what stays.
        if (try? hasLeftovers(of: share)) ?? false {
            try? await withLock(holder: "clearing up", share: share) { try removeSpools(of: share) }
        }
    }

    public func completeCommits(_ share: Share) async -> Bool {
        guard let staging = try? staging(), let keys = try? staging.names() else { return false }
        // Taking the lock completes them. If that fails, the run that needs it reports the reason.
        let isDecided = keys.contains { share.covers($0.string) && (try? decided($0, in: staging)) != nil }
        return isDecided ? (try? await withLock(holder: "completing commits", share: share) { true }) ?? false : false
    }

    private func hasLeftovers(of share: Share) throws -> Bool {
        guard let state = try state() else { return false }
        let staging = try staging()
        return try (staging?.names() ?? [] + spoolNames()).contains { share.covers($0.string) }
            || Self.locks(in: state).contains { share == .whole || $0.path == StateLayout.Lock.share(share).path }
            || share == .whole && staging != nil
    }

    public func lockHolders() throws -> [LockHolder] {
        guard let state = try state() else { return [] }
        return try Self.locks(in: state).filter { $0 != .columns }.compactMap {
            try FolderLock.lockHolder(Self.name(of: $0, in: state), in: state, holdsAll: $0 == .share(.whole))
        }
        .sorted { $0.isActive && !$1.isActive }
    }

    public func stagedWindowKeys() async throws -> [String]? {
        guard let staging = try staging() else { return [] }
        return try staging.names().filter { key in
            guard try staging.status(of: key)?.type == .directory else { return false }
            return try staging.folder(key)?.status(of: Self.manifestName) != nil
        }
        .map(\.string)
    }

    /// Removes leftovers of this run or an earlier one of the share, and completes the commits that an earlier one had decided.
    /// - Parameter completing: False at the end of a run, which leaves its failed commits to the next one.
    private func clear(_ share: Share, _ state: Folder, completing: Bool) async throws {
        func clear(_ key: FileName, in staging: Folder) throws {
            if completing { try recover(key, in: staging) } else { try removeUndecided(key, in: staging) }
        }
        if share == .whole {
            if let staging = try state.folder(Self.stagingName) {
                for name in try staging.names() { try clear(name, in: staging) }
                if try staging.names().isEmpty { try state.remove(Self.stagingName) }
            }
            try removeExpiredSpools(of: share)
            // No other run is in progress, so locks that are not held are leftovers of crashed runs.
            for lock in try Self.locks(in: state) where lock != .share(.whole) {
                try? await FolderLock.take(
                    Self.name(of: lock, in: state), in: state, destination: root.string, .init(holder: "clearing up")
                ).release()
            }
            return
        }
        // Another run may be exporting a window of this share to settle the columns.
        try await withColumnsLock(holder: "clearing up") {
            if let staging = try state.folder(Self.stagingName) {
                for key in try staging.names() where share.covers(key.string) && !key.string.startsExactly(with: Self.partName) {
                    try clear(key, in: staging)
                }
            }
            try removeExpiredSpools(of: share)
        }
    }
}
