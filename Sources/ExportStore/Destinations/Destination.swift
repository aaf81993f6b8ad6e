public import ExportCore

/// Where windows are committed. All state of an export is here.
public protocol Destination: Sendable {
    /// For messages: a path, or a URL.
    var name: String { get }

    /// The committed state of a window.
    func commitState(of window: Window) async throws -> WindowState.CommitState
    /// The discovered columns.
    func columns() async throws -> ColumnCatalog

    /// A place for the rows of a window under way, in the place of what an interrupted run had spooled.
    func makeSpool(for window: Window, fingerprint: String) throws -> Spool
    /// The rows that an interrupted run had spooled for a window; nil if there are none to continue from.
    func spooled(_ window: Window, fingerprint: String) throws -> SpooledWindow?
    /// A file of a window, by its place among the window's paths. Nobody sees it before the commit.
    func makeFile(_ index: Int, of window: Window) throws -> OutputFile
    /// Makes the files and the manifest of a window visible, the manifest last, in the place of what stood there.
    ///
    /// Where it takes time, a cancelled task ends it before anything is visible; from then on it goes on to its end.
    /// - Parameter kept: The places of files that stand there already and are not touched. None was made for them.
    func commit(_ manifest: Manifest, columns: ColumnCatalog?, keeping kept: Set<Int>) async throws
    /// Forgets the files of a window that is not committed.
    /// - Parameter keepingRows: Whether a later run may go on from the rows that are spooled.
    func discard(_ window: Window, keepingRows: Bool) throws
}

extension Destination {
    public func spooled(_ window: Window, fingerprint: String) -> SpooledWindow? { nil }
}
