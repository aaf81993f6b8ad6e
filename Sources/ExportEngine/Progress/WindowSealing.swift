import ExportCore
import ExportFormats

/// Decides which window is written next, and with which columns.
///
/// Windows are sealed one after the other, in the order of time, which fixes their columns. The next window is written ahead, while the
/// count that proves it is awaited, on the assumption that it agrees.
struct WindowSealing: Sendable {
    /// The columns known so far.
    var columns: ColumnPlan
    /// The place of the next window to seal.
    private(set) var next = 0
    /// The number of windows that are being written.
    private var encoding = 0
    /// Whether all windows are written into one file, one after the other, under the header of the first that has rows.
    private let isSequential: Bool
    /// Whether windows are written ahead. They are not in a stream, from which nothing can be removed.
    private var presumes: Bool
    private var ahead: Ahead?

    /// A window that is being written, or was written, before it is sealed.
    private struct Ahead: Sendable {
        let window: Int
        /// The outcome that the files are based on. `nil` if the window is walked once more.
        var presumed: WalkOutcome?
        /// The files of the window. `nil` while they are being written.
        var written: WrittenWindow?
    }

    init(_ columns: ColumnPlan, isSequential: Bool) {
        self.columns = columns
        self.isSequential = isSequential
        presumes = !isSequential
    }

    /// Whether the next window may be written before it is sealed.
    /// - Parameter limit: The maximum number of windows that are written at the same time.
    func mayWriteAhead(limit: Int) -> Bool { encoding < limit && ahead == nil && presumes }

    /// Writes the next window ahead. `nil` if its columns collide, which is reported when it is sealed.
    mutating func writeAhead(_ presumed: WalkedWindow) -> WindowToEncode? {
        var columns = columns
        guard let sealed = try? columns.seal(presumed) else { return nil }
        ahead = Ahead(window: next, presumed: presumed.outcome)
        encoding += 1
        return WindowToEncode(window: next, walked: presumed, encoders: sealed.encoders, isAnew: false)
    }

    /// Fixes the columns of the next window, whose rows are complete. `nil` if it has to wait.
    /// - Throws: `LayoutError`. The window is then skipped.
    mutating func seal(_ walked: WalkedWindow, limit: Int) throws -> SealedWindow? {
        // Whether the count confirmed the outcome that the files are based on.
        let isWritten = ahead?.presumed == walked.outcome
        // The same files must not be written twice at once.
        guard isWritten || encoding < limit && (ahead == nil || ahead?.written != nil) else { return nil }
        let (window, ahead) = (next, ahead)
        pass()
        if isSequential, !walked.rows.isEmpty { columns.fix(by: walked.keys, window: walked.window.key) }
        let sealed = try columns.seal(walked)
        if isWritten {
            return SealedWindow(columns: sealed, writing: ahead?.written.map { .done($0) } ?? .underWay)
        }
        encoding += 1
        // After one wrong assumption, windows are no longer written ahead.
        if ahead != nil { presumes = false }
        let toEncode = WindowToEncode(window: window, walked: walked, encoders: sealed.encoders, isAnew: ahead != nil)
        return SealedWindow(columns: sealed, writing: .begins(toEncode))
    }

    /// Moves on to the next window.
    mutating func pass() {
        ahead = nil
        next += 1
    }

    /// Records that a window is walked once more, which invalidates the files written ahead.
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

    /// The state of the window's files.
    enum Writing {
        case begins(WindowToEncode)
        /// They are being written ahead.
        case underWay
        case done(WrittenWindow)
    }
}

/// A window to write now.
struct WindowToEncode {
    /// The window's place among those that are due.
    let window: Int
    let walked: WalkedWindow
    /// The encoders, one for each output.
    let encoders: [any RowEncoder]
    /// Whether the window was already written ahead, based on a wrong outcome.
    let isAnew: Bool
}
