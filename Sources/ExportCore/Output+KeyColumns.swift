extension Output {
    /// The columns that hold the conversation's `id` and `started_at`. Rows as they came have both under their own names.
    public var keyColumns: Manifest.File.KeyColumns {
        guard table == .conversations else { return .init() }
        return .init(id: column(of: "id"), startedAt: column(of: "started_at"))
    }

    private func column(of field: String) -> String? {
        guard let columns else { return field }
        for case .column(let column) in columns where column.path == [field] && column.type != .json {
            return column.name
        }
        return nil
    }
}
