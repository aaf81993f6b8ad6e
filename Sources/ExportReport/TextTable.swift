import ExportCore

/// A table that fits the width of a terminal.
public struct TextTable: Sendable {
    private let titles: [String]
    private let rows: [[String]]

    /// The maximum width of a cell, unless there is room left.
    private static let widest = 24
    private static let narrowest = 4

    /// Creates a table.
    /// - Parameter rows: The rows, each with as many cells as there are titles.
    public init(_ titles: [String], _ rows: [[String]]) {
        self.titles = titles.map(Self.visible)
        self.rows = rows.map { $0.map(Self.visible) }
    }

    /// The table's lines, and one that lists the columns for which there was no room.
    public func lines(width: Int) -> [String] {
        let wanted = titles.indices.map { column in
            max(Self.narrowest, TerminalWidth.of(titles[column]), rows.map { TerminalWidth.of($0[column]) }.max() ?? 0)
        }
        var widths: [Int] = []
        for column in titles.indices {
            let next = min(wanted[column], Self.widest)
            guard widths.isEmpty || widths.reduce(0, +) + 2 * widths.count + next <= width else { break }
            widths.append(min(next, width))
        }
        // Spare width goes to the columns that were cut, the first ones first.
        var spare = width - widths.reduce(0, +) - 2 * max(0, widths.count - 1)
        for column in widths.indices where widths.count == titles.count {
            let more = min(spare, wanted[column] - widths[column])
            if more > 0 { (widths[column], spare) = (widths[column] + more, spare - more) }
        }
        let left = titles.dropFirst(widths.count)
        let rest =
            left.isEmpty
            ? [] : [cut("… and \(Figures.count(left.count, "column")) more: \(left.joined(separator: ", "))", to: width)]
        return ([titles] + rows).map { line($0, widths) } + rest
    }

    private func line(_ cells: [String], _ widths: [Int]) -> String {
        let line = zip(cells, widths).map { cell, width in
            let text = cut(cell, to: width)
            return text + String(repeating: " ", count: max(0, width - TerminalWidth.of(text)))
        }.joined(separator: "  ")
        return String(String.UnicodeScalarView(line.unicodeScalars.reversed().drop { $0 == " " }.reversed()))
    }

    private func cut(_ text: String, to width: Int) -> String {
        guard TerminalWidth.of(text) > width else { return text }
        return TerminalWidth.prefix(of: text, upTo: width - 1) + "…"
    }

    /// The text on one line, without control characters.
    private static func visible(_ text: String) -> String {
        text.replacingExactly("\r\n", with: "⏎").replacingExactly("\n", with: "⏎").replacingExactly("\t", with: " ").shown()
    }
}
