/// Decides which windows are prepared for a patch, and when: a few at a time, in the order of time, each before it is fetched.
struct PatchOrder: Sendable {
    /// Windows whose rows were not read yet, in the order of time.
    private var left: [Int]
    private var preparing: Set<Int> = []
    /// Windows that are prepared but not fetched.
    private var prepared: [Int: PreparedPatch] = [:]

    /// Creates the order of the windows to patch.
    /// - Parameter windows: Their places, in the order of time.
    init(_ windows: [Int]) { left = windows.reversed() }

    /// The first window that may not be fetched yet. `nil` if all may.
    var barrier: Int? { [preparing.min(), left.last].compactMap(\.self).min() }

    /// Windows that may have rows in a spool.
    var begun: Set<Int> { preparing.union(prepared.keys) }

    /// The next window to prepare.
    /// - Parameter limit: The maximum number of windows that are prepared but not fetched.
    mutating func next(limit: Int) -> Int? {
        guard preparing.count + prepared.count < limit, let window = left.popLast() else { return nil }
        preparing.insert(window)
        return window
    }

    mutating func prepared(_ window: Int, _ patch: PreparedPatch?) {
        preparing.remove(window)
        prepared[window] = patch
    }

    mutating func take(_ window: Int) -> PreparedPatch? { prepared.removeValue(forKey: window) }
}
