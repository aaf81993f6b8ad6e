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
        guard discoversColumns, rowsOutput == nil else { return self }
        var plan = self
        plan.outputs.append(
            Output(
                table: .conversations, format: .ndjson, compression: .gzip(level: nil), path: StateLayout.rows("{window}"),
                columns: nil,
                dialect: .warehouse))
        plan.windows = windows.map { $0.with(paths: $0.paths + [StateLayout.rows($0.key)]) }
        return plan
    }
}
