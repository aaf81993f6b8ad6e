public import ExportCore
public import ExportStore
import Foundation
import Logging

extension S3Destination {
    public func check(every: WindowLength) async throws -> String? { try await checkWindows(every: every) }

    /// Holds the lock of a share while `body` runs. Several runs may work on one bucket if their shares of the windows do not overlap. Each
    /// run takes its own lock and then checks whether a conflicting one is taken. Of two runs that begin at the same time, at least one
    /// sees the other.
    public func withLock<Result: Sendable>(
        holder: String, share: Share, for declaration: LockDeclaration?, _ body: () async throws -> Result
    ) async throws -> Result {
        try await hold(acquire(.share(share), holder: holder, declaration)) { held in
            try await takeOverOthers(than: share, holder: holder, declaration)
            // Uploads in progress may belong to another share.
            if share == .whole { try await abortUploads(held) }
            return try await body()
        }
    }

    public func withColumnsLock<Result: Sendable>(holder: String, _ body: () async throws -> Result) async throws -> Result {
        try await hold(acquireColumns(holder: holder)) { _ in try await body() }
    }

    /// Takes the columns lock. A live holder renews its lock four times in a lease. If it has not for three leases, it has crashed, or the
    /// store's times are wrong and the waiting would never end.
    private func acquireColumns(holder: String) async throws -> TakenLock {
        var seen: (number: Int?, since: ContinuousClock.Instant) = (nil, .now)
        while true {
            do {
                return try await acquire(.columns, holder: holder)
            } catch let error as StoreError {
                guard case .locked = error else { throw error }
                let last = try await numbers(of: .columns).last(client)
                if last?.number != seen.number { seen = (last?.number, .now) }
                let patience = (last?.record?.lease ?? location.lease) * 3 + .seconds(2)
                guard ContinuousClock.now - seen.since < patience else { throw error }
                try await Task.sleep(for: min(location.lease / 8, .milliseconds(500)))
            }
        }
    }

    private typealias TakenLock = (held: ObjectLock, left: LockRecord?)

    private func acquire(
        _ lock: StateLayout.Lock, holder: String, _ declaration: LockDeclaration? = nil
    ) async throws -> TakenLock {
        let units: [String]? = if case .share(let share) = lock { share.unitNames } else { nil }
        return try await ObjectLock.acquire(
            client, numbers(of: lock), destination: name, holder: holder, units: units, declaration: declaration,
            lease: location.lease)
    }

