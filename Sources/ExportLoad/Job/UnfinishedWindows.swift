import ExportStore

/// What keeps the manifests of a destination from telling of all of its windows: a run that is at work, or commits that a run which was
/// killed has left half-way. While a window is committed, its old manifest is gone and the new one is not there yet.
struct UnfinishedWindows: Sendable {
    /// Whether a run is at work. It may be at any window.
    var isRunAtWork = false
    /// What the run that is at work calls itself.
    var holder: String?
    /// The windows that a dead run has left, by the bytes of their keys. Nil: it may have been at any window.
    var left: Set<[UInt8]>? = []

    /// Looks at a destination, and keeps what was seen before.
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

    /// Why a window may be there although it has no manifest. Nil: it is gone.
    func reason(_ key: String) -> String? {
        if isRunAtWork { return Self.atWork }
        return left?.contains(Array(key.utf8)) ?? true ? Self.leftOver : nil
    }

    /// Why a window is no damaged one although its manifest and its files do not fit each other. Nil: it is damaged.
    func reasonForDamage(_ key: String) -> String? { left == nil && !isRunAtWork ? nil : reason(key) }

    private static let atWork =
        "a run is at work in the destination and may be writing this window: load again when it has ended."
    private static let leftOver =
        "a run ended before it had finished this window: run the pipeline, which finishes it, and load again."
}
