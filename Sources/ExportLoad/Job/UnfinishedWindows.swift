import ExportStore

/// The windows that may lack a manifest although they exist, because of a run in progress or unfinished commits of a killed run. During a
/// commit, the old manifest is gone and the new one does not exist yet.
struct UnfinishedWindows: Sendable {
    /// Whether a run is in progress, which may be committing any window.
    var isRunAtWork = false
    /// The description of the run in progress.
    var holder: String?
    /// The windows that a crashed run has left, by the bytes of their keys. `nil` if it may have been committing any window.
    var left: Set<[UInt8]>? = []

    /// Adds the unfinished windows of a destination to those found before.
    /// - Throws: `StoreError`.
    mutating func look(at destination: any ReadableDestination) async throws {
        let holders = try await destination.lockHolders()
        if let active = holders.first(where: \.isActive) { (isRunAtWork, holder) = (true, active.holder) }
        if let staged = try await destination.stagedWindowKeys() {
            left?.formUnion(staged.map { Array($0.utf8) })
        } else if !holders.isEmpty {
            left = nil
        }
    }

    /// Why a window may exist although it has no manifest. `nil` if it is gone.
    func reason(_ key: String) -> String? {
        if isRunAtWork { return Self.atWork }
        return left?.contains(Array(key.utf8)) ?? true ? Self.leftOver : nil
    }

    /// Why a window may be intact although its manifest and its files do not match. `nil` if it is damaged.
    func reasonForDamage(_ key: String) -> String? { left == nil && !isRunAtWork ? nil : reason(key) }

    private static let atWork =
        "a run is at work in the destination and may be writing this window: load again when it has ended."
    private static let leftOver =
        "a run ended before it had finished this window: run the pipeline, which finishes it, and load again."
}
