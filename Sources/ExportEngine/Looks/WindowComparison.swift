public import ExportCore
import ExportFormats

/// The result of a look at a window.
public struct WindowComparison: Sendable, Hashable {
    /// The window's key.
    public var window: String
    /// The kind of comparison. No more is claimed.
    public var compared: Compared
    /// Ids of rows that the service has, and the window has not.
    public var came: [Int64] = []
    /// Ids of rows that the window has, and the service has not.
    public var went: [Int64] = []
    /// Ids of rows that both have, and that differ.
    public var changed: [Int64] = []
    /// Whether its fields could have been compared, and were not, because a window at this endpoint still differed after its export.
    public var leavesOutFields = false
    /// Fields that are not compared, because rows without transcripts lack them or show them otherwise than whole rows, in order.
    public var fieldsLeftOut: [String] = []
    /// Why the window could not be compared. Nil where it was.
    public var obstacle: Obstacle?
    /// Top-level keys that the service's rows have, and those of the window had not when it was exported: the first of them, in order.
    /// They are no difference. Empty where the window differs, too: it is exported again with them.
    public var newKeys: [String] = []

    /// The part of the rows that was compared.
    public enum Compared: Hashable, Sendable {
        case fields(LookKind)
        /// Whether the same rows are there.
        case ids
        /// How many rows there are.
        case count(onServer: Int, inExport: Int)
        /// The counts that differ. Empty if all agree.
        case counts([CountDifference])

        /// Whether it was counts that were compared, and not rows.
        public var isOfCounts: Bool { if case .counts = self { true } else { false } }

        /// Whether no field was compared, but only which rows there are, or how many.
        public var isOfIDs: Bool {
            switch self {
            case .ids, .count: true
            case .fields, .counts: false
            }
        }
    }

    /// A reason why a window could not be compared.
    public enum Obstacle: Sendable, Hashable {
        /// Its rows changed while they were listed.
        case changedMeanwhile
        case doesNotAddUp(WalkBudgetExceeded)
        /// Ids that the service lists at more than one time.
        case listedTwice([Int64])
        /// Its counts changed while they were compared, or a predicate has not shown yet what it is worth.
        case countsUnsettled
    }

    /// Whether the window was compared. Its rows may have changed meanwhile, or the service's responses may contradict each other.
    public var wasMade: Bool { obstacle == nil }

    /// Whether the service has other rows than the window.
    public var differs: Bool {
        switch compared {
        case .count(let server, let export) where server != export: return true
        case .counts(let counts) where !counts.isEmpty: return true
        case .count, .counts, .fields, .ids: break
        }
        return !(came.isEmpty && went.isEmpty && changed.isEmpty)
    }

    /// The numbers of rows that differ; where counts were compared, the least that explains them.
    public var changes: RowChanges {
        switch compared {
        case .count(let server, let export):
            return RowChanges(came: max(0, server - export), went: max(0, export - server), changed: 0)
        case .counts(let counts): return counts.changes
        case .fields, .ids: break
        }
        return RowChanges(came: came.count, went: went.count, changed: changed.count)
    }

    /// Compares rows of a window with those that the service has.
    mutating func compare(_ rows: [RowDigest], with served: [RowDigest], _ part: DigestPart?) {
        var (own, other) = (rows.makeIterator(), served.makeIterator())
        var (left, right) = (own.next(), other.next())
        while true {
            switch (left, right) {
            case (nil, nil): return
            case (let row?, let found) where found.map({ row.id < $0.id }) ?? true:
                went.append(row.id)
                left = own.next()
            case (let row, let found?) where row.map({ found.id < $0.id }) ?? true:
                came.append(found.id)
                right = other.next()
            case (let row?, let found?):
                if let part, row[part] != found[part] { changed.append(row.id) }
                (left, right) = (own.next(), other.next())
            default: return
            }
        }
    }
}
