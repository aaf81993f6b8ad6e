extension Manifest {
    /// Stands for the window's rows: the same where an export or a rendering left them as they were. Without digests, of each commit another.
    package var rowsIdentity: String { digests?.sha256 ?? run }

    /// When all of its rows were last fetched, which counts as a full look.
    public var rowsExportedAt: Instant { exportedAt ?? committedAt }

    /// The file that has the window's rows as they came: those that are kept, or else an output's. Nil where none has.
    public var rowsFile: File? { keptRows ?? files.first(where: \.hasRowsAsTheyCame) }

    /// The rows that are kept beside the outputs, so that these can be written from them. Nil where none are.
    public var keptRows: File? { files.first { $0.path == DestinationPath.rows(window.key) } }

    /// The files of the outputs: all but the kept rows.
    public var outputFiles: [File] { files.filter { $0.path != DestinationPath.rows(window.key) } }
}

extension Manifest.File {
    /// Whether it holds conversations as the service sent them, so that any output can be written from it.
    public var hasRowsAsTheyCame: Bool {
        table == Table.conversations.rawValue && columns == nil && altered != true
            && Output.Format(rawValue: format)?.traits.keepsRows ?? false
    }
}
