import ExportCore
import ExportStore

/// Takes over a destination that the same pipeline has written under another name: the manifests get the new name, and nothing else
/// changes.
struct Adoption: Sendable {
    let plan: ExportPlan
    let destination: any PersistentDestination

    /// - Parameter holder: What other runs are told of the one that holds the destination.
    /// - Returns: How many windows were taken over.
    /// - Throws: `StoreError`, `CancellationError`.
    func run(holder: String) async throws -> Int {
        guard try await destination.check(every: plan.windowing.every) != nil else { return 0 }
        let declaration = LockDeclaration(pipeline: plan.pipeline, every: plan.windowing.every)
        return try await destination.withLock(holder: holder, share: .whole, for: declaration) {
            var taken = 0
            for key in try await destination.windowKeys() {
                try Task.checkCancellation()
                guard var manifest = try await destination.manifest(ofWindow: key), manifest.pipeline != plan.pipeline else {
                    continue
                }
                manifest.pipeline = plan.pipeline
                try await destination.commit(manifest, columns: nil, keeping: Set(manifest.committedFiles.indices))
                taken += 1
            }
            return taken
        }
    }
}
