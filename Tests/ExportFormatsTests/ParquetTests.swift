import ExportCore
import Testing

@testable import ExportFormats

/// What a file holds is read back by other people's readers in `integration/parquet.py`, and by one in Python in the fuzz tests.
@Suite("Rows are written as Parquet")
struct ParquetTests {
    private static let columns = [
        Column(path: ["id"], type: .integer), Column(path: ["started_at"], type: .timestamp), Column(path: ["text"], type: .string),
        Column(path: ["score"], type: .number), Column(path: ["flag"], type: .boolean), Column(path: ["list"], type: .json),
    ]

    private static func layout() throws -> TableLayout { try TableLayout(columns.map(ColumnSelector.column)) }

    private static func file(
        _ rows: [String], compression: Output.Compression = .gzip(level: nil), layout: TableLayout? = nil
    ) throws -> [UInt8] {
        var (encoder, file) = (ParquetEncoder(layout: try layout ?? Self.layout(), compression: compression), [UInt8]())
        encoder.appendHeader(to: &file)
        for row in rows { try encoder.append(row: Array(row.utf8).span, to: &file) }
        try encoder.appendFooter(to: &file)
        return file
    }

    private static func footer(of file: [UInt8]) throws -> ParquetFooter {
        let extent = try ParquetFooter.extent(tail: Array(file.suffix(ParquetFooter.tailSize)), fileSize: file.count)
        return try ParquetFooter(Array(file[extent]), at: extent.lowerBound)
    }

    /// The rows as `verify` sees them.
    private static func rows(
        of file: [UInt8], footer: ParquetFooter? = nil, chunk: Int = 1000, columns: [String] = columns.map(\.name)
    ) throws -> [WrittenRow] {
        var reader = ParquetRowReader(
            try footer ?? Self.footer(of: file), keys: .init(id: "id", startedAt: "started_at"), columns: columns)
        var rows: [WrittenRow] = []
        for start in stride(from: 0, to: file.count, by: chunk) {
            try reader.read(file.span.extracting(start..<min(file.count, start + chunk))) { rows.append($0) }
        }
        try reader.finish()
        return rows
    }

    private static func row(_ id: Int) -> String {
        """
        {"id":\(id),"started_at":"2026-01-01T00:00:00.\(100_000 + id % 900_000)Z","text":"text \(id % 7)","score":\(id).5,\
        "flag":\(id.isMultiple(of: 2)),"list":[\(id)]}
        """
    }

    private static func written(_ id: Int) -> WrittenRow {
        WrittenRow(id: Int64(id), startedAt: Instant(microseconds: 1_767_225_600_000_000 + Int64(100_000 + id % 900_000)))
    }

    @Test(
        "what is written is read back, in chunks of any size",
        arguments: [Output.Compression.none, .gzip(level: nil), .gzip(level: 9)], [1, 7, 100_000])
    func roundTrip(compression: Output.Compression, chunk: Int) throws {
        let file = try Self.file((1...300).map(Self.row), compression: compression)
        #expect(try Self.rows(of: file, chunk: chunk) == (1...300).map(Self.written))
    }

    @Test("a file without rows has no row group, and all columns")
    func empty() throws {
        let file = try Self.file([])
        let footer = try Self.footer(of: file)
        #expect(footer.groups.isEmpty)
        #expect(footer.columns.map(\.name) == Self.columns.map(\.name))
        #expect(footer.columns.map(\.type) == [.integer, .timestamp, .text, .number, .boolean, .text])
        #expect(try Self.rows(of: file) == [])
    }

