import ExportCore
import ExportFormats

/// One answer of the list, read: what the walk needs of it, and its rows ready to be kept.
struct FetchedPage: WalkPage {
    let response: ListResponse
    /// The rows in the order of the answer, minified, each with a line feed.
    let rows: [UInt8]
    /// Where each row ends in `rows`, its line feed included.
    let ends: [Int]
    /// Keys that the rows have below the flattened fields, one for each table whose columns are discovered.
    let keys: [KeyDiscovery]

    /// A page out of range: the set is smaller than it was.
    static let outOfRange = FetchedPage(response: ListResponse(count: 0, hasNext: false, rows: []), rows: [], ends: [], keys: [])

    /// A substitute for the response of a service that refuses to list rows without pages.
    static let noList = outOfRange

    func extent(ofRow row: Int) -> Range<Int> {
        (row == 0 ? 0 : ends[row - 1])..<ends[row]
    }
}

/// The server gave what was not asked for. Exporting it would pass off one set for another.
public struct FilterNotApplied: Error, Sendable, Hashable, CustomStringConvertible {
    /// The parameter that was not honoured.
    public let filter: String

    /// The parameter that asks for a detail.
    static let detail = "full"

    public var description: String {
        guard filter != Self.detail else {
            return """
                the service did not apply “full”: it returned a row with another detail than source.detail. This window was not \
                committed. Set source.detail to the detail that this deployment returns: full for rows with their messages, lean \
                for rows with counts instead.
                """
        }
        return """
            the service did not apply “\(filter)”: it returned a row that does not match. This window was not committed. Check \
            the deployment with `probe`, and remove the filter if the deployment does not support it.
            """
    }
}
