import ExportCore

/// Ids that a walked window has more than once, at different times: the service contradicts itself, since `started_at` never changes.
///
/// The row that comes first in the order of `started_at` is written, and no other.
public struct RepeatedIDs: Sendable, Hashable {
    /// Ascending.
    public private(set) var ids: [Int64] = []
    /// Rows that are left out for it.
    public private(set) var rows = 0

    /// No id is there twice.
    public static let none = RepeatedIDs()

    /// Ids that are looked at together. A window with more has several passes, each with its share of them, so that memory does not grow with
    /// the window.
    static let idsPerPass = 1 << 20
    /// More are no slip of a service, and would have to be held in memory.
    static let maximumIDs = 1 << 20

    /// Looks for them among the rows that a window's walk came to.
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

    /// - Parameter sorted: Ids that no other pass has.
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
    /// The outcome of a walk without the rows that are not written.
    func leavingOut(_ repeated: RepeatedIDs) -> WalkOutcome {
        guard repeated != .none else { return self }
        var outcome = self
        outcome.isProved = false
        outcome.proof.distinctIDs -= repeated.rows
        return outcome
    }
}
