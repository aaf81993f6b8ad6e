import Crypto
import ExportCore
import ExportFormats
import ExportWarehouse

/// Computes the digest of a row in a table: the first eight bytes of a SHA-256 of its cells that are not null, each with its column's name.
///
/// It does not depend on the order of the columns, nor on columns that are null, nor on volatile values.
struct TableRowDigester {
    private struct Part {
        let cell: Int
        /// The name and its length.
        let name: [UInt8]
        let volatile: VolatileValues
    }

    private let parts: [Part]
    private var material: [UInt8] = []

    init(_ columns: [LoadTable.Column]) {
        parts = columns.enumerated().map { index, column in
            Part(cell: index, name: Self.length(column.name.utf8.count) + Array(column.name.utf8), volatile: column.volatile)
        }.sorted { $0.name.lexicographicallyPrecedes($1.name) }
    }

    mutating func digest(_ row: RowCells) -> Int64 {
        material.removeAll(keepingCapacity: true)
        for part in parts where row.cells[part.cell] != nil && part.volatile != .cell {
            material += part.name
            let place = material.count
            material.append(contentsOf: repeatElement(0, count: Self.lengthBytes))
            row.append(cell: part.cell, without: part.volatile, to: &material)
            let count = material.count - place - Self.lengthBytes
            for byte in 0..<Self.lengthBytes { material[place + byte] = Self.byte(byte, of: count) }
        }
        let hash = SHA256.hash(data: material).prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return Int64(bitPattern: hash)
    }

    private static let lengthBytes = 8

    private static func length(_ count: Int) -> [UInt8] { (0..<lengthBytes).map { byte($0, of: count) } }

    private static func byte(_ place: Int, of count: Int) -> UInt8 {
        UInt8(truncatingIfNeeded: count >> (8 * (lengthBytes - 1 - place)))
    }
}
