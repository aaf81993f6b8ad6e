import ExportCore

/// Ids that occur more than once in a window, at different times. The service contradicts itself, since `started_at` never changes.
///
/// Only the row with the earliest `started_at` is written.
public struct RepeatedIDs: Sendable, Hashable {
    /// The repeated ids, ascending.
    public private(set) var ids: [Int64] = []
    /// The number of rows that are left out.
    public private(set) var rows = 0

    /// The result for a window without repeated ids.
    public static let none = RepeatedIDs()

    /// The number of ids that are compared at once. A larger window takes several passes, each over a share of its ids, so that memory use
    /// does not grow with the window.
    static let idsPerPass = 1 << 20
    /// The maximum number of repeated ids, which are held in memory. More are not an occasional error of a service.
    static let maximumIDs = 1 << 20

    /// Finds repeated ids among the rows of a walked window.
    /// - Throws: `StoreError`, `EncodingError`, `CancellationError`.
    static func find(in walked: WalkedWindow, idsPerPass: Int = idsPerPass) throws -> RepeatedIDs {
        guard let ids = walked.ids else { return none }
        var found = RepeatedIDs()
        let (pieces, expected) = (Set(walked.outcome.pieces), walked.outcome.proof.distinctIDs)
        let passes = expected / idsPerPass + 1
        var counted = 0
        if passes > 1 {
            try ids.forEach(of: pieces, in: walked.spool) { _ in counted += 1 }
            try check(counted, expected)
            counted = 0
        }
        for pass in 0..<passes {
            var share: [Int64] = []
            share.reserveCapacity(min(expected, idsPerPass))
            try ids.forEach(of: pieces, in: walked.spool) { id in
                if passes == 1 || id.hashValue.magnitude % UInt(passes) == UInt(pass) { share.append(id) }
            }
            counted += share.count
            share.sort()
            found.add(repeatedIn: share)
            guard found.ids.count <= maximumIDs else { throw EncodingError.tooManyRepeatedIDs(most: maximumIDs) }
        }
        try check(counted, expected)
        found.ids.sort()
        return found
    }

    private static func check(_ counted: Int, _ expected: Int) throws {
        guard counted == expected else { throw EncodingError.rowsDiffer(written: counted, proved: expected) }
    }

    /// Adds the repeated ids of a pass.
    /// - Parameter sorted: The ids of the pass, sorted. No other pass has them.
    mutating func add(repeatedIn sorted: [Int64]) {
        var last: Int64?
        for id in sorted {
            if id == last {
                if ids.last != id { ids.append(id) }
                rows += 1
            }
            last = id
        }
    }
}

extension WalkOutcome {
    /// The outcome of a walk without the rows that are left out.
    func leavingOut(_ repeated: RepeatedIDs) -> WalkOutcome {
        guard repeated != .none else { return self }
        var outcome = self
        outcome.isProved = false
        outcome.proof.distinctIDs -= repeated.rows
        return outcome
    }
}
