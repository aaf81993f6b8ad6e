import ExportCore

/// Reads the cells of a Parquet file that this program wrote, a row group at a time: each column is one of the file's.
struct ParquetCellReader: CellReader {
    private let columns: [CellColumn]
    private let isReplacing: Bool
    /// The index of each column in the file. `nil` if the file has no column with that name.
    private let places: [Int?]
    private var groups: ParquetGroupReader
    private var cells: RowCells

    init(_ columns: [CellColumn], of footer: ParquetFooter, replacing isReplacing: Bool) {
        self.columns = columns
        self.isReplacing = isReplacing
        let names = footer.columns.map { Array($0.name.utf8) }
        places = columns.map { names.firstIndex(of: Array($0.name.utf8)) }
        let read = Set(places.compactMap(\.self))
        groups = ParquetGroupReader(footer) { read.contains($0) ? .texts(ColumnTexts()) : .nothing }
        cells = RowCells(count: columns.count)
    }

    mutating func read(_ chunk: Span<UInt8>, _ body: (RowCells) throws -> Void) throws {
        let (columns, places, isReplacing) = (columns, places, isReplacing)
        var cells = cells
        try groups.read(chunk) { rows, kept in
            let texts: [ColumnTexts?] = places.map { place in
                if let place, case .texts(let texts) = kept[place] { texts } else { nil }
            }
            for row in 0..<rows {
                cells.clear()
                for (cell, column) in texts.enumerated() {
                    guard let column, let value = column.values[row] else { continue }
                    if columns[cell].type == .json {
                        cells.set(cell, replacing: isReplacing, json: column.bytes.span, value)
                    } else {
                        cells.set(cell, replacing: isReplacing) { $0.append(contentsOf: column.bytes[value]) }
                    }
                }
                try body(cells)
            }
        }
        self.cells = cells
    }

    mutating func finish() throws(RowReadError) { try groups.finish() }
}
