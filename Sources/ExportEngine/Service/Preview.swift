public import ExportAPI
public import ExportCore
import ExportFormats

/// A preview of an output: a few rows as they would be written.
public struct Preview: Sendable {
    let plan: ExportPlan
    /// The index of the output among the plan's.
    let output: Int
    let columns: ColumnCatalog

    /// Creates the preview of one output.
    /// - Parameters:
    ///   - output: Its index among the plan's outputs, from 0.
    ///   - columns: The columns that the destination has.
    public init(_ plan: ExportPlan, output: Int, columns: ColumnCatalog = ColumnCatalog()) {
        self.plan = plan
        self.output = output
        self.columns = columns
    }

    /// The first rows of the plan's span, uncompressed.
    ///
    /// If the server ignores `ordering`, they are the first rows that it returns.
    /// - Parameters:
    ///   - rows: The maximum number of rows, 1 to 100.
    ///   - page: The number of the page of that size, from 1.
    /// - Returns: The text and its number of rows. Empty if the plan has no windows.
    /// - Throws: `ServiceError`, `FilterNotApplied`, `CancellationError`.
    public func rows(_ rows: Int, page: Int, from client: ServiceClient) async throws -> (text: [UInt8], rows: Int) {
        guard let first = plan.windows.first, let span = plan.span else { return ([], 0) }
        var columns = ColumnPlan([plan.outputs[output]], detail: plan.source.detail, catalog: self.columns)
        try await columns.addNamedKeys(from: client)
        let query = ListQuery(after: span.start, before: span.end, page: page, pageSize: rows)
        let reader = PageReader(filters: plan.filters, detail: plan.source.detail, discoveries: columns.discoveries)
        let request = ServiceRequest(list: query, filters: plan.filters, detail: plan.source.detail)
        let fetched = try await client.get(request) { try reader.read($0, to: query, for: span) }.value
        let encoders = try columns.seal(first.key, keys: fetched.keys.flatMap(\.keys), agent: first.agent).encoders
        let redaction = RowRedaction(plan.outputs[output].privacy)
        var text: [UInt8] = []
        var count = 0
        for var encoder in encoders {
            encoder.appendHeader(to: &text)
            for index in fetched.response.rows.indices {
                let row = fetched.response.rows[index]
                guard plan.filters.deletedRows.wants(isDeleted: row.isDeleted), span.contains(row.startedAt) else { continue }
                let extent = fetched.extent(ofRow: index)
                var (parts, ends): ([UInt8], [Int]) = ([], [])
                let conversation = fetched.rows.span.extracting(extent.lowerBound..<extent.upperBound - 1)
                try TableRows(of: plan.outputs[output].table).append(of: conversation, to: &parts, ends: &ends)
                for (start, end) in zip([0] + ends, ends) {
                    var part = Array(parts[start..<end])
                    if let redaction {
                        let whole = part
                        part = []
                        redaction.append(row: whole.span, to: &part)
                    }
                    try encoder.append(row: part.span, to: &text)
                    count += 1
                }
            }
            try encoder.appendFooter(to: &text)
        }
        return (text, count)
    }
}
