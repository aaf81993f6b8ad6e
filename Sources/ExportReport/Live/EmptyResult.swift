public import ExportCore
public import ExportEngine

/// Warnings about empty results, such as those of a misspelt metadata key, since the service does not refuse unknown keys.
public enum EmptyResult {
    /// The most columns that one warning names.
    private static let mostNamed = 20

    /// One sentence for the metadata filters, and one for the columns of each table. None if the pipeline sets `warn_if_empty: false`.
    public static func warnings(of report: RunReport, _ plan: ExportPlan) -> [String] {
        guard plan.warnsIfEmpty, report.summary.committed > 0 else { return [] }
        if report.summary.rows == 0 { return filters(of: plan, report.summary).map { [$0] } ?? [] }
        let empty = report.columnUse.empty
        return Table.allCases.compactMap { table in columns(empty.filter { $0.table == table }, of: table) }
    }

    private static func filters(of plan: ExportPlan, _ summary: RunSummary) -> String? {
        let keys = plan.filters.metadata.map { $0.key.shown() }
        guard !keys.isEmpty else { return nil }
        return """
            no conversation matched filters.metadata (\(keys.joined(separator: ", "))) in the \(Figures.count(summary.committed, "window")) \
            that this run wrote. Check the spelling of keys and values; if none is expected to match, set warn_if_empty: false
            """
    }

    private static func columns(_ empty: [ColumnUse.Column], of table: Table) -> String? {
        guard !empty.isEmpty else { return nil }
        let named = empty.prefix(mostNamed).map { "\($0.name.shown()) (\($0.path.shown()))" }
        let names = named.joined(separator: ", ") + (empty.count > mostNamed ? ", …" : "")
        return """
            \(table.rawValue): \(empty.count == 1 ? "column" : "columns") \(names) had no value in any row that this run wrote. Check the \
            spelling of \(empty.count == 1 ? "its key" : "their keys"); if no value is expected, set warn_if_empty: false
            """
    }
}
