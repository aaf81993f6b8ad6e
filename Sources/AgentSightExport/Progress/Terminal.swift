import ExportCore
import ExportReport
import Foundation
import Synchronization

/// Standard error as a terminal: permanent lines, and those of a live display below them.
final class Terminal: Sendable {
    static let shared = Terminal()

    private struct State {
        var block = TerminalBlock()
        var lines: [String] = []
    }

    private let state = Mutex(State())

    /// Prints a line, above what is drawn.
    func print(_ line: String) {
        state.withLock { Self.write($0.block.print(line, above: $0.lines, width: Self.width)) }
    }

    /// Prints the beginning of a line that is continued later.
    func prompt(_ text: String) {
        state.withLock { _ in Self.write(text) }
    }

    /// Draws lines in place of those that are drawn.
    func draw(_ lines: (_ width: Int) -> [String]) {
        state.withLock { state in
            let width = Self.width
            state.lines = lines(width)
            Self.write(state.block.draw(state.lines, width: width))
        }
    }

    /// Removes what is drawn.
    func clear() {
        state.withLock { state in
            state.lines = []
            Self.write(state.block.clear(width: Self.width))
        }
    }

    /// Writes text. If standard error was closed, the work continues without messages.
    private static func write(_ text: String) {
        if !text.isEmpty { try? FileHandle.standardError.write(contentsOf: Data(text.utf8)) }
    }

    /// Whether standard error is a terminal that lines can be drawn on.
    static var isCapable: Bool {
        let kind = ProcessInfo.processInfo.environment["TERM"] ?? ""
        return isatty(STDERR_FILENO) == 1 && !kind.isEmpty && kind != "dumb"
    }

    private static var width: Int { width(of: STDERR_FILENO) }

    /// In columns; 80 where it is not known, as of what is no terminal.
    static func width(of file: Int32) -> Int {
        var size = winsize()
        return ioctl(file, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
    }

    /// `NO_COLOR` is heeded for weights too; what is not ASCII needs a locale of UTF-8.
    static var style: LiveText.Style {
        let environment = ProcessInfo.processInfo.environment
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty } ?? ""
        let isUTF8 = ["UTF-8", "UTF8"].contains(where: locale.uppercased().containsExactly)
        return LiveText.Style(usesBold: environment["NO_COLOR", default: ""].isEmpty, usesUnicode: isUTF8)
    }
}
