public import ExportCore

/// A destination whose windows stay, and which one run at a time writes to: a folder, or a bucket.
public protocol LastingDestination: Destination, ReadableDestination {
    /// Refuses a place where nothing can be written, or that another declaration has written to. Nothing is changed.
    /// - Throws: `StoreError`.
    func check(pipeline: String, every: WindowLength) async throws
    /// Holds the destination while `body` runs, and clears up after runs that died.
    /// - Parameter holder: What another run is told of this one.
    /// - Throws: `StoreError`, and what `body` throws.
    func withLock<Result: Sendable>(holder: String, _ body: () async throws -> Result) async throws -> Result
    /// Removes what a run has left that died, unless another one is at work.
    func clearUp() async
    /// Writes what a run did. The lock is held.
    func record(_ run: RunRecord) async throws
    /// Removes all spools: where everything stands, nobody goes on from them.
    func removeSpools() throws
}
