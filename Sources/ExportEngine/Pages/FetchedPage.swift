import ExportCore
import ExportFormats

/// A parsed page of the list: the properties that the walk uses, and its rows, ready to be kept.
struct FetchedPage: WalkPage {
    let response: ListResponse
    /// The rows in the order of the response, minified, each with a line feed.
    let rows: [UInt8]
    /// The end of each row in `rows`, including its line feed.
    let ends: [Int]
    /// Keys that the rows have below the flattened fields, one for each table whose columns are discovered.
    let keys: [KeyDiscovery]

    /// A page out of range, because the set has shrunk.
    static let outOfRange = FetchedPage(response: ListResponse(count: 0, hasNext: false, rows: []), rows: [], ends: [], keys: [])

    /// A substitute for the response of a service that refuses to list rows without pages.
    static let noList = outOfRange

    func extent(ofRow row: Int) -> Range<Int> {
        (row == 0 ? 0 : ends[row - 1])..<ends[row]
    }
}

/// The error of a response that does not match the request. An export of it would contain the wrong rows.
public struct FilterNotApplied: Error, Sendable, Hashable, CustomStringConvertible {
    /// The parameter that the service did not apply.
    public let filter: String

    /// The parameter that requests a detail.
    static let detail = "full"

    public var description: String {
        guard filter != Self.detail else {
            return """
                the service did not apply “full”: it returned a row with another detail than source.detail. This window was not \
                committed. Set source.detail to the detail that this deployment returns: full for rows with their messages, lean \
                for rows with counts instead.
                """
        }
        let advice =
            filter.startsExactly(with: "started_at_")
            ? "no window can be exported without time ranges" : "remove the filter if the deployment does not support it"
        return """
            the service did not apply “\(filter)”: it returned a row that does not match. This window was not committed. Check \
            the deployment with `probe`; \(advice).
            """
    }
}
