public import ExportCore
public import ExportStore

/// Looks at the windows of a plan in a destination, and decides what each needs.
///
/// A run looks at each window once. Where it takes the work, under the lock, it looks again at those alone that were not committed:
/// another run may have committed them until then.
public struct WindowLook: Sendable {
    private let plan: ExportPlan
    private let destination: any PersistentDestination

    /// Windows that are looked at in a destination at the same time.
    static let width = 16

    public init(of plan: ExportPlan, in destination: any PersistentDestination) throws {
        self.plan = plan
        self.destination = destination
        _ = try plan.policy
    }

    /// How windows of the plan stand in the destination, in order. The service is not asked, and nothing is changed.
    /// - Parameters:
    ///   - windows: Nil: all of the plan.
    ///   - known: How some of them stood at the first look. Those that were committed are not looked at again.
    ///   - adopting: Whether the windows may be those of a pipeline of another name.
    /// - Throws: `StoreError`, also where another declaration has written to the destination; `CancellationError`.
    public func states(
        of windows: [Window]? = nil, known: [WindowState] = [], adopting: Bool = false
    ) async throws -> [WindowState] {
        let windows = windows ?? plan.windows
        let policy = try plan.policy(looks: try await destination.looks())
        let committed = Dictionary(known.lazy.filter { $0.need == .nothing }.map { ($0.window.key, $0) }) { $1 }
        let first = adopting ? nil : try await firstCommitState(among: windows, known: committed)
        var states: [WindowState] = []
        states.reserveCapacity(windows.count)
        try await forEachInOrder(windows, width: Self.width) { window in
            if let state = committed[window.key] { return state }
            if let first, first.key == window.key { return policy.state(of: window, commitState: first.commitState) }
            return policy.state(of: window, commitState: try await destination.commitState(of: window))
        } deliver: {
            states.append($0)
        }
        return states
    }

    /// Refuses a destination of another declaration, by its first window.
    /// - Returns: The commit state of that window, if it is one of these and had to be read.
    private func firstCommitState(
        among windows: [Window], known committed: [String: WindowState]
    ) async throws -> (key: String, commitState: WindowState.CommitState)? {
        guard let key = try await destination.check(every: plan.windowing.every), committed[key] == nil else { return nil }
        guard let window = windows.first(where: { $0.key == key }) else {
            try destination.check(try await destination.manifest(ofWindow: key), isOf: plan.pipeline)
            return nil
        }
        let commitState = try await destination.commitState(of: window)
        if case .manifest(let manifest, _) = commitState { try destination.check(manifest, isOf: plan.pipeline) }
        return (key, commitState)
    }
}
