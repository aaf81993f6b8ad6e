/// Lines at the lower end of a terminal that are drawn again and again, with what is printed scrolling by above them.
///
/// A value: it gives the characters to write. Lines are written over, and what is left of them is cleared behind them, so that nothing
/// flickers; one write brings it all.
public struct TerminalBlock: Sendable {
    /// How wide the lines are that stand on the terminal.
    private var drawn: [Int] = []

    private static let clearToEndOfLine = "\u{1B}[K"
    private static let clearToEndOfScreen = "\u{1B}[J"
    // Terminals that know it show all that comes in between at once; others take no notice.
    private static let begin = "\u{1B}[?2026h"
    private static let end = "\u{1B}[?2026l"

    /// Creates a block of no lines.
    public init() {}

    /// Draws the lines in place of those that stand there.
    /// - Parameter width: Of the terminal now; it may have changed.
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

    /// To the beginning of the block. On a terminal that became narrower since, its lines take more rows than one.
    private func home(_ width: Int) -> String {
        let rows = drawn.map { max(1, ($0 + width - 1) / max(1, width)) }.reduce(0, +)
        return rows == 0 ? "" : "\u{1B}[\(rows)A\r"
    }

    /// Columns that a line takes: its characters but for escape sequences.
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