    @Test("a row group ends with 122,880 rows, and the next begins behind it")
    func groupRows() throws {
        let layout = try TableLayout([.column(Self.columns[0]), .column(Self.columns[1])])
        let rows = (1...122_881).map { #"{"id":\#($0),"started_at":"2026-01-01T00:00:00Z"}"# }
        let footer = try Self.footer(of: Self.file(rows, layout: layout))
        #expect(footer.groups.map(\.rows) == [122_880, 1])
    }

    @Test("a row group ends with 4 MiB in memory, over all columns, whatever its rows")
    func groupSize() throws {
        let filling = String(repeating: "x", count: 1 << 20)
        let rows = (0..<30).map { #"{"id":\#($0),"text":"\#($0)\#(filling)","list":["\#($0)\#(filling)"]}"# }
        #expect(try Self.footer(of: Self.file(rows, compression: .none)).groups.map(\.rows) == Array(repeating: 2, count: 15))
    }

    @Test("nulls, missing values and misfits are null; the bounds are of the values that are there")
    func bounds() throws {
        let file = try Self.file([
            #"{"id":5,"started_at":null,"text":"b","score":-0.0,"flag":true,"list":{}}"#,
            #"{"id":"x","started_at":"2026-01-01T00:00:00+01:00","text":"é","score":0.0,"flag":1}"#,
            #"{"id":-7,"text":"","score":"a","list":null}"#,
        ])
        let group = try #require(try Self.footer(of: file).groups.first)
        #expect(group.chunks.map(\.nulls) == [1, 2, 0, 1, 2, 2])
        let word = { (value: Int64) in (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
        #expect(group.chunks[0].low == word(-7) && group.chunks[0].high == word(5))
        #expect(group.chunks[1].low == word(1_767_222_000_000_000) && group.chunks[1].high == group.chunks[1].low)
        #expect(group.chunks[2].low == [] && group.chunks[2].high == Array("é".utf8))
        // -0 and 0 are equal, and a reader may take either for the other.
        #expect(group.chunks[3].low == word(.min) && group.chunks[3].high == word(0))
        #expect(group.chunks[4].low == [1] && group.chunks[4].high == [1])
        #expect(group.chunks[5].low == nil && group.chunks[5].high == nil)
    }

    @Test("a text that is too long for a bound leaves both out", arguments: [(64, true), (65, false)])
    func longBounds(length: Int, hasBounds: Bool) throws {
        let rows = ["a", String(repeating: "z", count: length)].map { #"{"id":1,"text":"\#($0)"}"# }
        let text = try #require(try Self.footer(of: Self.file(rows)).groups.first?.chunks[2])
        #expect((text.low != nil) == hasBounds)
        #expect((text.high != nil) == hasBounds)
    }

    @Test("equal rows give equal bytes, however a copy of the encoder came about")
    func repeatable() throws {
        let rows = (1...500).map(Self.row)
        #expect(try Self.file(rows) == Self.file(rows))
    }

    @Test("a file that is damaged in any byte of a page is found out, and never trusted")
    func damage() throws {
        let file = try Self.file((1...20).map(Self.row))
        let footer = try Self.footer(of: file)
        for place in 0..<footer.start {
            var damaged = file
            damaged[place] ^= 0x10
            #expect(throws: RowReadError.self, "byte \(place)") { try Self.rows(of: damaged, footer: footer) }
        }
    }

    @Test("statistics that are not those of the values are found out")
    func statistics() throws {
        let footer = try Self.footer(of: Self.file((10..<30).map(Self.row), compression: .none))
        let extents = footer.groups.flatMap { $0.chunks.map(\.extent) }
        // Of other rows, whose pages are as long.
        let other = try #require(
            try (11...70).lazy.map { try Self.file(($0..<$0 + 20).map(Self.row), compression: .none) }.first {
                try Self.footer(of: $0).groups.flatMap { $0.chunks.map(\.extent) } == extents
            })
        #expect(throws: RowReadError.parquet(.statistics(column: "id", group: 1))) { try Self.rows(of: other, footer: footer) }
    }

    @Test("columns that are not those of the manifest are found out")
    func otherColumns() throws {
        let file = try Self.file([Self.row(1)])
        var columns = Self.columns.map(\.name)
        columns[3] = "other"
        #expect(throws: RowReadError.parquet(.columns)) { try Self.rows(of: file, columns: columns) }
    }

    @Test("whatever the footer says, it is read or refused")
    func damagedFooter() throws {
        let file = try Self.file((1...20).map(Self.row))
        let start = try Self.footer(of: file).start
        var refused = 0
        for place in start..<file.count {
            for bit in 0..<8 {
                var damaged = file
                damaged[place] ^= 1 << UInt8(bit)
                do { _ = try Self.rows(of: damaged) } catch is RowReadError { refused += 1 }
            }
        }
        #expect(refused > file.count - start)
    }

    @Test("a file that ends early has no footer", arguments: [0, 3, 7, 8, 100])
    func truncated(length: Int) throws {
        let file = Array(try Self.file((1...20).map(Self.row)).prefix(length))
        #expect(throws: RowReadError.parquet(.noFooter)) { try Self.footer(of: file) }
    }

    @Test("values of one run and of many, packed or not, come back in their order", arguments: [1, 2, 3, 7, 8, 9, 15, 17])
    func runs(bitWidth: Int) throws {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<50 {
            var values: [UInt32] = []
            while values.count < 100 {
                let value = UInt32.random(in: 0..<1 << UInt32(bitWidth), using: &generator)
                values += Array(repeating: value, count: Int.random(in: 1...20, using: &generator))
            }
            var bytes: [UInt8] = []
            HybridRuns.append(values, bitWidth: bitWidth, to: &bytes)
            var reader = HybridRunReader(0..<bytes.count, bitWidth: bitWidth)
            #expect(values.indices.map { _ in reader.next(bytes.span) } == values)
        }
    }
}
