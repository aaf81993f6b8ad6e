import ExportCore
import ExportFormats

/// Checks that rows have the detail requested with `full`, and finds values that should be lists but are not.
///
/// A row that fits both shapes, such as one without any of the fields, is not judged.
struct DetailCheck: Sendable {
    enum Finding: Equatable {
        /// The row has the other detail.
        case notApplied
        /// The field should hold a list, but holds something else.
        case noList(field: String)
    }

    /// The top-level fields that are checked: each list, and the number that replaces it in a lean row.
    static let fields = lists.flatMap { [$0.list, $0.count] }
    private static let lists = [(list: "messages", count: "message_count"), (list: "feedbacks", count: "feedback_count")]

    let detail: Source.Detail
    /// The number of fields that the caller scans before these.
    let first: Int

    /// The first error in a row.
    func finding(in page: ScannedPage, row: Int, of text: Span<UInt8>) -> Finding? {
        for (index, names) in Self.lists.enumerated() {
            let list = page.value(first + 2 * index, ofRow: row)
            let count = page.value(first + 2 * index + 1, ofRow: row).flatMap { JSONText.int64(text, $0) }
            switch (detail, list) {
            case (.full, nil):
                if count != nil { return .notApplied }
            case (.full, let list?):
                if JSONText.kind(text, list) != .array { return .noList(field: names.list) }
            case (.lean, let list?):
                // An empty list beside its number does not contradict a lean row.
                if JSONText.kind(text, list) == .array, count == nil || hasElements(list, text) { return .notApplied }
            case (.lean, nil):
                break
            }
        }
        return nil
    }

    private func hasElements(_ list: Range<Int>, _ text: Span<UInt8>) -> Bool {
        var found = false
        JSONText.forEachElement(of: list, in: text) { _ in found = true }
        return found
    }
}
