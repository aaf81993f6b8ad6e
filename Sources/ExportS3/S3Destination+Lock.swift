public import ExportCore
import ExportStore
import Foundation
import Logging

extension S3Destination {
    public func check(pipeline: String, every: WindowLength) async throws {
        try await checkWindows(pipeline: pipeline, every: every)
    }

    public func withLock<Result: Sendable>(holder: String, _ body: () async throws -> Result) async throws -> Result {
        let (held, left) = try await ObjectLock.acquire(
            client, lockNumbers, destination: name, holder: holder, lease: location.lease)
        lock.set(held)
        defer { lock.set(nil) }
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await held.keep() }
            group.addTask { await held.tidy() }
            let outcome: Swift.Result<Result, any Error>
            do {
                if let left {
                    logger.notice("taking over from a run that died", metadata: ["holder": "\(left.holder)"])
                }
                try await clearUpCommit(held)
                try await abortUploads(held)
                outcome = .success(try await body())
            } catch {
                outcome = .failure(error)
            }
            // What cannot be cleared up now is cleared up by the next run; what `body` did counts.
            try? await clearUpCommit(held)
            group.cancelAll()
            await held.release()
            return try outcome.get()
        }
    }

    /// Removes the files of a commit that did not come to its end: those that no manifest names.
    private func clearUpCommit(_ held: ObjectLock) async throws {
        guard let commit = await held.underWay else { return }
        let store = client.held(by: held)
        let content = try await store.get(key(StateLayout.manifest(commit.window)))?.content
        let manifest = content.flatMap { try? StateFile.decode(Manifest.self, from: $0) }
        // What a damaged manifest names is not known: its files are replaced when the window is exported again.
        if content == nil || manifest != nil {
            let named = Set(manifest?.files.map(\.path) ?? [])
            for path in commit.paths where !named.contains(path) {
                try await held.ensure()
                try await store.delete(key(path))
            }
        }
        if content == nil, let columns = commit.columns { try await putBack(columns, held) }
        await held.end()
    }

    /// Takes back the columns of a window that did not come to its end: it brings them again.
    private func putBack(_ columns: ColumnCatalog, _ held: ObjectLock) async throws {
        // What cannot be read is for the next run to tell.
        guard let catalog = try? await self.columns(), catalog != columns else { return }
        try await held.ensure()
        let (store, place) = (client.held(by: held), key(StateLayout.columns))
        if columns.columns.isEmpty { return try await store.delete(place) }
        _ = try await store.put(place, StateFile.encode(columns))
    }

    /// Gives up what dead runs had begun to upload: its parts take room, and nobody sees them.
    private func abortUploads(_ held: ObjectLock) async throws {
        do {
            for upload in try await client.uploads(key("")) {
                // They would be another run's.
                try await held.ensure()
                try await client.abort(upload)
            }
        } catch let error as StoreError where !error.isOfLock {
            // Nothing depends on it, and a key may be without the right to it.
            logger.warning("uploads that earlier runs left were not given up", metadata: ["reason": "\(error)"])
        }
    }

    public func clearUp() async {
        // A run that ends in order gives its lock back, and removes what was before.
        guard let last = try? await lockNumbers.last(client) else { return }
        guard LockRecord(last.object.content)?.isReleased != true || !last.outdated.isEmpty else { return }
        // Nothing depends on it: what stays is cleared up by a run that has something to do.
        try? await withLock(holder: "clearing up") {}
    }

    public func record(_ run: RunRecord) async throws {
        let store = client.uncancelled
        guard try await !store.keys(key("\(StateLayout.windows)/"), limit: 1).keys.isEmpty else { return }
        try await lock.get(name).ensure()
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
