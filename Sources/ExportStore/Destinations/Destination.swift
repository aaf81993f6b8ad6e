public import ExportCore

/// A destination, where windows are committed. It holds the entire state of an export.
public protocol Destination: Sendable {
    /// The name in messages: a path or a URL.
    var name: String { get }

    /// The committed state of a window.
    func commitState(of window: Window) async throws -> WindowState.CommitState
    /// The discovered columns.
    func columns() async throws -> ColumnCatalog

    /// Creates a spool for the rows of a window in progress, replacing the spool of an interrupted run.
    func makeSpool(for window: Window, fingerprint: String) throws -> Spool
    /// The rows that an interrupted run spooled for a window. `nil` if there are none to continue from.
    func spooled(_ window: Window, fingerprint: String) throws -> SpooledWindow?
    /// Creates a file of a window, by its index among the window's paths. It is not visible before the commit.
    func makeFile(_ index: Int, of window: Window) throws -> OutputFile
    /// Makes the files and the manifest of a window visible, the manifest last, replacing earlier ones.
    ///
    /// A cancelled task may end a long commit before anything is visible. From then on, the commit is completed.
    /// - Parameter kept: The indices of committed files that are left unchanged, and for which no file was created.
    func commit(_ manifest: Manifest, columns: ColumnCatalog?, keeping kept: Set<Int>) async throws
    /// Removes the files of a window that is not committed.
    /// - Parameter keepingRows: Whether a later run may continue from the spooled rows.
    func discard(_ window: Window, keepingRows: Bool) throws
}

extension Destination {
    public func spooled(_ window: Window, fingerprint: String) -> SpooledWindow? { nil }
}
