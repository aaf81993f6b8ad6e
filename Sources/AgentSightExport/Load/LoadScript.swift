import ExportCore
import ExportEngine
import ExportStore
import ExportWarehouse
import Logging

/// The script that loads the committed windows of an export, for people to run.
struct LoadScript {
    let plan: ExportPlan
    let system: WarehouseSystem
    let namespace: String?
    let prefix: String
    let filesAt: String?
    let allowsUnsettled: Bool

    /// Writes it to standard output.
    /// - Throws: `CommandFailure`, `StoreError`.
    func print(_ logger: Logger) async throws -> ExitStatus {
        let script = try await OpenDestination.with(plan.destination, logger: logger) { destination in
            try await destination.check(pipeline: plan.pipeline, every: plan.windowing.every)
            return try await text(of: destination)
        }
        try StandardOutput.write(exactly: script)
        return .done
    }

    private func text(of destination: any ReadableDestination) async throws -> String {
        let catalog = try await destination.columns()
        let layouts = try plan.layouts(catalog)
        let files = try system.files(of: plan.destination, at: filesAt, isRead: true)
        var manifests: [Manifest] = []
        for key in try await destination.windowKeys() {
            guard let manifest = try await destination.manifest(ofWindow: key) else {
                throw CommandFailure.unreadableManifest(ofWindow: key, in: destination)
            }
            if manifest.status == .proved || allowsUnsettled { manifests.append(manifest) }
        }
        if GuardedScript.takes(system) {
            return try GuardedScript(
                plan, layouts: layouts, for: system, in: namespace, prefix: prefix, files: files
            ).text(loading: manifests)
        }
        guard plan.agents.isEmpty else {
            throw CommandFailure(
                "the statements for \(system.rawValue) replace rows by their time, which would affect all agents: use load without --print.",
                .wrongCommand)
        }
        guard prefix.isEmpty else {
            throw CommandFailure("--prefix: the statements for \(system.rawValue) have no prefix.", .wrongCommand)
        }
        let script = try WarehouseScript(plan, layouts: layouts, for: system, in: namespace, files: files)
        return script.definitions + (try script.load(manifests))
    }
}
