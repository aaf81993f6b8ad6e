public import ExportCore

/// Where windows are committed. All state of an export is here.
public protocol Destination: Sendable {
    /// For messages: a path, or a URL.
    var name: String { get }

    /// What stands there for a window.
    func standing(of window: Window) throws -> WindowState.Standing
    /// The discovered columns.
    func columns() throws -> ColumnCatalog

    /// A place for the rows of a window under way.
    func makeSpool(for window: Window) throws -> Spool
    /// A file of a window, by its place among the window's paths. Nobody sees it before the commit.
    func makeFile(_ index: Int, of window: Window) throws -> OutputFile
    /// Makes the files and the manifest of a window visible, the manifest last, in the place of what stood there.
    func commit(_ manifest: Manifest, columns: ColumnCatalog?) throws
    /// Forgets the files of a window that is not committed.
    func discard(_ window: Window) throws
}
