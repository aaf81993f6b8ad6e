import ExportCore
import ExportFormats

/// Decides which window is written next, and with which columns.
///
/// Windows are sealed one after the other, in the order of time: then their columns are fixed. The next one to be sealed is written ahead
/// while the count that is to prove it is awaited, on the presumption that it agrees.
struct WindowSealing: Sendable {
    /// The columns as far as they are known.
    var columns: ColumnPlan
    /// The place of the next window to be sealed.
    private(set) var next = 0
    /// Windows that are being written.
    private var encoding = 0
    /// Whether all windows are written into one file, one after the other, under the header of the first that has rows.
    private let isSequential: Bool
    /// Whether windows are written ahead: nothing is put into a stream that it may have to give back.
    private var presumes: Bool
    private var ahead: Ahead?

    /// A window that is written, or was, before it is sealed.
    private struct Ahead: Sendable {
        let window: Int
        /// Nil where the window is walked once more.
        var presumed: WalkOutcome?
        /// Its files. Nil while they are being written.
        var written: WrittenWindow?
    }

    init(_ columns: ColumnPlan, isSequential: Bool) {
        self.columns = columns
        self.isSequential = isSequential
        presumes = !isSequential
    }

    /// Whether the next window may be written before it is sealed.
    /// - Parameter limit: Windows that are written at the same time.
    func mayWriteAhead(limit: Int) -> Bool { encoding < limit && ahead == nil && presumes }

    /// Writes the next window ahead. Nil where its columns cannot be, which is told when it is sealed.
    mutating func writeAhead(_ presumed: WalkedWindow) -> WindowToEncode? {
        var columns = columns
        guard let sealed = try? columns.seal(presumed) else { return nil }
        ahead = Ahead(window: next, presumed: presumed.outcome)
        encoding += 1
        return WindowToEncode(window: next, walked: presumed, encoders: sealed.encoders, isAnew: false)
    }

    /// Fixes the columns of the next window, whose rows are all there. Nil where it has to wait.
    /// - Throws: `LayoutError`. The window is passed then.
    mutating func seal(_ walked: WalkedWindow, limit: Int) throws -> SealedWindow? {
        // Only the count has arrived since.
        let isWritten = ahead?.presumed == walked.outcome
        // Two do not write the same files at once.
        guard isWritten || encoding < limit && (ahead == nil || ahead?.written != nil) else { return nil }
        let (window, ahead) = (next, ahead)
        pass()
        if isSequential, !walked.rows.isEmpty { columns.fix(by: walked.keys, window: walked.window.key) }
        let sealed = try columns.seal(walked)
        if isWritten {
            return SealedWindow(columns: sealed, writing: ahead?.written.map { .done($0) } ?? .underWay)
        }
        encoding += 1
        // A service that disagreed once is waited for.
        if ahead != nil { presumes = false }
        let toEncode = WindowToEncode(window: window, walked: walked, encoders: sealed.encoders, isAnew: ahead != nil)
        return SealedWindow(columns: sealed, writing: .begins(toEncode))
    }

    /// Leaves the next window out, since it failed.
    mutating func pass() {
        ahead = nil
        next += 1
    }

    /// Takes it that a window is walked once more: what was written ahead is of the walk before.
    mutating func walkedAgain(_ window: Int) {
        if ahead?.window == window { ahead?.presumed = nil }
    }

    mutating func encoded(_ window: Int, _ written: WrittenWindow) {
        encoding -= 1
        if ahead?.window == window { ahead?.written = written }
    }

    mutating func encodingFailed() { encoding -= 1 }
}

/// A window whose columns are fixed.
struct SealedWindow {
    let columns: ColumnPlan.Sealed
    let writing: Writing

    /// How far its files are.
    enum Writing {
        case begins(WindowToEncode)
        /// They are being written ahead.
        case underWay
        case done(WrittenWindow)
    }
}

/// A window that is to be written now.
struct WindowToEncode {
    /// Its place among those that are due.
    let window: Int
    let walked: WalkedWindow
    /// One for each output.
    let encoders: [any RowEncoder]
    /// Whether it was written already, and is not what it was presumed to be.
    let isAnew: Bool
}
