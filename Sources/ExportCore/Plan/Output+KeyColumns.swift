extension Output {
    /// The columns by which rows can be told apart and put in order. Rows as they came have them under their own names.
    ///
    /// Rows of other tables than conversations are not looked at one by one: only that their conversation started in the window.
    public var keyColumns: Manifest.File.KeyColumns {
        .init(id: table == .conversations ? column(of: "id") : nil, startedAt: column(of: table.startedAtField))
    }

    private func column(of field: String) -> String? {
        // A hash is no id, and no time.
        guard !privacy.excludes([field]), !privacy.hashes([field]) else { return nil }
        guard let columns else { return field }
        for case .column(let column) in columns where column.path == [field] && column.type != .json {
            return column.name
        }
        return nil
    }
}
