public import ExportAPI
public import ExportCore
import ExportFormats
public import ExportStore

/// Compares the windows of a declaration with the rows that the service has. Nothing is changed.
public struct ServerCheck: Sendable {
    private let plan: ExportPlan
    private let destination: any ReadableDestination
    private let client: ServiceClient
    private let look: LookKind

    /// Creates a comparison of a destination's windows with the service.
    public init(of plan: ExportPlan, in destination: any ReadableDestination, from client: ServiceClient, look: LookKind = .lean) {
        self.plan = plan
        self.destination = destination
        self.client = client
        self.look = look
    }

    /// Compares every committed window of the declaration. A window that another declaration has written is left out: its rows
    /// were asked for with other filters.
    /// - Throws: `ServiceError`, `StoreError`, `FilterNotApplied`, `CancellationError`.
    public func run(report: (WindowComparison) throws -> Void) async throws {
        let policy = try plan.policy
        let onlyIDs = try await destination.looks().comparesOnlyIDs(look, at: plan.source.endpoint)
        let look = ServiceLook(plan: plan, destination: destination, client: client, look: look, comparesOnlyIDs: onlyIDs)
        // A window sends one request at a time, so that there are never more in flight than the plan allows.
        try await forEachInOrder(plan.windows, width: plan.fetch.concurrency) { window -> WindowComparison? in
            guard let manifest = try await destination.readableManifest(ofWindow: window.key),
                policy.asked(for: manifest)
            else { return nil }
            return try await look.run(at: manifest).comparison
        } deliver: { comparison in
            if let comparison { try report(comparison) }
        }
    }
}

extension WindowComparison {
    /// Ids that are named of those that differ.
    private static let namedIDs = 10

    /// What differs, as `verify` tells it.
    public var problems: [VerifyProblem] {
        var faults: [VerifyProblem.Fault] = []
        switch obstacle {
        case .changedMeanwhile: faults.append(.changedDuringCheck)
        case .doesNotAddUp(let excess): faults.append(.doesNotAddUp(excess))
        case .listedTwice(let ids): faults.append(.listedTwice(count: ids.count, ids: Self.first(ids)))
        case nil: break
        }
        if case .count(let server, let export) = compared, server != export {
            faults.append(.otherCount(onServer: server, inExport: export))
        }
        if !came.isEmpty { faults.append(.notInExport(count: came.count, ids: Self.first(came))) }
        if !went.isEmpty { faults.append(.goneFromServer(count: went.count, ids: Self.first(went))) }
        if !changed.isEmpty { faults.append(.changedOnServer(count: changed.count, ids: Self.first(changed))) }
        return faults.map { VerifyProblem($0, window: window) }
    }

    private static func first(_ ids: [Int64]) -> [Int64] { Array(ids.prefix(namedIDs)) }
}
