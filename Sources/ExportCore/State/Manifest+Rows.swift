extension Manifest {
    /// Identifies the window's rows: unchanged if an export or a rendering left them unchanged. Without digests, it differs for each
    /// commit.
    package var rowsIdentity: String { digests?.sha256 ?? run }

    /// When all rows of the window were last fetched, which counts as a full look.
    public var rowsExportedAt: Instant { exportedAt ?? committedAt }

    /// The file that has the window's rows unchanged: the kept rows, or else an output. `nil` if there is none.
    public var rowsFile: File? { keptRows ?? files.first(where: \.hasRowsAsTheyCame) }

    /// The rows that are kept beside the outputs, from which these can be rewritten. `nil` if none are kept.
    public var keptRows: File? { files.first { $0.path == DestinationPath.rows(window.key) } }

    /// The files of the outputs: all but the kept rows.
    public var outputFiles: [File] { files.filter { $0.path != DestinationPath.rows(window.key) } }
}

extension Manifest.File {
    /// Whether the file holds conversations as the service sent them, so that any output can be written from it.
    public var hasRowsAsTheyCame: Bool {
        table == Table.conversations.rawValue && columns == nil && altered != true
            && Output.Format(rawValue: format)?.traits.keepsRows ?? false
    }
}
