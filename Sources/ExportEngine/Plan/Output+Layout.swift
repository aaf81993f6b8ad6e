public import ExportCore
public import ExportFormats

extension Output {
    /// The columns of the output with what has been discovered; nil for rows as they came.
    /// - Parameter agent: Whose rows these are, for its column.
    /// - Throws: where two columns have one name.
    public func layout(detail: Source.Detail, _ catalog: ColumnCatalog, agent: String? = nil) throws(LayoutError) -> TableLayout? {
        let fields = table.fields(detail: detail)
        guard let columns = columns ?? (format.traits.keepsRows ? nil : fields.map { .column(Column(path: [$0.name])) }) else {
            return nil
        }
        let known = catalog.columns(of: table).filter { !privacy.removes($0.path) }
        let types = Dictionary(
            known.map { (ColumnCatalog.bytes(table, $0.path), $0.type) }, uniquingKeysWith: { first, _ in first })
        return try TableLayout(
            columns.map { typed($0, fields, types) },
            known: known.map { TableLayout.KnownKey(path: $0.path, type: privacy.hashes($0.path) ? .string : $0.type) },
            fields: fields.map(\.name), agent: agent)
    }

    /// A column whose type is not declared has its field's, or that which was inferred.
    private func typed(
        _ selector: ColumnSelector, _ fields: [TableField], _ known: [[[UInt8]]: ColumnType?]
    ) -> ColumnSelector {
        guard case .column(var column) = selector else { return selector }
        if privacy.hashes(column.path) {
            column.type = .string
            return .column(column)
        }
        guard column.type == nil else { return selector }
        column.type =
            column.path.count == 1
            ? fields.first { $0.name == column.path[0] }?.type : known[ColumnCatalog.bytes(table, column.path)] ?? nil
        return .column(column)
    }
}

extension ExportPlan {
    /// The columns of each output, with the discovered ones. `nil` for outputs that have the rows as the service sent them.
    /// - Throws: `LayoutError` if two columns have the same name.
    public func layouts(_ catalog: ColumnCatalog) throws -> [TableLayout?] {
        try outputs.map { try $0.layout(detail: source.detail, catalog) }
    }
}
