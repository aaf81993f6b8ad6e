public import ExportCore

/// The cells of one row for loading into a table: text in UTF-8, or null.
///
/// A reader reuses the same value for all rows, so that a row needs no allocation.
public struct RowCells: Sendable {
    /// The concatenated text of all cells.
    public private(set) var bytes: [UInt8] = []
    /// The range of each cell's text in `bytes`. `nil` for null.
    public private(set) var cells: [Range<Int>?]
    /// The number of characters in the row that were replaced because a system cannot store them.
    public private(set) var replacedCharacters = 0

    init(count: Int) {
        cells = [Range<Int>?](repeating: nil, count: count)
    }

    /// A cell as text. `nil` for null.
    public func text(_ cell: Int) -> String? {
        cells[cell].map { String(decoding: bytes[$0], as: UTF8.self) }
    }

    mutating func clear() {
        bytes.removeAll(keepingCapacity: true)
        for index in cells.indices { cells[index] = nil }
        replacedCharacters = 0
    }

    mutating func setNull(_ cell: Int) { cells[cell] = nil }

    /// Sets a cell to what `append` writes.
    mutating func set(_ cell: Int, replacing isReplacing: Bool, _ append: (inout [UInt8]) -> Void) {
        let start = bytes.count
        append(&bytes)
        if isReplacing { replacedCharacters += bytes.replaceZeros(from: start) }
        cells[cell] = start..<bytes.count
    }

    /// Sets a cell to JSON.
    mutating func set(_ cell: Int, replacing isReplacing: Bool, json text: Span<UInt8>, _ value: Range<Int>) {
        let start = bytes.count
        if isReplacing {
            replacedCharacters += JSONText.appendReplacing(text, value, to: &bytes)
        } else {
            bytes.append(text, value)
        }
        cells[cell] = start..<bytes.count
    }
}

/// A column whose cells are read.
public struct CellColumn: Sendable, Hashable {
    /// The key or the header in the file.
    public let name: String
    /// The type of the column.
    public let type: ColumnType

    /// Creates a column of a file.
    public init(name: String, type: ColumnType) {
        self.name = name
        self.type = type
    }
}

extension [UInt8] {
    /// Replaces each U+0000 by U+FFFD.
    /// - Returns: The number of replacements.
    fileprivate mutating func replaceZeros(from start: Int) -> Int {
        guard self[start...].contains(0) else { return 0 }
        let text = Array(self[start...])
        removeSubrange(start...)
        var count = 0
        for byte in text {
            if byte == 0 {
                append(contentsOf: [0xEF, 0xBF, 0xBD])
                count += 1
            } else {
                append(byte)
            }
        }
        return count
    }
}

extension JSONText {
    /// Appends JSON, with escapes that databases refuse (U+0000 and unpaired surrogates) replaced by U+FFFD.
    /// - Returns: The number of replacements.
    static func appendReplacing(_ text: Span<UInt8>, _ value: Range<Int>, to output: inout [UInt8]) -> Int {
        var (count, position) = (0, value.lowerBound)
        while position < value.upperBound {
            let run = position..<nextBackslash(text, position..<value.upperBound)
            output.append(text, run)
            position = run.upperBound
            guard position < value.upperBound else { break }
            let rest = position..<value.upperBound
            guard let first = codeUnit(text, rest) else {
                let end = min(position + 2, value.upperBound)
                output.append(text, position..<end)
                position = end
                continue
            }
            let second = codeUnit(text, min(position + 6, value.upperBound)..<value.upperBound)
            if (0xD800..<0xDC00).contains(first), let second, (0xDC00..<0xE000).contains(second) {
                output.append(text, position..<(position + 12))
                position += 12
            } else if first == 0 || (0xD800..<0xE000).contains(first) {
                output.append(#"\ufffd"#)
                count += 1
                position += 6
            } else {
                output.append(text, position..<(position + 6))
                position += 6
            }
        }
        return count
    }
}