    /// Holds a lock while `body` runs, and cleans up after a crashed run that held it.
    private func hold<Result: Sendable>(
        _ taken: TakenLock, _ body: (ObjectLock) async throws -> Result
    ) async throws -> Result {
        let (held, left) = taken
        locks.push(held)
        defer { locks.pop() }
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await held.keep() }
            group.addTask { await held.tidy() }
            let outcome: Swift.Result<Result, any Error>
            do {
                if let left {
                    logger.notice("taking over the lock of a run that died", metadata: ["holder": "\(left.holder)"])
                }
                try await clearUpCommit(held)
                outcome = .success(try await body(held))
            } catch {
                outcome = .failure(error)
            }
            // Files that cannot be removed now are removed by the next run. The result of `body` takes precedence.
            try? await clearUpCommit(held)
            group.cancelAll()
            await held.release()
            return try outcome.get()
        }
    }

    /// The locks of the destination that have ever been taken.
    func takenLocks() async throws -> Set<StateLayout.Lock> {
        let digits = LockNumbers.suffixLength
        var locks: Set<StateLayout.Lock> = []
        try await client.forEachKey(key(StateLayout.Lock.share(.whole).path), most: ListingCheck.maximumNames) { key in
            guard let path = path(ofKey: key), path.utf8.count > digits else { return }
            // Digits are never part of a grapheme cluster.
            let name = String(decoding: path.utf8.dropLast(digits), as: UTF8.self)
            guard let lock = StateLayout.Lock(path: name), numbers(of: lock).number(ofKey: key) != nil else { return }
            locks.insert(lock)
        }
        return locks
    }

    /// Refuses to continue if a run with an overlapping share is in progress. The lock of such a run that seems to have crashed is taken
    /// and released, so that the run notices if it was only delayed.
    /// - Throws: `StoreError.locked`, `otherRun` if a run with another declaration is in progress.
    private func takeOverOthers(than share: Share, holder: String, _ declaration: LockDeclaration?) async throws {
        let own = StateLayout.Lock.share(share)
        for lock in try await takenLocks() where lock.path != own.path && lock != .columns {
            guard let last = try await numbers(of: lock).last(client) else { continue }
            let record = last.record
            let other: Share =
                switch lock {
                case .share(let share): share
                case .someUnits: record?.units.map { .units(Set($0)) } ?? .whole
                case .columns: .whole
                }
            guard record?.isReleased != true else { continue }
            guard other.overlaps(share) else {
                if case .refuse = LockDecision.about(record, token: "", age: last.object.age, now: .now) {
                    try declaration?.check(against: record?.declaration, at: name)
                }
                continue
            }
            try await hold(acquire(lock, holder: holder)) { _ in }
        }
    }

    /// Removes the files of an unfinished commit that no manifest lists.
    private func clearUpCommit(_ held: ObjectLock) async throws {
        guard let commit = await held.underWay else { return }
        let store = client.held(by: held)
        let content = try await store.get(key(StateLayout.manifest(commit.window)))?.content
        let manifest = try? manifest(ofWindow: commit.window, in: content)
        // The files of a damaged manifest are unknown. They are replaced when the window is exported again.
        if content == nil || manifest != nil {
            let named = Set(manifest?.committedFiles.map { Array($0.path.utf8) } ?? [])
            for path in commit.paths where !named.contains(Array(path.utf8)) {
                try await held.ensure()
                try await store.delete(key(path))
            }
        }
        if content == nil, let columns = commit.columns { try await putBack(columns, held) }
        await held.end()
    }

    /// Removes the columns of a window whose commit was not finished. The next export of the window adds them again.
    private func putBack(_ columns: ColumnCatalog, _ held: ObjectLock) async throws {
        // If the columns cannot be read, the next run reports it.
        guard let catalog = try? await self.columns(), catalog != columns else { return }
        try await held.ensure()
        let (store, place) = (client.held(by: held), key(StateLayout.columns))
        if columns.columns.isEmpty { return try await store.delete(place) }
        _ = try await store.put(place, StateFile.encode(columns))
    }

    /// Aborts the uploads of crashed runs, whose invisible parts occupy space.
    private func abortUploads(_ held: ObjectLock) async throws {
        do {
            for upload in try await client.uploads(key("")) {
                // Without the lock, they would be those of another run.
                try await held.ensure()
                try await client.abort(upload)
            }
        } catch let error as StoreError where !error.isOfLock {
            // Failures do not matter, and the credentials may lack the permission.
            logger.warning("unfinished uploads of earlier runs were not aborted", metadata: ["reason": "\(error)"])
        }
    }

    public func cleanUp(_ share: Share) async {
        // Failures do not matter: a later run removes what stays.
        guard let locks = share == .whole ? try? await takenLocks() : [.share(share)] else { return }
        for lock in locks where lock != .columns {
            guard let last = try? await numbers(of: lock).last(client) else { continue }
            // A run that ends normally releases its lock and removes earlier objects.
            guard last.record?.isReleased != true || !last.outdated.isEmpty else { continue }
            try? await withLock(holder: "clearing up", share: share) {}
            return
        }
    }

    public func store(_ columns: ColumnCatalog) async throws {
        try await locks.current(name).ensure()
        _ = try await client.put(key(StateLayout.columns), StateFile.encode(columns))
    }

    public func store(_ looks: LookRecords) async throws {
        try await locks.current(name).ensure()
        _ = try await client.put(key(StateLayout.looks), StateFile.encode(looks))
    }

    public func store(_ limits: LimitRecords) async throws {
        try await locks.current(name).ensure()
        _ = try await client.put(key(StateLayout.limits), StateFile.encode(limits))
    }

    public func record(_ run: RunRecord) async throws {
        let store = client.uncancelled
        guard try await store.hasKeys(key("\(StateLayout.windows)/")) else { return }
        try await locks.current(name).ensure()
        _ = try await store.put(key(StateLayout.runRecord(run.run)), StateFile.encode(run))
    }
}

extension StoreError {
    fileprivate var isOfLock: Bool {
        switch self {
        case .lockLost, .locked: true
        default: false
        }
    }
}
