public import ExportCore
public import ExportFormats
public import ExportStore

/// A problem in one place of a destination.
public struct VerifyProblem: Sendable, Hashable {
    /// The window's key. Nil for what belongs to none.
    public let window: String?
    /// From the destination on. Nil for what is wrong with the window as a whole.
    public let path: String?
    /// The kind of problem.
    public let fault: Fault

    /// A kind of problem of an export.
    public enum Fault: Sendable, Hashable {
        // Manifests
        case unreadableManifest
        /// It is of a format that this version does not know; so may be columns and run records.
        case newer(format: Int)
        case wrongKey(String)
        case otherPipeline(String)
        case overlap(with: String)
        case notProved(countAfter: Int, distinctIDs: Int)
        /// Files of one table that do not have the same number of rows.
        case unequalRows(Int, first: Int)
        /// A table of conversations with another number of rows than was proved.
        case unprovedRows(Int, distinctIDs: Int)

        // Files
        case missing
        /// The digests of a window, which looks compare with.
        case digests
        case unreadable(StoreError)
        case size(Int, written: Int)
        case bytes
        case compression(InflateError)
        case content
        case format(RowReadError)
        case rows(Int, written: Int)
        case noID(row: Int)
        case repeatedID(row: Int)
        case noTime(row: Int)
        case outsideWindow(row: Int)
        case outOfOrder(row: Int)

        // Problems outside the windows
        case unlisted
        case shared
        case leftover
        case unreadableColumns
        case lostColumns(Int, discovered: Int)
        case unreadableRun
        /// A run of the declaration would not write there.
        case refused(StoreError)

        // The service
        case notInExport(count: Int, ids: [Int64])
        case goneFromServer(count: Int, ids: [Int64])
        case changedOnServer(count: Int, ids: [Int64])
        case otherCount(onServer: Int, inExport: Int)
        case otherCounts([CountDifference])
        case countsUnsettled
        case listedTwice(count: Int, ids: [Int64])
        case changedDuringCheck
        case doesNotAddUp(WalkBudgetExceeded)
    }

    init(_ fault: Fault, window: String? = nil, path: String? = nil) {
        self.fault = fault
        self.window = window
        self.path = path
    }

    /// A destination that a run of the declaration would refuse.
    public init(refused error: StoreError) { self.init(.refused(error)) }
}

extension VerifyProblem {
    /// The problem in words, without its place.
    public var words: String {
        switch fault {
        case .unreadableManifest: "the manifest cannot be read or has been changed"
        case .newer(let format):
            "written by a newer version of agentsight-export (format \(format)): upgrade this version to check it"
        case .wrongKey(let key): "the manifest belongs to window \(key)"
        case .otherPipeline(let name): "the window belongs to the pipeline “\(name)”"
        case .overlap(let other): "the window's span overlaps that of window \(other)"
        case .notProved(let count, let ids) where count == ids:
            "not proved: \(Self.rows(ids)) written, as many as the service counted, but its responses contradicted each other"
        case .notProved(let count, let ids): "not proved: \(Self.rows(ids)) written, but the service counted \(count)"
        case .unequalRows(let rows, let first): "\(Self.rows(rows)), but the first file of the table has \(first)"
        case .unprovedRows(let rows, let ids): "\(Self.rows(rows)), but \(ids) were proved"
        case .missing: "the file is missing"
        case .digests:
            "the digests are missing or have been changed: the next look compares the rows of the export, or only their ids"
        case .unreadable(let error): "cannot be read: \(error.reason)"
        case .size(let size, let written): "the file has \(size) bytes; the manifest says \(written)"
        case .bytes: "the file has been changed: its SHA-256 differs from the manifest"
        case .compression(let error): "\(error)"
        case .content: "the content has been changed: its SHA-256 differs from the manifest"
        case .format(let error): "\(error)"
        case .rows(let rows, let written): "the file has \(Self.rows(rows)); the manifest says \(written)"
        case .noID(let row): "row \(row) has no integer id"
        case .repeatedID(let row): "row \(row) has the same id as an earlier row"
        case .noTime(let row): "row \(row) has no started_at"
        case .outsideWindow(let row): "row \(row) started outside the window"
        case .outOfOrder(let row): "row \(row) breaks the order of started_at, then id"
        case .unlisted: "the file belongs to no window"
        case .shared: "the file also belongs to another window or output"
        case .leftover:
            "not part of an export: left by a killed run, in which case the next run removes it, or created by another program"
        case .unreadableColumns: "the columns cannot be read or have been changed"
        case .lostColumns(let columns, let discovered):
            "\(columns) columns, but \(discovered) had been discovered: some are missing"
        case .refused(let error): "a run refuses this destination: \(error)"
        case .unreadableRun: "the run record cannot be read or has been changed"
        case .notInExport(let count, let ids):
            "\(Self.rows(count)) in the service \(Self.are(count)) not in the export: \(Self.list(ids, of: count))"
        case .goneFromServer(let count, let ids):
            "\(Self.rows(count)) of the export \(Self.are(count)) gone from the server: \(Self.list(ids, of: count))"
        case .changedOnServer(let count, let ids):
            "\(Self.rows(count)) \(Self.have(count)) changed in the service since the export: \(Self.list(ids, of: count))"
        case .otherCount(let server, let export): "the server has \(Self.rows(server)), the export \(export)"
        case .otherCounts(let counts): counts.words
        case .countsUnsettled:
            """
            not compared: its counts changed during the look, or it is not known yet whether the service's counts can be used; a lean \
            look compares the rows
            """
        case .listedTwice(let count, let ids):
            "the server lists \(Self.rows(count)) more than once, with different times: \(Self.list(ids, of: count))"
        case .doesNotAddUp(let excess):
            "the server's list does not add up: \(excess.requests) requests returned \(excess.rows) rows, although it counted \(excess.count)"
        case .changedDuringCheck: "the rows in the service change too fast to compare them; try again"
        }
    }

    private static func rows(_ count: Int) -> String { "\(count) row\(count == 1 ? "" : "s")" }

    private static func are(_ count: Int) -> String { count == 1 ? "is" : "are" }

    private static func have(_ count: Int) -> String { count == 1 ? "has" : "have" }

    private static func list(_ ids: [Int64], of count: Int) -> String {
        (count == 1 ? "id " : "ids ") + ids.map(String.init).joined(separator: ", ") + (count > ids.count ? ", …" : "")
    }
}
