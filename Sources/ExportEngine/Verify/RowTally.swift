import ExportCore
import ExportFormats

/// Counts the rows of a file, and looks at their ids and times where the file has them.
///
/// Holds the ids of one file of one window, and nothing of the others.
struct RowTally {
    private let keys: Manifest.File.KeyColumns
    private let window: TimeRange
    private(set) var rows = 0
    /// The first thing that is wrong.
    private(set) var fault: VerifyProblem.Fault?
    private var ids: Set<Int64> = []
    private var last: RowKey?

    init(_ file: Manifest.File, in window: TimeRange) {
        keys = file.keys
        self.window = window
    }

    mutating func take(_ row: WrittenRow) {
        rows += 1
        if fault == nil { fault = look(at: row) }
    }

    private mutating func look(at row: WrittenRow) -> VerifyProblem.Fault? {
        if keys.id != nil {
            guard let id = row.id else { return .noID(row: rows) }
            guard ids.insert(id).inserted else { return .repeatedID(row: rows) }
        }
        guard keys.startedAt != nil else { return nil }
        guard let startedAt = row.startedAt else { return .noTime(row: rows) }
        guard window.contains(startedAt) else { return .outsideWindow(row: rows) }
        let key = RowKey(startedAt: startedAt, id: row.id ?? 0)
        defer { last = key }
        return last.map { key < $0 } ?? false ? .outOfOrder(row: rows) : nil
    }
}
