public import ExportCore
public import ExportStore

/// Finds the windows of a destination that the declaration no longer has, and removes them: those before a later `from`, or of an agent
/// that was renamed.
public struct Pruning: Sendable {
    private let plan: ExportPlan
    private let destination: any PersistentDestination

    /// A window that is in no declaration.
    public struct Undeclared: Sendable, Hashable {
        /// The window's key.
        public let key: String
        /// The paths of its files. Nil where its manifest cannot be read: it is left as it is.
        public let files: [String]?
        /// The size of its files.
        public let bytes: Int
    }

    /// Creates the pruning of a destination.
    public init(of plan: ExportPlan, in destination: any PersistentDestination) {
        (self.plan, self.destination) = (plan, destination)
    }

    /// The keys of the windows that the declaration does not have, in order.
    public func keys() async throws -> [String] {
        let declared = Set(plan.windows.map(\.key))
        return try await destination.windowKeys().filter { !declared.contains($0) }
    }

    /// The windows that the declaration does not have, in order. Nothing is changed.
    /// - Throws: `StoreError`, also where another declaration has written to the destination; `CancellationError`.
    public func undeclared() async throws -> [Undeclared] {
        try await destination.check(pipeline: plan.pipeline, every: plan.windowing.every)
        var windows: [Undeclared] = []
        for key in try await keys() {
            let manifest = try await destination.readableManifest(ofWindow: key)
            windows.append(
                Undeclared(
                    key: key, files: manifest?.files.map(\.path), bytes: manifest?.files.map(\.bytes).clampedSum ?? 0))
        }
        return windows
    }

    /// Removes the windows that the declaration does not have.
    /// - Parameter holder: What other runs are told of the one that holds the destination.
    /// - Returns: Those that were removed.
    /// - Throws: `PruningRefused`, `StoreError`, `CancellationError`.
    public func delete(holder: String) async throws -> [Undeclared] {
        let declaration = LockDeclaration(pipeline: plan.pipeline, every: plan.windowing.every)
        return try await destination.withLock(holder: holder, share: .whole, for: declaration) {
            let windows = try await undeclared()
            let standing = try await destination.windowKeys().count
            guard windows.isEmpty || windows.count < standing else {
                throw PruningRefused(destination: destination.name)
            }
            let declared = Set(plan.windows.flatMap(\.paths).map { Array($0.utf8) })
            var removed: [Undeclared] = []
            for window in windows where window.files != nil {
                try Task.checkCancellation()
                guard var manifest = try await destination.readableManifest(ofWindow: window.key) else { continue }
                // A file of a declared window is not removed with another.
                manifest.files.removeAll { declared.contains(Array($0.path.utf8)) }
                try await destination.remove(manifest)
                removed.append(window)
            }
            return removed
        }
    }
}

/// Nothing of what stands is declared: more likely than not the file is wrong.
public struct PruningRefused: Error, Sendable, Hashable, CustomStringConvertible {
    /// The destination's name.
    public let destination: String

    public var description: String {
        """
        none of the windows in \(destination) is declared, so prune would remove all of them. Nothing was removed. Check window.from, \
        window.to and source.agents, or remove the destination itself.
        """
    }
}
