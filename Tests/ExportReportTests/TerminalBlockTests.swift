import ExportReport
import Testing

@Suite struct TerminalBlockTests {
    @Test("a block is drawn over itself, and what is printed stands above it")
    func draws() {
        var (block, screen) = (TerminalBlock(), Screen(width: 20))
        screen.write("$ run\n")
        screen.write(block.draw(["one 1", "two"], width: 20))
        screen.write(block.draw(["one", "two 2"], width: 20))
        #expect(screen.rows == ["$ run", "one", "two 2"])
        screen.write(block.print("warning: w", above: ["one", "two 3"], width: 20))
        #expect(screen.rows == ["$ run", "warning: w", "one", "two 3"])
        screen.write(block.draw(["only"], width: 20))
        #expect(screen.rows == ["$ run", "warning: w", "only"])
        screen.write(block.clear(width: 20) + "done\n")
        #expect(screen.rows == ["$ run", "warning: w", "done"])
    }

    @Test("on a terminal that became narrower the rows that its lines take now are drawn over")
    func narrower() {
        var (block, screen) = (TerminalBlock(), Screen(width: 20))
        screen.write("$ run\n" + block.draw(["\u{1B}[1m123456789\u{1B}[0m 123456789", "two"], width: 20))
        screen.resize(to: 8)
        #expect(screen.rows == ["$ run", "12345678", "9 123456", "789", "two"])
        screen.write(block.draw(["1234567", "two"], width: 8))
        #expect(screen.rows == ["$ run", "1234567", "two"])
    }

    @Test("where nothing is drawn, nothing is cleared")
    func idle() {
        var block = TerminalBlock()
        #expect(block.clear(width: 80).isEmpty)
        #expect(block.print("line", above: [], width: 20) == "line\n")
    }
}

/// A terminal, as far as a block needs one: it wraps, moves up, and clears; and it wraps anew when its width changes.
private struct Screen {
    private var width: Int
    /// Lines as they were written, and whether each goes on in the next row.
    private var grid: [(text: [Character], goesOn: Bool)] = [([], false)]
    private var row = 0
    private var column = 0

    init(width: Int) { self.width = width }

    var rows: [String] { grid.map { String($0.text) }.reversed().drop(while: \.isEmpty).reversed() }

    mutating func write(_ text: String) {
        // Scalars: Swift takes a carriage return and a line feed for one character.
        var rest = text.unicodeScalars[...]
        while let next = rest.popFirst() {
            switch next {
            case "\n": moveDown(goesOn: false)
            case "\r": column = 0
            case "\u{1B}":
                let sequence = rest.prefix { !$0.properties.isAlphabetic }
                rest = rest.dropFirst(sequence.count)
                control(rest.popFirst(), Int(String(sequence.dropFirst())) ?? 1)
            default: put(Character(next))
            }
        }
    }

    private mutating func control(_ command: Unicode.Scalar?, _ number: Int) {
        switch command {
        case "A": row = max(0, row - number)
        case "K": grid[row].text = Array(grid[row].text.prefix(column))
        case "J":
            grid[row].text = Array(grid[row].text.prefix(column))
            grid.removeSubrange((row + 1)...)
        default: break
        }
    }

    private mutating func put(_ character: Character) {
        if column == width { moveDown(goesOn: true) }
        while grid[row].text.count <= column { grid[row].text.append(" ") }
        grid[row].text[column] = character
        column += 1
    }

    private mutating func moveDown(goesOn: Bool) {
        grid[row].goesOn = goesOn
        (row, column) = (row + 1, 0)
        if row == grid.count { grid.append(([], false)) }
    }

    mutating func resize(to width: Int) {
        self.width = width
        var lines: [[Character]] = []
        var isRest = false
        for (text, goesOn) in grid {
            if isRest { lines[lines.count - 1] += text } else { lines.append(text) }
            isRest = goesOn
        }
        grid = lines.flatMap { line in
            stride(from: 0, to: max(1, line.count), by: width).map { start in
                (Array(line[start..<min(line.count, start + width)]), start + width < line.count)
            }
        }
        (row, column) = (grid.count - 1, 0)
    }
}
