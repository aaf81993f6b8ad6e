/// Lines at the bottom of a terminal that are redrawn while other output scrolls above them.
///
/// A value that returns the characters to write. Lines are overwritten and their remainders cleared in a single write, which avoids
/// flicker.
public struct TerminalBlock: Sendable {
    /// The widths of the lines on the terminal.
    private var drawn: [Int] = []

    private static let clearToEndOfLine = "\u{1B}[K"
    private static let clearToEndOfScreen = "\u{1B}[J"
    // Terminals that support it show everything in between at once; others ignore it.
    private static let begin = "\u{1B}[?2026h"
    private static let end = "\u{1B}[?2026l"

    /// Creates a block of no lines.
    public init() {}

    /// Redraws the block with new lines.
    /// - Parameter width: The current width of the terminal, which may have changed.
    public mutating func draw(_ lines: [String], width: Int) -> String {
        let text = home(width) + lines.map { $0 + Self.clearToEndOfLine + "\n" }.joined() + Self.clearToEndOfScreen
        drawn = lines.map(Self.width)
        return Self.begin + text + Self.end
    }

    /// Prints lines above the block, which is drawn again.
    public mutating func print(_ text: String, above lines: [String], width: Int) -> String {
        let printed = clear(width: width) + text + "\n"
        return printed + (lines.isEmpty ? "" : draw(lines, width: width))
    }

    /// Removes the block.
    public mutating func clear(width: Int) -> String {
        defer { drawn = [] }
        return drawn.isEmpty ? "" : home(width) + Self.clearToEndOfScreen
    }

    /// The sequence that moves to the beginning of the block. If the terminal became narrower, its lines take more than one row.
    private func home(_ width: Int) -> String {
        let rows = drawn.map { max(1, ($0 + width - 1) / max(1, width)) }.reduce(0, +)
        return rows == 0 ? "" : "\u{1B}[\(rows)A\r"
    }

    /// The number of columns of a line: its characters without escape sequences.
    private static func width(of line: String) -> Int {
        var (count, isEscape) = (0, false)
        for character in line {
            if character == "\u{1B}" {
                isEscape = true
            } else if !isEscape {
                count += TerminalWidth.of(character)
            } else if character.isLetter {
                isEscape = false
            }
        }
        return count
    }
}
