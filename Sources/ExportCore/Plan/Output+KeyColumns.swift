extension Output {
    /// The columns that identify and order rows. Unchanged rows have them under their own names.
    ///
    /// Rows of tables other than conversations are not identified: only the start of their conversation is checked.
    public var keyColumns: Manifest.File.KeyColumns {
        .init(id: table == .conversations ? column(of: "id") : nil, startedAt: column(of: table.startedAtField))
    }

    private func column(of field: String) -> String? {
        // A hash is neither an id nor a time.
        guard !privacy.excludes([field]), !privacy.hashes([field]) else { return nil }
        guard let columns else { return field }
        for case .column(let column) in columns where column.path == [field] && column.type != .json {
            return column.name
        }
        return nil
    }
}
