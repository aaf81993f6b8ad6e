import ExportCore
import ExportStore

extension ColumnPlan {
    init(of plan: ExportPlan, _ catalog: ColumnCatalog, isFixed: Bool = false) {
        self.init(plan.outputs, detail: plan.source.detail, catalog: catalog, isFixed: isFixed)
    }
}

extension ExportPlan {
    /// Whether keys of rows become columns.
    var discoversColumns: Bool { !ColumnPlan(of: self, ColumnCatalog()).discoveries.isEmpty }

    /// The place of an output that has the rows as they came.
    var rowsOutput: Int? {
        outputs.firstIndex {
            $0.table == .conversations && $0.format.traits.keepsRows && $0.columns == nil && !$0.privacy.changesRows
        }
    }

    /// The same, with an output of the rows as they came where they may have to be written once more.
    var keepingRows: ExportPlan {
        guard keepsRows || discoversColumns, rowsOutput == nil else { return self }
        var plan = self
        plan.outputs.append(.keptRows)
        plan.windows = windows.map { $0.with(paths: $0.paths + [StateLayout.rows($0.key)]) }
        return plan
    }
}

extension Output {
    /// The rows of a window as they came, beside its outputs.
    static let keptRows = Output(
        table: .conversations, format: .ndjson, compression: .gzip(level: nil), path: StateLayout.rows("{window}"), columns: nil,
        dialect: .warehouse)

    /// Whether it is the rows that are kept beside the declared outputs.
    var isKeptRows: Bool { path.startsExactly(with: "\(StateLayout.rows)/") }
}
